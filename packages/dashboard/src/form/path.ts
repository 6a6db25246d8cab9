import type { Value } from './json-text.ts'
import type { Path } from './schema.ts'

/** A place as the protocol writes it: `[0].email`. */
export function pathWords(path: Path): string {
  return path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
}

/** What stands at a place; undefined where there is nothing. */
export function valueAt(value: Value | undefined, path: Path): Value | undefined {
  let place: unknown = value
  for (const step of path) {
    if (typeof place !== 'object' || place === null || !Object.hasOwn(place, step)) return undefined
    place = (place as Readonly<Record<string | number, unknown>>)[step]
  }
  return place as Value | undefined
}

/** The same value with another one at a place; undefined takes a name away. What is missing on the way is made. */
export function withValueAt(value: Value | undefined, path: Path, inner: Value | undefined): Value | undefined {
  const [step, ...rest] = path
  if (step === undefined) return inner
  if (typeof step === 'number') {
    const list = Array.isArray(value) ? [...(value as readonly Value[])] : []
    while (list.length < step) list.push(null)
    list[step] = withValueAt(list[step], rest, inner) ?? null
    return list
  }
  const members = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
  const changed = withValueAt((members as Readonly<Record<string, Value>>)[step], rest, inner)
  const isThere = Object.hasOwn(members, step)
  const entries = Object.entries(members as Readonly<Record<string, Value>>)
    .map(([name, each]): readonly [string, Value | undefined] => [name, name === step ? changed : each])
    .concat(isThere ? [] : [[step, changed]])
  return Object.fromEntries(entries.filter((entry): entry is readonly [string, Value] => entry[1] !== undefined))
}

/** Everything in a value that holds nothing more, with its place. */
export function leavesOf(value: Value, path: Path = []): readonly (readonly [Path, Value])[] {
  if (typeof value !== 'object' || value === null) return [[path, value]]
  const inner = Array.isArray(value)
    ? (value as readonly Value[]).map((item, index) => [index, item] as const)
    : Object.entries(value)
  if (inner.length === 0) return [[path, value]]
  return inner.flatMap(([step, item]) => leavesOf(item, [...path, step]))
}
