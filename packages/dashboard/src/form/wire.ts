import type { Json } from '@taskloom/protocol'
import type { Issue } from './check.ts'
import type { Value } from './json-text.ts'
import { leavesOf, pathWords } from './path.ts'

/** A value as it can be sent. Big integers are numbers there, so call {@link inexactNumbers} first. */
export function toWire(value: Value): Json {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return (value as readonly Value[]).map(toWire)
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toWire(item)]))
}

/** Numbers that whoever reads them would round: they are refused here rather than changed on the way. */
export function inexactNumbers(value: Value): readonly Issue[] {
  return leavesOf(value).flatMap(([path, leaf]) => {
    if (typeof leaf !== 'bigint' || BigInt(Number(leaf)) === leaf) return []
    const text = 'This number would be rounded on the way: write it as a text, in quotes'
    return [{ path: pathWords(path), words: { text } }]
  })
}
