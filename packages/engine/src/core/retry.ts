/** How a function's failed attempts are repeated. */
export interface RetryPolicy {
  /** Attempts beyond the first. */
  readonly retries: number
  /** Before the first retry. */
  readonly delayMs: number
  /** What each further delay is multiplied by; 1 keeps it. */
  readonly backoff: number
  /** No delay is longer. */
  readonly maxDelayMs: number
  /** Whether the delay is drawn from the upper half of its range, so that many failures do not come back at once. */
  readonly jitter: boolean
}

/** Where no `maxDelay` is given: a day. */
export const longestDelayMs = 86_400_000

/**
 * How long to wait before retry number `retry` (1 for the first):
 *
 *     min(maxDelay, delay · backoff^(retry − 1))        with jitter: that · (0.5 … 1)
 *
 * `random` is a number from 0 to 1; without jitter it is not looked at.
 */
export function retryDelay(policy: RetryPolicy, retry: number, random: number): number {
  const grown = policy.delayMs * policy.backoff ** (retry - 1)
  const capped = Number.isFinite(grown) ? Math.min(policy.maxDelayMs, grown) : policy.maxDelayMs
  return Math.round(policy.jitter ? capped * (0.5 + random / 2) : capped)
}
