import type { Job, JobState } from 'bullmq'
import { isTerminal, type Attempt, type Json, type Progress, type TaskStatus } from '@taskloom/protocol'
import { maskUrls } from '../../core/mask.ts'
import { toJsonView } from '../../core/json-view.ts'
import { createRecord, type TaskRecord } from '../../core/record.ts'
import { cutText, oneLine } from '../../core/text.ts'
import { maxErrorLength, maxStackLength } from '../../core/error-text.ts'
import { placeOfKey, taskIdOf, type JobPlace } from './job-id.ts'

/** Where a job is, as BullMQ says it. */
export type State = JobState | 'unknown'

/** What a job waits for, or belongs to, as names and values. */
export const stateTag = 'state'
export const parentTag = 'parent'
/** Longer data is not searched. */
const maxSearchedLength = 20_000

/** Every state of BullMQ that is looked at, and where a task is then. */
export const statusOfState = {
  waiting: 'pending',
  prioritized: 'pending',
  delayed: 'pending',
  'waiting-children': 'pending',
  active: 'running',
  completed: 'success',
  failed: 'failed',
} as const satisfies Record<string, TaskStatus>

/** States in which jobs are looked for. */
export const shownStates = Object.keys(statusOfState) as readonly (keyof typeof statusOfState)[]

/** What is to be known beside a job. */
export interface Reading {
  readonly queue: string
  readonly state: keyof typeof statusOfState
  readonly prefix: string
  /** When it was read: what is read later is newer. */
  readonly readAt: number
}

/** A job as the record of a task. Pure. */
export function recordOf(job: Job, { queue, state, prefix, readAt }: Reading): TaskRecord {
  const status = statusOfState[state]
  const attempt = Math.max(job.attemptsStarted, job.attemptsMade)
  const isOver = isTerminal(status)
  const startTime = job.processedOn ?? null
  const endTime = isOver ? (job.finishedOn ?? null) : null
  const dueAt = job.timestamp + (attempt > 1 ? 0 : (job.opts.delay ?? 0))
  const parent = parentOf(job, prefix)
  const args = JSON.stringify([job.data])
  const request = {
    status,
    funcName: job.name,
    queue,
    runAt: state === 'delayed' ? dueOf(job) : null,
    startTime,
    endTime,
    durationMs: startTime === null || endTime === null ? null : Math.max(0, endTime - startTime),
    waitMs: startTime === null || attempt > 1 ? null : Math.max(0, startTime - dueAt),
    attempt,
    retriesUsed: Math.max(0, attempt - 1),
    maxRetries: Math.max(0, (job.opts.attempts ?? 1) - 1),
    // Of BullMQ's priorities the smallest runs first.
    priority: job.priority > 0 ? -job.priority : null,
    source: job.repeatJobKey ? ('scheduled' as const) : ('manual' as const),
    error: status === 'success' ? null : errorOf(job),
    tags: {
      ...(state === 'waiting-children' ? { [stateTag]: state } : {}),
      ...(parent ? { [parentTag]: taskIdOf(parent) } : {}),
    },
    progress: progressOf(job.progress),
    workerId: job.processedBy ?? null,
    schedule: job.repeatJobKey ? taskIdOf({ queue, jobId: job.repeatJobKey }) : null,
    idempotencyKey: job.deduplicationId ?? null,
    stacktrace: status === 'success' ? null : stackOf(job),
    errorCode: errorNameOf(job),
    version: readAt,
  }
  return createRecord(request, {
    taskId: taskIdOf({ queue, jobId: job.id ?? '' }),
    createdAt: job.timestamp,
    args: args.length > maxSearchedLength ? '[]' : args,
  })
}

/** When a delayed job becomes due: after its delay, or after the one that follows a failure. */
function dueOf(job: Job): number {
  const since = job.attemptsMade > 0 ? (job.processedOn ?? job.timestamp) : job.timestamp
  return since + (job.delay || job.opts.delay || 0)
}

/** The job that waits for this one; null when none does. */
export function parentOf({ parent, parentKey }: Job, prefix: string): JobPlace | null {
  if (parent?.id && parent.queueKey) return { queue: parent.queueKey.split(':').at(-1) ?? '', jobId: parent.id }
  return parentKey ? placeOfKey(parentKey, prefix) : null
}

/** The one attempt whose times BullMQ keeps: the last. */
export function attemptsOf(record: TaskRecord): readonly Attempt[] {
  const { attempt, startTime, endTime, status, error, stacktrace, workerId } = record
  if (attempt === 0 || startTime === null) return []
  const isFailed = status !== 'success' && status !== 'running' && error !== null
  return [
    {
      attempt,
      startedAt: startTime,
      // Of a job that waits for its next attempt it is not kept.
      endedAt: endTime ?? (status === 'pending' ? startTime : null),
      outcome: status === 'success' ? 'success' : status === 'running' ? null : 'failed',
      error: isFailed ? error : null,
      stacktrace: isFailed ? stacktrace : null,
      workerId,
    },
  ]
}

function errorOf({ failedReason, attemptsMade }: Job): string | null {
  if (!failedReason || attemptsMade === 0) return null
  return oneLine(maskUrls(failedReason.slice(0, 2_000)), maxErrorLength)
}

/** BullMQ keeps a stack for each failure, the last one last. */
function stackOf({ stacktrace }: Job): string | null {
  const last = stacktrace?.at(-1)
  return last ? cutText(maskUrls(last.slice(0, maxStackLength + 1_000)), maxStackLength) : null
}

/** The name of what was thrown, as its stack begins. */
function errorNameOf({ stacktrace, failedReason }: Job): string | null {
  if (!failedReason) return null
  return /^([A-Z]\w{0,80}): /.exec(stacktrace?.at(-1) ?? '')?.[1] ?? null
}

/** A number is percents; of an object what it calls `percent`, `progress` or `message`. */
export function progressOf(progress: unknown): Progress | null {
  if (typeof progress === 'number') return progress === 0 ? null : { percent: percentOf(progress), message: null }
  if (typeof progress === 'string') return { percent: null, message: cutText(progress, 300) }
  if (typeof progress !== 'object' || progress === null) return null
  const { percent, progress: share, message } = progress as Readonly<Record<string, unknown>>
  const found = {
    percent: percentOf(percent) ?? percentOf(share),
    message: typeof message === 'string' ? oneLine(message, 300) : null,
  }
  return found.percent === null && found.message === null ? null : found
}

function percentOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(100, Math.max(0, value)) : null
}

/** What a job was given, made and said of its progress, to show. */
export function dataOf(job: Job): { readonly args: Json; readonly result: Json; readonly progressPayload: Json } {
  const { progress } = job
  return {
    args: [toJsonView(job.data)],
    result: toJsonView(job.returnvalue ?? null),
    progressPayload: typeof progress === 'object' ? toJsonView(progress) : null,
  }
}
