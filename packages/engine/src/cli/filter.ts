import { parseWindow } from '@taskloom/protocol'
import { usageError } from './exit.ts'
import type { Input } from './input.ts'
import type { OptionName } from './options.ts'

/** The options that choose tasks. */
export const filtering: readonly OptionName[] = [
  'status',
  'func',
  'queue',
  'tag',
  'source',
  'since',
  'until',
  'window',
  'q',
]

const repeated = { status: 'status', func: 'func_name', queue: 'queue', source: 'source', tag: 'tag' } as const

/** The query of the list for the options that were given; the server judges their values. */
export function filterParams(input: Input, now: number): URLSearchParams {
  const params = new URLSearchParams()
  for (const [option, name] of Object.entries(repeated) as [keyof typeof repeated, string][]) {
    for (const value of input.list(option)) params.append(name, option === 'tag' ? readTag(value) : value)
  }
  for (const name of ['since', 'until'] as const) {
    const text = input.text(name)
    if (text !== undefined) params.set(name, new Date(readTime(text, name, now)).toISOString())
  }
  for (const name of ['window', 'q'] as const) {
    const text = input.text(name)
    if (text !== undefined) params.set(name, text)
  }
  return params
}

/** `6h` ago, or an instant; epoch milliseconds. */
export function readTime(text: string, option: OptionName, now: number): number {
  const ago = parseWindow(text)
  const at = ago === null ? Date.parse(text) : now - ago
  if (ago !== null || /^\d{4}-\d\d-\d\d/.test(text)) if (Number.isFinite(at)) return Math.max(0, at)
  throw usageError(`--${option}: expected 15m, 6h, 7d or an ISO 8601 instant, not ${text}`)
}

/** `30d` as the history of the protocol counts. */
export function readSpan(text: string | undefined): {
  readonly value: number
  readonly unit: string
  readonly ms: number
} {
  const ms = text === undefined ? null : parseWindow(text)
  if (text === undefined || ms === null) throw usageError('--older-than: expected a span such as 90m, 12h or 30d')
  const unit = { m: 'min', h: 'hour', d: 'day' }[text.at(-1) as 'm' | 'h' | 'd']
  return { value: Number(text.slice(0, -1)), unit, ms }
}

/** Also `key=value`, as other tools write it. */
function readTag(text: string): string {
  return /^[^:=]+=/.test(text) ? text.replace('=', ':') : text
}
