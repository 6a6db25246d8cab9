import type { Clock } from '../core/clock.ts'
import type { Transition } from '../core/record.ts'
import type { EventHub } from '../observe/events.ts'
import type { TaskStore } from '../stores/store.ts'

const firstPauseMs = 100
const longestPauseMs = 5_000

/**
 * Saves the end of an attempt; a store that fails is asked again, ever more rarely, until it answers or `isAbandoned`.
 * False when the task is somebody else's by now, or was given up.
 */
export async function persist(
  store: TaskStore,
  transition: Transition,
  clock: Clock,
  events: EventHub,
  isAbandoned: () => boolean,
): Promise<boolean> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    try {
      return await store.save(transition)
    } catch (error) {
      events.fault('saving a task', error, transition.next.taskId)
      if (isAbandoned()) return false
      await new Promise<void>((resolve) => clock.after(pauseMs, resolve))
      if (isAbandoned()) return false
    }
  }
}
