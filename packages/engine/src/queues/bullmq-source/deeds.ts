import {
  anyTask,
  isRetryable,
  type BulkAnswer,
  type BulkResult,
  type TaskStatus,
  type TaskSummary,
} from '@taskloom/protocol'
import { TaskError } from '../../core/errors.ts'
import type { ClearHistoryQuestion, RetryFailedQuestion } from '../../server/source.ts'
import { summaryOf } from '../../stores/summary.ts'
import { findJob } from './detail.ts'
import { placeOfTask } from './job-id.ts'
import type { Parts } from './parts.ts'

/** Jobs that one command retries, and that one deletes of a queue and state. */
const maxRetried = 500
const maxCleaned = 10_000
/** Jobs that are retried together. */
const atOnce = 50

/** The same job waits again: BullMQ makes no new one. */
export async function retryJob(parts: Parts, taskId: string): Promise<TaskSummary> {
  const { job, record } = await findJob(parts, taskId)
  if (!isRetryable(record.status)) throw wrongStatus(taskId, record.status, 'retried')
  await perform(parts, taskId, 'retried', () => job.retry('failed'))
  await settle(parts, taskId)
  return summaryOf((await findJob(parts, taskId)).record)
}

/** Takes a waiting job away, and what it waits for with it. BullMQ has no word for a running one. */
export async function cancelJob(parts: Parts, taskId: string): Promise<TaskSummary> {
  const { job, record } = await findJob(parts, taskId)
  if (record.status === 'running') {
    throw new TaskError('wrong_status', { message: 'BullMQ cannot stop a job that a worker is running', taskId })
  }
  if (record.status !== 'pending') throw wrongStatus(taskId, record.status, 'called off')
  await perform(parts, taskId, 'called off', () => job.remove())
  await settle(parts, taskId, true)
  return {
    ...summaryOf(record),
    status: 'cancelled',
    runAt: null,
    endTime: parts.clock.now(),
    version: parts.clock.now(),
  }
}

export async function runJobNow(parts: Parts, taskId: string): Promise<TaskSummary> {
  const { job, record } = await findJob(parts, taskId)
  if (record.runAt === null) throw wrongStatus(taskId, record.status, 'made due: it is not delayed')
  await perform(parts, taskId, 'made due', () => job.promote())
  await settle(parts, taskId)
  return summaryOf((await findJob(parts, taskId)).record)
}

export async function deleteJob(parts: Parts, taskId: string): Promise<void> {
  const { job, record } = await findJob(parts, taskId)
  if (record.endTime === null) throw wrongStatus(taskId, record.status, 'deleted')
  await perform(parts, taskId, 'deleted', () => job.remove())
  await settle(parts, taskId, true)
}

export async function bulkRetry(parts: Parts, taskIds: readonly string[]): Promise<BulkAnswer> {
  const results: BulkResult[] = []
  for (let start = 0; start < taskIds.length; start += atOnce) {
    results.push(...(await Promise.all(taskIds.slice(start, start + atOnce).map((taskId) => retryOne(parts, taskId)))))
  }
  await settle(parts, null)
  const dispatched = results.filter(({ newTaskId }) => newTaskId !== null).length
  return { dispatched, skipped: results.length - dispatched, results }
}

/** Retries failed jobs among those that are looked at, the oldest first, at most 500 at a time. */
export async function retryFailed(parts: Parts, question: RetryFailedQuestion): Promise<BulkAnswer> {
  const { since, funcName, filter = anyTask } = question
  const snapshot = await parts.window.refresh()
  const { tasks } = await snapshot.list({
    filter: {
      ...filter,
      statuses: ['failed'],
      since: since ?? filter.since,
      funcNames: funcName === null ? filter.funcNames : [funcName],
    },
    sort: 'created_at',
    order: 'asc',
    limit: maxRetried,
    cursor: null,
  })
  return bulkRetry(
    parts,
    tasks.map(({ taskId }) => taskId),
  )
}

/** By BullMQ's own cleaning, at most 10,000 of each queue and state at a time. */
export async function clearHistory(parts: Parts, { olderThanMs, statuses }: ClearHistoryQuestion): Promise<number> {
  const isMeant = (status: TaskStatus) => statuses.length === 0 || statuses.includes(status)
  const cleaned = await parts.queues.each(async (queue) => {
    const completed = isMeant('success') ? await queue.clean(olderThanMs, maxCleaned, 'completed') : []
    const failed = isMeant('failed') ? await queue.clean(olderThanMs, maxCleaned, 'failed') : []
    return completed.length + failed.length
  })
  await settle(parts, null)
  return [...cleaned.values()].reduce((sum, count) => sum + count, 0)
}

/** After a deed whoever asks is told of what it did, and whoever listens hears that something is new. */
export async function settle({ window, feed }: Parts, taskId: string | null, isGone = false): Promise<void> {
  const place = taskId === null ? null : placeOfTask(taskId)
  if (place) window.touch(place.queue, place.jobId)
  await window.refresh()
  if (isGone && taskId !== null) feed.publish({ kind: 'deleted', taskIds: [taskId] })
  feed.publish({ kind: 'elsewhere' })
}

async function retryOne(parts: Parts, originalTaskId: string): Promise<BulkResult> {
  try {
    const { job, record } = await findJob(parts, originalTaskId)
    if (!isRetryable(record.status)) return { originalTaskId, newTaskId: null, reason: 'wrong_status' }
    await perform(parts, originalTaskId, 'retried', () => job.retry('failed'))
    return { originalTaskId, newTaskId: originalTaskId, reason: null }
  } catch (error) {
    if (!(error instanceof TaskError) || error.code === 'store_failed') throw error
    return { originalTaskId, newTaskId: null, reason: error.code === 'unknown_task' ? 'unknown' : 'wrong_status' }
  }
}

/** What BullMQ says no to has changed meanwhile: a worker has it, or it is gone. */
async function perform({ queues }: Parts, taskId: string, done: string, act: () => Promise<void>): Promise<void> {
  await queues.within(async () => {
    try {
      await act()
    } catch (cause) {
      if (!isRefusal(cause)) throw cause
      const message = `BullMQ says that the job cannot be ${done}: ${cause.message}`
      throw new TaskError('wrong_status', { message, taskId }, { cause })
    }
  })
}

/** Errors of BullMQ's scripts, not of the connection. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && /job|lock|state|scheduler/i.test(error.message) && !('syscall' in error)
}

function wrongStatus(taskId: string, status: string, done: string): TaskError {
  return new TaskError('wrong_status', { message: `A job that is ${status} cannot be ${done}`, taskId })
}
