import { TaskError } from './errors.ts'

/** Milliseconds as a number, or text such as `'250ms'`, `'2s'`, `'5m'`, `'1h30m'`, `'7d'`. */
export type Duration = number | string

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}
const part = /(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/gy
/** A hundred years. */
export const longestMs = 100 * 365 * 86_400_000

/** Reads a duration into milliseconds; throws `bad_option` that names `option` when it is not one. */
export function parseDuration(input: unknown, option: string): number {
  const ms = typeof input === 'number' ? input : typeof input === 'string' ? parseText(input) : Number.NaN
  if (ms >= 0 && ms <= longestMs) return Math.round(ms)
  throw new TaskError('bad_option', {
    message: `${option}: expected milliseconds or a text such as '2s', '5m', '1h30m'`,
    option,
  })
}

/** The shortest text that {@link parseDuration} reads back to the same whole milliseconds. */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms)
  let text = ''
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const amount = Math.floor(rest / unitMs[unit]!)
    if (amount > 0) text += `${amount}${unit}`
    rest -= amount * unitMs[unit]!
  }
  return text || '0s'
}

function parseText(text: string): number {
  const compact = text.replace(/\s+/g, '')
  if (compact === '' || compact.length > 50) return Number.NaN
  let total = 0
  part.lastIndex = 0
  while (part.lastIndex < compact.length) {
    const match = part.exec(compact)
    if (!match) return Number.NaN
    total += Number(match[1]) * unitMs[match[2]!]!
  }
  return total
}
