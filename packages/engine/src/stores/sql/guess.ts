import type { TaskRecord, Transition } from '../../core/record.ts'
import { isImplied } from '../attempts.ts'
import type { Write } from '../store.ts'
import type { SeenTask } from '../unit/index.ts'
import type { Guard } from './database.ts'

/** Tasks as whoever changes them takes them to be. */
export type Guesses = ReadonlyMap<string, SeenTask>

export const noGuesses: Guesses = new Map()

/**
 * Tasks that a batch changes, without asking for them: most only begin, or have succeeded at once, and are what the process
 * that runs them believes. Their rows are changed only if that is so. None where one is not that plain.
 */
export function guess(batch: readonly Write[]): Guesses {
  const guesses = new Map<string, SeenTask>()
  for (const write of batch) {
    if (write.previous === null) {
      if (write.marks) return noGuesses
      continue
    }
    const { previous } = write
    if (guesses.has(previous.taskId) || !isPlain(write)) return noGuesses
    guesses.set(previous.taskId, seenAs(previous))
  }
  for (const { previous, next } of batch) if (previous === null && guesses.has(next.taskId)) return noGuesses
  return guesses
}

/** Whether nothing of the row matters but what the transition starts from: a first attempt begins, or one succeeds. */
function isPlain({ previous, next, attempt, logs }: Transition): boolean {
  return (
    attempt !== null &&
    (previous.attempt === 0 || attempt.attempt === previous.attempt) &&
    logs.length === 0 &&
    previous.tags === next.tags &&
    previous.locks.length === 0 &&
    isImplied(next, attempt)
  )
}

/** Written out: copying all fields of a task takes many times as long. */
function seenAs({ taskId, status, attempt, workerId, queue, retryCount, version, tags }: TaskRecord): SeenTask {
  return { taskId, status, attempt, workerId, queue, retryCount, version, tags, attemptStartedAt: null, logLines: 0 }
}

type Hands = Pick<SeenTask, 'status' | 'attempt' | 'workerId' | 'queue'>

/** What a row must be for a guess to hold: all that a transition starts from. */
export function guardOf({ status, attempt, workerId, queue }: Hands): Guard {
  return [
    ['status', status],
    ['attempt', attempt],
    ['worker_id', workerId],
    ['queue', queue],
  ]
}
