import type { Clock } from '../core/clock.ts'
import { TaskError } from '../core/errors.ts'
import type { StoreFailedReason } from '../stores/opening.ts'

/** So long a store may be away that was there before, as when its server is restarted. */
const patienceMs = 15_000
const pauseMs = 100

/**
 * What `ask` answers. Where the store cannot be reached it is asked again, for 15 seconds at most or until `isOver`; so it
 * must not matter whether it was asked before.
 */
export async function whileAway<T>(clock: Clock, isOver: () => boolean, ask: () => Promise<T>): Promise<T> {
  const endAt = clock.now() + patienceMs
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!isUnreachable(error) || isOver() || clock.now() >= endAt) throw error
    }
    await new Promise<void>((resolve) => clock.after(pauseMs, resolve))
  }
}

function isUnreachable(error: unknown): boolean {
  const reason: StoreFailedReason = 'unreachable'
  return error instanceof TaskError && error.details['reason'] === reason
}
