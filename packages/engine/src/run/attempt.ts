import type { Definition } from '../core/definition.ts'
import type { Outcome } from '../core/lifecycle.ts'
import type { Desk } from './context.ts'
import type { Executor } from './executor.ts'

/** How an attempt is made to end before it ends by itself. */
export interface Stop {
  /** What becomes of it; null while nobody asked. */
  asked(): Outcome | null
  /** Called with how to end the attempt even if its function never answers. */
  onForce(force: (outcome: Outcome) => void): void
  /** Called just before that with how to take the function's worker away. */
  onKill(kill: () => void): void
}

export interface AttemptCall {
  readonly definition: Definition
  /** Packed. */
  readonly args: string
  readonly desk: Desk
  readonly stop: Stop
}

/**
 * Runs one attempt and says once what became of it, at once if the function is done when it returns. A function that was
 * asked to stop and throws did stop; one that returns all the same has done its work, unless its time was over.
 */
export function runAttempt(executor: Executor, call: AttemptCall, onOutcome: (outcome: Outcome) => void): void {
  let isOver = false
  const end = (outcome: Outcome): void => {
    if (isOver) return
    isOver = true
    onOutcome(outcome)
  }
  const { stop } = call
  stop.onForce(end)
  const begun = begin(executor, call)
  if ('outcome' in begun) return end(begun.outcome)
  begun.promise.then(
    (value) => end(returned(stop, value)),
    (error: unknown) => end(threw(stop, error)),
  )
}

type Begun = { readonly outcome: Outcome } | { readonly promise: Promise<unknown> }

/** What is no object cannot be a promise: its task ends without waiting for another turn. */
function begin(executor: Executor, call: AttemptCall): Begun {
  const { stop } = call
  const early = stop.asked()
  if (early) return { outcome: early }
  try {
    const value = executor.execute(call)
    if ((typeof value === 'object' && value !== null) || typeof value === 'function') {
      return { promise: Promise.resolve(value) }
    }
    return { outcome: returned(stop, value) }
  } catch (error) {
    return { outcome: threw(stop, error) }
  }
}

function returned(stop: Stop, value: unknown): Outcome {
  const asked = stop.asked()
  return asked?.kind === 'timed_out' ? asked : { kind: 'returned', value }
}

function threw(stop: Stop, error: unknown): Outcome {
  return stop.asked() ?? { kind: 'threw', error }
}
