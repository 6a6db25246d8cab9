import type { AsyncResource } from 'node:async_hooks'
import type { Definition } from '../core/definition.ts'
import { isInstance } from '../core/instance.ts'
import type { Outcome } from '../core/lifecycle.ts'
import { isSealed } from '../core/sealed.ts'
import type { TaskRecord } from '../core/record.ts'
import type { AttemptSpan } from '../observe/otel/attempt-span.ts'
import type { Keyring } from '../privacy/keyring.ts'
import { Snooze } from '../core/snooze.ts'
import type { Desk } from './context.ts'
import type { Executor } from './executor.ts'

/** How an attempt is made to end before it ends by itself. */
export interface Stop {
  /** What becomes of it; null while nobody asked. */
  asked(): Outcome | null
  /** Called with how to end the attempt even if its function never answers. */
  onForce(force: (outcome: Outcome) => void): void
  /** A worker is to run the function: it hears of the end, and the time of the attempt does not run before it begins. */
  keptBy(keeper: Keeper): void
  /** Its worker begins with it, as far as is known. */
  begin(): void
  /** Ends the attempt as one that was never begun. */
  giveBack(): void
}

/** What keeps a function that runs in a worker. */
export interface Keeper {
  /** The attempt is to end. */
  abort(reason: DOMException): void
  /** It has not ended in time: whatever runs it is taken away. */
  kill(): void
}

export interface AttemptCall {
  readonly definition: Definition
  /** Packed; may be sealed until the executor gets them. */
  readonly args: string
  readonly record: TaskRecord
  /** Opens the arguments. */
  readonly keyring: Keyring
  /** The context of whoever asked for the task; null where it is not kept. */
  readonly context: AsyncResource | null
  /** Null where no spans are made. */
  readonly span: AttemptSpan | null
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
  const early = call.stop.asked()
  if (early) return { outcome: early }
  return isSealed(call.args) ? beginOpened(executor, call) : execute(executor, call)
}

function beginOpened(executor: Executor, call: AttemptCall): Begun {
  const { taskId, funcName } = call.record
  let args: string
  try {
    args = call.keyring.open(call.args, { field: 'args', taskId, funcName })
  } catch (error) {
    return { outcome: { kind: 'unreadable', error } }
  }
  return execute(executor, { ...call, args })
}

function execute(executor: Executor, call: AttemptCall): Begun {
  const { stop, context } = call
  try {
    const value = context ? context.runInAsyncScope(() => enter(executor, call)) : enter(executor, call)
    if ((typeof value === 'object' && value !== null) || typeof value === 'function') {
      return { promise: Promise.resolve(value) }
    }
    return { outcome: returned(stop, value) }
  } catch (error) {
    return { outcome: threw(stop, error) }
  }
}

function enter(executor: Executor, call: AttemptCall): unknown {
  return call.span ? call.span.run(() => executor.execute(call)) : executor.execute(call)
}

function returned(stop: Stop, value: unknown): Outcome {
  const asked = stop.asked()
  return asked?.kind === 'timed_out' ? asked : { kind: 'returned', value }
}

function threw(stop: Stop, error: unknown): Outcome {
  return (
    stop.asked() ?? (isInstance(error, Snooze) ? { kind: 'snoozed', delayMs: error.delayMs } : { kind: 'threw', error })
  )
}
