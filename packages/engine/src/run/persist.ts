import type { Clock } from '../core/clock.ts'
import { TaskError } from '../core/errors.ts'
import type { TaskRecord, Transition } from '../core/record.ts'
import type { EventHub } from '../observe/events.ts'
import type { Store } from '../stores/store.ts'
import type { WriteQueue } from './write-queue.ts'

const firstPauseMs = 100
const longestPauseMs = 5_000

export interface Persistence {
  readonly store: Pick<Store, 'tasks' | 'views'>
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
    if (written === null) return void askWhetherKept(persistence, transition, onSaved)
    if (!(written instanceof TaskError)) return onSaved(true)
    const { clock, events, isAbandoned } = persistence
    events.fault('saving a task', written, transition.next.taskId)
    if (isAbandoned()) return onSaved(false)
    clock.after(pauseMs, () => {
      if (isAbandoned()) return onSaved(false)
      persist(persistence, transition, onSaved, Math.min(longestPauseMs, pauseMs * 2))
    })
  })
}

/**
 * The store says that the task is not what the end starts from. That is so, too, when the end was kept and the network was lost
 * before the store could say so: then it is no other's, and nothing came too late.
 */
async function askWhetherKept(
  { store, events }: Persistence,
  transition: Transition,
  onSaved: (isSaved: boolean) => void,
): Promise<void> {
  const { taskId } = transition.next
  const isSaved = await isKept(store, transition).catch((error: unknown) => {
    events.fault('looking for the end of a task', error, taskId)
    return false
  })
  try {
    onSaved(isSaved)
  } catch (error) {
    events.fault('going on after a write', error, taskId)
  }
}

async function isKept({ tasks, views }: Persistence['store'], { next, attempt }: Transition): Promise<boolean> {
  const stored = await tasks.get(next.taskId)
  if (!stored) return false
  if (isSameEnd(stored, next)) return true
  // One that waits again may be in the hands of others by now: only its attempts tell how this one has ended.
  if (next.status !== 'pending' || attempt === null) return false
  const detail = await views.detail(next.taskId)
  const kept = detail?.attempts.find((other) => other.attempt === attempt.attempt)
  return kept?.endedAt === attempt.endedAt && kept.outcome === attempt.outcome && kept.workerId === attempt.workerId
}

function isSameEnd(stored: TaskRecord, { status, attempt, workerId, endTime, retriesUsed }: TaskRecord): boolean {
  return (
    stored.status === status &&
    stored.attempt === attempt &&
    stored.workerId === workerId &&
    stored.endTime === endTime &&
    stored.retriesUsed === retriesUsed
  )
}
