import { parseDuration, type Duration } from './duration.ts'

/** What a retry policy is told of an attempt that failed. */
export interface RetryContext {
  /** What was thrown; a `TimeoutError` when the attempt took too long. */
  readonly error: unknown
  /** The task whose attempt failed. */
  readonly taskId: string
  /** Its function. */
  readonly funcName: string
  /** What it was enqueued with. */
  readonly tags: Readonly<Record<string, string>>
  /** The attempt that failed: 1 for the first. */
  readonly attempt: number
  /** Retries that were made already: 0 after the first attempt, unless it was interrupted. */
  readonly retriesUsed: number
  /** Retries there may be in all. */
  readonly maxRetries: number
  /** What `delay`, `backoff`, `maxDelay` and `jitter` would give, in milliseconds. */
  readonly delayMs: number
}

/**
 * Says how long to wait before the next attempt, or that there is none: `'fail'` or `false`. It must answer at once and
 * not change anything; what it throws, or an answer that is none, is told as a fault and the usual delay is taken.
 */
export type RetryPolicyFunction = (context: RetryContext) => Duration | false

/** Whether an error is worth another attempt. */
export type RetryIf = (error: unknown) => boolean

/** What the function's own rules say of a failed attempt; `note` is for the task's log. */
export type Verdict =
  /** `delayMs` is null where the usual delay is taken. */
  | { readonly kind: 'retry'; readonly delayMs: number | null; readonly note: string | null }
  | { readonly kind: 'fail'; readonly note: string }

/** Reads the answer of a retry policy; throws when it is none. */
export function readPolicyAnswer(answer: unknown): Verdict {
  if (answer === false || answer === 'fail') return { kind: 'fail', note: 'Not retried: the retry policy says so' }
  return { kind: 'retry', delayMs: parseDuration(answer, 'the answer of retryPolicy'), note: null }
}
