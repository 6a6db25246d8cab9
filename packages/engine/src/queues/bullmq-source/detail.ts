import type { Job } from 'bullmq'
import {
  anyTask,
  type Lineage,
  type LogEntry,
  type LogPage,
  type TaskDetail,
  type TaskProgress,
  type TaskSummary,
} from '@taskloom/protocol'
import { TaskError } from '../../core/errors.ts'
import type { TaskRecord } from '../../core/record.ts'
import { cleanText, cutText } from '../../core/text.ts'
import { buildDetail } from '../../source/detail.ts'
import type { LogQuestion } from '../../stores/store.ts'
import { summaryOf } from '../../stores/summary.ts'
import { placeOfKey, placeOfTask, taskIdOf, type JobPlace } from './job-id.ts'
import type { Parts } from './parts.ts'
import { attemptsOf, dataOf, parentOf, recordOf, statusOfState } from './record.ts'

const firstLogLines = 200
/** Lines of a log that are searched. */
const maxSearchedLines = 10_000
const maxLineLength = 8_192
const recentRuns = 5
const maxAncestors = 20
const maxChildren = 50

/** A job as it is now, with the record that it makes. */
export interface FoundJob {
  readonly job: Job
  readonly record: TaskRecord
}

/** Rejects with `unknown_task` when there is no such job, or its queue is not shown here. */
export async function findJob(parts: Parts, taskId: string): Promise<FoundJob> {
  const place = placeOfTask(taskId)
  const found = place && (await readPlace(parts, place))
  if (found) return found
  throw new TaskError('unknown_task', { message: `There is no job ${taskId}`, taskId })
}

async function readPlace({ queues, clock }: Parts, place: JobPlace): Promise<FoundJob | null> {
  const job = await queues.job(place)
  if (job === null) return null
  const state = await queues.within(() => job.getState())
  if (!Object.hasOwn(statusOfState, state)) return null
  const known = state as keyof typeof statusOfState
  const { queue } = place
  return { job, record: recordOf(job, { queue, state: known, prefix: queues.prefix, readAt: clock.now() }) }
}

export async function readDetail(parts: Parts, taskId: string): Promise<TaskDetail> {
  const { job, record } = await findJob(parts, taskId)
  const [page, snapshot, children] = await Promise.all([
    readLogs(parts, { taskId, after: 0, minLevel: null, text: null, limit: firstLogLines }),
    parts.window.read(),
    childrenOf(parts, job),
  ])
  const ofFunction = { ...anyTask, funcNames: [record.funcName], queues: [record.queue] }
  const [functionStats, runs] = await Promise.all([
    snapshot.metrics(ofFunction),
    snapshot.list({ filter: ofFunction, sort: 'created_at', order: 'desc', limit: recentRuns, cursor: null }),
  ])
  const { args, result, progressPayload } = dataOf(job)
  const stored = {
    record: { ...record, hasLogs: page.total > 0 },
    attempts: attemptsOf(record),
    retries: [],
    recentRuns: runs.tasks,
    functionStats,
  }
  const parent = parentOf(job, parts.queues.prefix)
  return {
    ...buildDetail(stored, page, { args, result }),
    progressPayload,
    // Of a flow the job that waits comes first, and those that it waits for after it.
    retriedFrom: parent && taskIdOf(parent),
    retries: children.map(taskIdOf),
  }
}

/** BullMQ keeps lines of text without an instant and a level: they stand at the beginning of the job. */
export async function readLogs(parts: Parts, question: LogQuestion): Promise<LogPage> {
  const { taskId, after, minLevel, text, limit } = question
  const place = placeOfTask(taskId)
  const queue = place && (await parts.queues.find(place.queue))
  if (!place || !queue) throw new TaskError('unknown_task', { message: `There is no job ${taskId}`, taskId })
  const isSearched = text !== null && text !== ''
  const end = isSearched ? after + maxSearchedLines : after + limit
  const { logs, count } = await parts.queues.within(() => queue.getJobLogs(place.jobId, after, end, true))
  const at = (await parts.queues.job(place))?.processedOn ?? parts.clock.now()
  const wanted = text?.toLowerCase() ?? ''
  const lines = logs
    .map((line, index): LogEntry => ({ ...blankLine, line: after + index + 1, at, message: messageOf(line) }))
    .filter(({ message }) => (minLevel === null || isShown(minLevel)) && message.toLowerCase().includes(wanted))
  const shown = lines.slice(0, limit)
  return { logs: shown, logsNext: lines.length > limit ? (shown.at(-1)?.line ?? null) : null, total: count }
}

const blankLine = { level: 'info', attempt: 1, extra: null } as const

function isShown(minLevel: string): boolean {
  return minLevel === 'debug' || minLevel === 'info'
}

function messageOf(line: string): string {
  return cutText(cleanText(line), maxLineLength)
}

export async function readProgress(parts: Parts, taskId: string): Promise<TaskProgress> {
  const { status, progress, error, version } = (await findJob(parts, taskId)).record
  return { taskId, status, progress, error, version }
}

/** The flow of a job: those that wait for it, itself, and those that it waits for. */
export async function readLineage(parts: Parts, taskId: string): Promise<Lineage> {
  const found = await findJob(parts, taskId)
  const above: TaskSummary[] = []
  let parent = parentOf(found.job, parts.queues.prefix)
  while (parent !== null && above.length < maxAncestors) {
    const next = await readPlace(parts, parent)
    if (next === null) break
    parent = parentOf(next.job, parts.queues.prefix)
    above.unshift(kin(next.record, parent))
  }
  const places = await childrenOf(parts, found.job)
  const children = await Promise.all(places.slice(0, maxChildren).map((place) => readPlace(parts, place)))
  const own = parentOf(found.job, parts.queues.prefix)
  return {
    tasks: [
      ...above,
      kin(found.record, own),
      ...children.flatMap((child) => (child ? [{ ...summaryOf(child.record), retriedFrom: taskId }] : [])),
    ],
    truncated: (parent !== null && above.length === maxAncestors) || places.length > maxChildren,
  }
}

function kin(record: TaskRecord, parent: JobPlace | null): TaskSummary {
  return { ...summaryOf(record), retriedFrom: parent && taskIdOf(parent) }
}

/** The jobs that a job of a flow waits or waited for; at most a few more than are shown, of queues that are shown. */
async function childrenOf({ queues }: Parts, job: Job): Promise<readonly JobPlace[]> {
  const count = maxChildren + 1
  const found = await queues.within(() =>
    job.getDependencies({ processed: { count }, unprocessed: { count }, failed: { count }, ignored: { count } }),
  )
  const keys = [
    ...Object.keys(found.processed ?? {}),
    ...(found.unprocessed ?? []),
    ...(found.failed ?? []),
    ...Object.keys(found.ignored ?? {}),
  ]
  const places = [...new Set(keys)].map((key) => placeOfKey(key, queues.prefix))
  return places.filter((place) => place !== null && queues.names.includes(place.queue)).slice(0, count) as JobPlace[]
}
