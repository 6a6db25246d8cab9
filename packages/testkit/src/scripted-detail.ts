import type { StoredDetail, TaskRecord } from '@taskloom/engine/store'
import { taskSummary, type Json, type TaskDetail, type TaskSummary } from '@taskloom/protocol'

/** A record as the list shows it. */
export function summaryOf(record: TaskRecord): TaskSummary {
  const names = Object.keys(taskSummary.fields) as (keyof TaskSummary)[]
  return Object.fromEntries(names.map((name) => [name, record[name]])) as TaskSummary
}

/** A record as the panel shows it. */
export function detailOf({ record, attempts, retries, recentRuns, functionStats }: StoredDetail): TaskDetail {
  const { stacktrace, errorCode, affected, idempotencyKey, locks, traceId, schedule, truncated } = record
  return {
    ...summaryOf(record),
    ...{ stacktrace, errorCode, affected, idempotencyKey, locks, traceId, schedule, truncated },
    args: JSON.parse(record.args) as Json,
    result: record.result === null ? null : (JSON.parse(record.result) as Json),
    progressPayload: null,
    logs: [],
    logsNext: null,
    attempts,
    timeline: [{ at: record.createdAt, event: 'created', detail: null }],
    retries: retries.map(({ taskId }) => taskId),
    functionStats,
    recentRuns,
    cleanedUp: false,
  }
}
