import type { BulkJobOptions } from 'bullmq'
import type { TaskRecord } from '../../core/record.ts'

/** What a job of ours carries: the task itself is in the store, and so are those that share a job. */
export type JobData = { readonly taskId: string } | { readonly taskIds: readonly string[] }

/** How jobs are added. */
export interface JobTerms {
  readonly now: number
  readonly keepCompleted: number
  readonly keepFailed: number
}

/** A job to be added. */
export interface NewJob {
  readonly name: string
  readonly data: JobData
  readonly opts: BulkJobOptions & { readonly jobId: string }
}

/** The greatest priority number of BullMQ, which is its least priority. */
const leastUrgent = 2_097_152
/** The number of a task without a priority. */
const middle = 1_048_576
/** How many tasks may share a job. */
export const maxTasksPerJob = 500
/** The name of our back-off: `settings.backoffStrategy` of the worker says how long. */
export const backoffType = 'taskloom'

/**
 * The job of a task that waits. Its id is the task's, so that adding it twice adds one. The attempts are those that the
 * record still allows; none are said where it allows one.
 */
export function jobOf(record: TaskRecord, { now, keepCompleted, keepFailed }: JobTerms): NewJob {
  const { taskId, funcName, runAt, maxRetries, retriesUsed, createdAt } = record
  // BullMQ counts it from the timestamp, not from now.
  const delayMs = runAt === null || runAt <= now ? 0 : runAt - createdAt
  // BullMQ makes one attempt where it is told nothing; what a job says is packed, stored and read with each of them.
  const retries = maxRetries - retriesUsed
  return {
    name: funcName,
    data: { taskId },
    opts: {
      jobId: taskId,
      timestamp: createdAt,
      ...(retries > 0 ? { attempts: retries + 1, backoff: { type: backoffType } } : {}),
      removeOnComplete: keepCompleted === 0 ? true : keepCompleted,
      removeOnFail: keepFailed === 0 ? true : keepFailed,
      ...(delayMs > 0 ? { delay: delayMs } : {}),
      priority: priorityOf(record),
    },
  }
}

/**
 * BullMQ takes jobs without a priority before all others, then the least number first. Ours run the highest first, and none
 * counts as 0: so those above 0 have none of BullMQ's order to themselves, and all have a number where one does.
 */
export function priorityOf({ priority }: Pick<TaskRecord, 'priority'>): number {
  if (priority === null || priority === 0) return middle
  return Math.min(leastUrgent, Math.max(1, middle - Math.round(priority)))
}

/** The tasks of a job, in their order; null for a job that was not made by us. */
export function taskIdsOf(data: unknown): readonly string[] | null {
  const { taskId, taskIds = [taskId] } = (data ?? {}) as { readonly taskId?: unknown; readonly taskIds?: unknown }
  if (!Array.isArray(taskIds) || taskIds.length === 0 || taskIds.length > maxTasksPerJob) return null
  return taskIds.every(isTaskId) ? taskIds : null
}

function isTaskId(id: unknown): id is string {
  return typeof id === 'string' && id.length > 0 && id.length <= 64
}
