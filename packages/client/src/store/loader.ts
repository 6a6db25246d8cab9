import type { Problem } from '@taskloom/protocol'
import { isAborted, toProblem } from '../http.ts'
import type { Timing } from '../timing.ts'

/** One kind of answer from the server. At most one request of it is under way; only the latest counts. */
export interface Loader {
  /** Asks at once, dropping an answer that is still on its way. Resolves with what went wrong, if anything. */
  now(): Promise<Problem | null>
  /** Asks once more when the request under way has ended and the gap has passed; many calls are one. */
  soon(): void
  stop(): void
}

export interface LoaderOptions {
  readonly timing: Timing
  /** The least time between two starts by `soon`, milliseconds. */
  readonly gapMs: number
  /** Asks and applies the answer, unless the signal is aborted by then. */
  readonly load: (signal: AbortSignal) => Promise<void>
  readonly onFailure?: (problem: Problem) => void
}

/** After a failure nobody waits for, `soon` is tried again after this time. */
export const retryLoadMs = 5_000

export function createLoader({ timing, gapMs, load, onFailure }: LoaderOptions): Loader {
  let current: AbortController | null = null
  let startedAt = Number.NEGATIVE_INFINITY
  let cancelTimer: (() => void) | null = null
  let isWantedAgain = false

  async function now(): Promise<Problem | null> {
    rest()
    const controller = new AbortController()
    current = controller
    startedAt = timing.now()
    let problem: Problem | null = null
    try {
      await load(controller.signal)
    } catch (error) {
      if (current !== controller || isAborted(error)) return null
      problem = toProblem(error)
      onFailure?.(problem)
    }
    if (current !== controller) return null
    current = null
    if (isWantedAgain) soon()
    return problem
  }

  function soon(): void {
    if (current) isWantedAgain = true
    else wait(Math.max(0, startedAt + gapMs - timing.now()))
  }

  function wait(delayMs: number): void {
    cancelTimer ??= timing.after(delayMs, () => {
      cancelTimer = null
      void now().then((problem) => {
        if (problem && !isRefusal(problem)) wait(retryLoadMs)
      })
    })
  }

  function rest(): void {
    cancelTimer?.()
    cancelTimer = null
    isWantedAgain = false
    current?.abort()
    current = null
  }

  return { now, soon, stop: rest }
}

/** Asking again would bring the same answer. */
export function isRefusal({ status }: Problem): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429
}
