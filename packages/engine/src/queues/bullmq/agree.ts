import type { TaskRecord } from '../../core/record.ts'
import { priorityOf } from './job.ts'

/** Where a job is, in the words of BullMQ, as far as it matters here; null when there is none. */
export type JobState = 'waiting' | 'delayed' | 'active' | 'completed' | 'failed'

/** A job as it was found. */
export interface FoundJob {
  readonly state: JobState
  /** Its number in BullMQ; 0 for none. */
  readonly priority: number
}

/** What makes a job agree with its task. */
export type Deed = 'add' | 'remove' | 'promote' | 'prioritize' | 'retry' | 'replace'

/** Times that differ by less are the same: clocks of machines differ. */
const toleranceMs = 5_000

/**
 * The record rules: what must be done to a job so that it runs the task when the record says, or not at all. A job that a
 * worker has is left alone: the worker asks the store.
 */
export function agree(record: TaskRecord | undefined, job: FoundJob | null, now: number): readonly Deed[] {
  // Its attempt may have ended since it was read, and what waits be the job of the next one.
  if (record?.status === 'running') return []
  if (record?.status !== 'pending') return job && isWaiting(job) ? ['remove'] : []
  if (job === null) return ['add']
  switch (job.state) {
    case 'active':
      return []
    case 'failed':
      return ['retry']
    case 'completed':
      return ['replace']
    case 'waiting':
    case 'delayed':
      return [...times(record, job, now), ...(job.priority === priorityOf(record) ? [] : (['prioritize'] as const))]
  }
}

function times({ runAt }: TaskRecord, { state }: FoundJob, now: number): readonly Deed[] {
  const isDue = runAt === null || runAt <= now
  if (state === 'delayed' && isDue) return ['promote']
  return state === 'waiting' && runAt !== null && runAt > now + toleranceMs ? ['replace'] : []
}

function isWaiting({ state }: FoundJob): boolean {
  return state === 'waiting' || state === 'delayed'
}

/** BullMQ has more words for it. Null for a job that is not there. */
export function stateOf(state: string): JobState | null {
  switch (state) {
    case 'waiting':
    case 'prioritized':
    case 'paused':
    case 'waiting-children':
      return 'waiting'
    case 'delayed':
    case 'active':
    case 'completed':
    case 'failed':
      return state
    default:
      return null
  }
}
