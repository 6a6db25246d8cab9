import type { Attempt } from '@taskloom/protocol'
import type { TaskRecord, Transition } from '../core/record.ts'

/**
 * An attempt that has only started, or has succeeded, says nothing that its task does not say, except when it began: that
 * instant is kept in the task's row, and a task that succeeds at once costs no row of attempts.
 */
export function isImplied(task: TaskRecord, attempt: Attempt): boolean {
  const implied = impliedAttempt(task, attempt.startedAt)
  return (
    implied !== null &&
    attempt.attempt === implied.attempt &&
    attempt.endedAt === implied.endedAt &&
    attempt.outcome === implied.outcome &&
    attempt.error === null &&
    attempt.stacktrace === null &&
    attempt.workerId === implied.workerId
  )
}

/** Whether the task goes on to something else although this transition does not say how the attempt in its row went. */
export function leavesAttemptOpen({ previous, next, attempt }: Transition): boolean {
  if (isGivenBack(previous, next)) return false
  if (attempt) return attempt.attempt !== previous.attempt && previous.attempt > 0
  return next.attempt !== previous.attempt || next.workerId !== previous.workerId || next.status !== previous.status
}

/** The start to keep in the task's row: null leaves what is there, −1 takes it away. */
export function openStart(transition: Transition, isSaid: boolean): number | null {
  const { attempt } = transition
  if (attempt) return isSaid ? attempt.startedAt : -1
  if (isGivenBack(transition.previous, transition.next)) return -1
  return leavesAttemptOpen(transition) ? -1 : null
}

/** Whether this ends a first attempt of which nothing is to be kept or let go but what its row tells, its start included. */
export function endsPlainly({ previous, next, attempt, logs }: Transition): boolean {
  return (
    previous.status === 'running' &&
    previous.attempt === 1 &&
    attempt !== null &&
    attempt.startedAt === previous.startTime &&
    logs.length === 0 &&
    previous.tags === next.tags &&
    previous.locks.length === 0 &&
    isImplied(next, attempt)
  )
}

/**
 * Whether this starts a first attempt of a task that only waited to be taken: what it changes then follows from its worker
 * and the instant.
 */
export function startsPlainly({ previous, next, attempt, logs }: Transition): boolean {
  return (
    previous.status === 'pending' &&
    next.status === 'running' &&
    previous.attempt === 0 &&
    previous.runAt === null &&
    previous.startTime === null &&
    previous.waitMs === null &&
    previous.workerId === null &&
    previous.error === null &&
    previous.progress === null &&
    previous.tags === next.tags &&
    attempt !== null &&
    attempt.startedAt === next.startTime &&
    logs.length === 0 &&
    isImplied(next, attempt)
  )
}

/** Whether the attempt was never begun: nothing is kept of it. */
function isGivenBack(previous: TaskRecord, next: TaskRecord): boolean {
  return next.attempt < previous.attempt
}

/** The attempt that a task's own row tells of; null when its status does not say how the attempt went. */
export function impliedAttempt(task: ImplyingTask, startedAt: number): Attempt | null {
  const { attempt, status, endTime, workerId } = task
  if (status !== 'running' && status !== 'success') return null
  const [endedAt, outcome] = status === 'running' ? [null, null] : [endTime, status]
  return { attempt, startedAt, endedAt, outcome, error: null, stacktrace: null, workerId }
}

type ImplyingTask = Pick<TaskRecord, 'attempt' | 'status' | 'endTime' | 'workerId'>
