import { parseDuration, type Duration } from './duration.ts'
import { TaskError } from './errors.ts'
import { integerOption, rejectUnknown } from './option.ts'

/** How often attempts may start in this process. */
export interface RateLimitOptions {
  /** Attempts in each `per`; after a pause so many may start at once. 1 to 1,000,000. */
  readonly max: number
  /** One millisecond to a day. */
  readonly per: Duration
}

/** A bucket of `max` tokens into which one more falls every `perMs / max`. */
export interface RateLimit {
  readonly max: number
  readonly perMs: number
}

const longestPerMs = 86_400_000
/** Fractions of a millisecond that are lost in adding. */
const tolerance = 0.01

/** Throws `bad_option` that names `option` when it is not a rate limit. */
export function parseRateLimit(input: unknown, option: string): RateLimit {
  rejectUnknown(input, ['max', 'per'])
  const { max, per } = input as { readonly max?: unknown; readonly per?: unknown }
  const perMs = parseDuration(per, `${option}.per`)
  if (perMs < 1 || perMs > longestPerMs) {
    const message = `${option}.per: expected from one millisecond to a day`
    throw new TaskError('bad_option', { message, option: `${option}.per` })
  }
  return { max: integerOption(max, `${option}.max`, 1, 1_000_000), perMs }
}

/**
 * The first instant with a token to take. The whole state of a bucket is `fullAt`, the instant at which it is full again;
 * −∞ for a new one. A clock that was set back never costs more than one `perMs`.
 */
export function nextTokenAt({ max, perMs }: RateLimit, fullAt: number, now: number): number {
  return Math.ceil(Math.min(fullAt, now + perMs) - perMs + perMs / max - tolerance)
}

/** The bucket's `fullAt` after a token was taken from it. */
export function takeToken({ max, perMs }: RateLimit, fullAt: number, now: number): number {
  return Math.max(Math.min(fullAt, now + perMs), now) + perMs / max
}

/** The bucket's `fullAt` after a token was put back that was taken for nothing. */
export function returnToken({ max, perMs }: RateLimit, fullAt: number): number {
  return fullAt - perMs / max
}
