import { isAborted, toProblem, type Timing } from '@taskloom/client'
import type { Problem } from '@taskloom/protocol'

/** The questions of one watcher: at most one is under way, and only the latest counts. */
export interface Asker {
  /** Whether the latest question was answered. */
  readonly isAnswered: boolean
  /** Asks at once; the answer says what went wrong. */
  ask(): Promise<Problem | null>
  /** Asks when the question under way is answered and a second has passed; many calls are one. */
  soon(): void
  /** Drops the question under way, and asks no more by itself. */
  rest(): void
}

export interface AskerOptions {
  readonly timing: Timing
  readonly load: (signal: AbortSignal) => Promise<void>
  readonly onFailure: (problem: Problem) => void
}

const gapMs = 1_000

export function createAsker({ timing, load, onFailure }: AskerOptions): Asker {
  let current: AbortController | null = null
  let isWantedAgain = false
  let isAnswered = false
  let askedAt = Number.NEGATIVE_INFINITY
  let cancelTimer: (() => void) | null = null

  async function ask(): Promise<Problem | null> {
    rest()
    const controller = new AbortController()
    current = controller
    askedAt = timing.now()
    let failure: Problem | null = null
    try {
      await load(controller.signal)
      isAnswered = true
    } catch (error) {
      if (isAborted(error)) return null
      failure = toProblem(error)
      isAnswered = false
      if (current === controller) onFailure(failure)
    }
    if (current === controller) current = null
    if (isWantedAgain) soon()
    return failure
  }

  function soon(): void {
    if (current) isWantedAgain = true
    else cancelTimer ??= timing.after(Math.max(0, askedAt + gapMs - timing.now()), () => void ask())
  }

  function rest(): void {
    cancelTimer?.()
    cancelTimer = null
    isWantedAgain = false
    current?.abort()
    current = null
  }

  return {
    get isAnswered() {
      return isAnswered
    },
    ask,
    soon,
    rest,
  }
}

/** Whether asking again would bring the same answer. */
export function isRefusal({ status }: Problem): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429
}
