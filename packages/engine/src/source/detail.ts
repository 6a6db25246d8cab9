import { isHeld, type Attempt, type LogPage, type TaskDetail, type TimelineEntry } from '@taskloom/protocol'
import type { TaskRecord } from '../core/record.ts'
import { showPacked } from '../core/serialize.ts'
import type { StoredDetail } from '../stores/store.ts'
import { cloneTag } from './clone.ts'
import type { ShownData } from './shown-data.ts'
import { summaryOf } from '../stores/summary.ts'

/** The detail view of a task from what the store keeps of it. Pure. */
export function buildDetail(stored: StoredDetail, page: LogPage, shown: ShownData): TaskDetail {
  const { record } = stored
  return {
    ...summaryOf(record),
    ...shown,
    stacktrace: record.stacktrace,
    errorCode: record.errorCode,
    logs: page.logs,
    logsNext: page.logsNext,
    attempts: stored.attempts,
    timeline: buildTimeline(stored),
    affected: record.affected,
    progressPayload: showPacked(record.progressPayload),
    idempotencyKey: record.idempotencyKey,
    locks: record.locks,
    traceId: record.traceId,
    schedule: record.schedule,
    retries: stored.retries.map(({ taskId }) => taskId),
    functionStats: stored.functionStats,
    recentRuns: stored.recentRuns,
    cleanedUp: false,
    truncated: record.truncated,
  }
}

/** What happened to a task, in order. Pure. */
export function buildTimeline({ record, attempts, retries }: StoredDetail): readonly TimelineEntry[] {
  const entries: TimelineEntry[] = [
    { at: record.createdAt, event: 'created', detail: describeOrigin(record) },
    ...describeDelay(record),
    ...attempts.flatMap((attempt) => describeAttempt(attempt, record)),
    ...describeEnd(record, attempts),
    ...retries.map(({ taskId, createdAt }) => ({ at: createdAt, event: 'retried', detail: taskId })),
  ]
  return entries.sort((a, b) => a.at - b.at)
}

function describeOrigin({ source, schedule, retriedFrom, tags }: TaskRecord): string | null {
  if (retriedFrom !== null) return `retry of ${retriedFrom}`
  if (source === 'api' && Object.hasOwn(tags, cloneTag)) return `clone of ${tags[cloneTag] ?? ''}`
  return schedule === null ? null : `${source} by ${schedule}`
}

function describeDelay(record: TaskRecord): readonly TimelineEntry[] {
  const { createdAt, startTime, waitMs, runAt, attempt } = record
  if (isHeld(record)) return [{ at: createdAt, event: 'held', detail: 'until the response to its request' }]
  const dueAt = startTime === null || waitMs === null ? (attempt === 0 ? runAt : null) : startTime - waitMs
  if (dueAt === null || dueAt <= createdAt) return []
  return [{ at: createdAt, event: 'delayed', detail: `until ${new Date(dueAt).toISOString()}` }]
}

function describeAttempt(attempt: Attempt, record: TaskRecord): readonly TimelineEntry[] {
  const started = { at: attempt.startedAt, event: 'started', detail: `attempt ${attempt.attempt}` }
  if (attempt.endedAt === null) return [started]
  const at = attempt.endedAt
  const ended: TimelineEntry = { at, event: eventOf(attempt.outcome), detail: attempt.error }
  const isLast = attempt.attempt === record.attempt
  if (ended.event === 'snoozed') return [started, isLast ? { ...ended, detail: describeDue(record.runAt) } : ended]
  if (ended.event !== 'failed') return [started, ended]
  if (!isLast || record.status === 'pending') return [started, ended, describeRetry(at, isLast ? record.runAt : null)]
  return record.status === 'failed' ? [started, ended, { at, event: 'gave_up', detail: null }] : [started, ended]
}

function describeRetry(at: number, runAt: number | null): TimelineEntry {
  return { at, event: 'retrying', detail: describeDue(runAt) }
}

function describeDue(runAt: number | null): string | null {
  return runAt === null ? null : `due ${new Date(runAt).toISOString()}`
}

function eventOf(outcome: string | null): string {
  if (outcome === 'success') return 'succeeded'
  return outcome === 'cancelled' || outcome === 'interrupted' || outcome === 'snoozed' ? outcome : 'failed'
}

/** A wish to stop that is not fulfilled yet, and the end of a task whose last attempt does not tell it. */
function describeEnd(record: TaskRecord, attempts: readonly Attempt[]): readonly TimelineEntry[] {
  if (record.status === 'running' && record.cancelRequestedAt !== null) {
    return [{ at: record.cancelRequestedAt, event: 'cancel_requested', detail: null }]
  }
  if (record.status !== 'cancelled' || attempts.at(-1)?.outcome === 'cancelled') return []
  return [{ at: record.endTime ?? record.createdAt, event: 'cancelled', detail: null }]
}
