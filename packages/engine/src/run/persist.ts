import type { Clock } from '../core/clock.ts'
import { TaskError } from '../core/errors.ts'
import type { Transition } from '../core/record.ts'
import type { EventHub } from '../observe/events.ts'
import type { WriteQueue } from './write-queue.ts'

const firstPauseMs = 100
const longestPauseMs = 5_000

export interface Persistence {
  readonly writes: WriteQueue
  readonly clock: Clock
  readonly events: EventHub
  /** Whether the store is not worth waiting for any more. */
  readonly isAbandoned: () => boolean
}

/**
 * Saves the end of an attempt; a store that fails is asked again, ever more rarely, until it answers or is abandoned.
 * Calls back with false when the task is somebody else's by now, or was given up.
 */
export function persist(
  persistence: Persistence,
  transition: Transition,
  onSaved: (isSaved: boolean) => void,
  pauseMs = firstPauseMs,
): void {
  persistence.writes.save(transition, (written) => {
    if (!(written instanceof TaskError)) return onSaved(written !== null)
    const { clock, events, isAbandoned } = persistence
    events.fault('saving a task', written, transition.next.taskId)
    if (isAbandoned()) return onSaved(false)
    clock.after(pauseMs, () => {
      if (isAbandoned()) return onSaved(false)
      persist(persistence, transition, onSaved, Math.min(longestPauseMs, pauseMs * 2))
    })
  })
}
