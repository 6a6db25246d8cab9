import type { Definition } from '../core/definition.ts'
import type { Outcome } from '../core/lifecycle.ts'
import { unpackArgs } from '../core/serialize.ts'
import type { Desk } from './context.ts'
import type { Executor } from './executor.ts'

/** How an attempt is made to end before it ends by itself. */
export interface Stop {
  /** What becomes of it; null while nobody asked. */
  asked(): Outcome | null
  /** Called with how to end the attempt even if its function never answers. */
  onForce(force: (outcome: Outcome) => void): void
}

export interface AttemptCall {
  readonly definition: Definition
  readonly args: string
  readonly desk: Desk
  readonly stop: Stop
}

/**
 * Runs one attempt and says what became of it; never rejects. A function that was asked to stop and throws did stop; one
 * that returns all the same has done its work, unless its time was over.
 */
export function runAttempt(executor: Executor, call: AttemptCall): Promise<Outcome> {
  return new Promise((resolve) => {
    call.stop.onForce(resolve)
    void execute(executor, call).then(resolve)
  })
}

async function execute(executor: Executor, { definition, args, desk, stop }: AttemptCall): Promise<Outcome> {
  const early = stop.asked()
  if (early) return early
  try {
    const value = await executor.execute({ definition, args: unpackArgs(args), desk })
    const asked = stop.asked()
    return asked?.kind === 'timed_out' ? asked : { kind: 'returned', value }
  } catch (error) {
    return stop.asked() ?? { kind: 'threw', error }
  }
}
