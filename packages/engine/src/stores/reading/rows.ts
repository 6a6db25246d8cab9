import type { Attempt, LogEntry, TaskSummary } from '@taskloom/protocol'
import type { TaskRecord } from '../../core/record.ts'
import type { Row, Value } from '../sql/database.ts'

/** Columns of a summary, in the order in which `summaryFromRow` reads them. */
const summaryColumns = [
  'id',
  'status',
  'func_name',
  'queue',
  'created_at',
  'run_at',
  'start_time',
  'end_time',
  'duration_ms',
  'wait_ms',
  'attempt',
  'retries_used',
  'max_retries',
  'priority',
  'executor',
  'source',
  'error',
  'tags',
  'progress',
  'user_label',
  'worker_id',
  'has_logs',
  'retried_from',
  'retry_count',
  'version',
] as const

/** What a record has beyond its summary. */
const bodyColumns = [
  'idempotency_key',
  'schedule',
  'slot_at',
  'interruptions',
  'cancel_requested_at',
  'trace_id',
  'error_code',
  'locks',
  'affected',
  'truncated',
  'progress_payload',
  'args',
  'result',
  'stacktrace',
  'redact',
  'traceparent',
  'tracestate',
] as const

export const summaryList = summaryColumns.join(', ')
export const recordColumns: readonly string[] = [...summaryColumns, ...bodyColumns]
export const recordList = recordColumns.join(', ')

export function toRow(record: TaskRecord): Value[] {
  return [
    record.taskId,
    record.status,
    record.funcName,
    record.queue,
    record.createdAt,
    record.runAt,
    record.startTime,
    record.endTime,
    record.durationMs,
    record.waitMs,
    record.attempt,
    record.retriesUsed,
    record.maxRetries,
    record.priority,
    record.executor,
    record.source,
    record.error,
    tagsToText(record.tags),
    toJson(record.progress),
    record.userLabel,
    record.workerId,
    record.hasLogs ? 1 : 0,
    record.retriedFrom,
    record.retryCount,
    record.version,
    record.idempotencyKey,
    record.schedule,
    record.slotAt,
    record.interruptions,
    record.cancelRequestedAt,
    record.traceId,
    record.errorCode,
    listToText(record.locks),
    listToText(record.affected),
    listToText(record.truncated),
    record.progressPayload,
    record.args,
    record.result,
    record.stacktrace,
    listToText(record.redact),
    record.traceparent,
    record.tracestate,
  ]
}

export function summaryFromRow(row: Row): TaskSummary {
  return {
    taskId: row[0] as string,
    status: row[1] as string,
    funcName: row[2] as string,
    queue: row[3] as string,
    createdAt: row[4] as number,
    runAt: row[5] as number | null,
    startTime: row[6] as number | null,
    endTime: row[7] as number | null,
    durationMs: row[8] as number | null,
    waitMs: row[9] as number | null,
    attempt: row[10] as number,
    retriesUsed: row[11] as number,
    maxRetries: row[12] as number,
    priority: row[13] as number | null,
    executor: row[14] as string,
    source: row[15] as string,
    error: row[16] as string | null,
    tags: tagsFromText(row[17] as string),
    progress: row[18] == null ? null : (JSON.parse(row[18] as string) as TaskSummary['progress']),
    userLabel: row[19] as string | null,
    workerId: row[20] as string | null,
    hasLogs: row[21] === 1,
    retriedFrom: row[22] as string | null,
    retryCount: row[23] as number,
    version: row[24] as number,
  }
}

/** Written out, summary and all: spreading objects of this size is slower than reading the row. */
export function recordFromRow(row: Row): TaskRecord {
  return {
    taskId: row[0] as string,
    status: row[1] as TaskRecord['status'],
    funcName: row[2] as string,
    queue: row[3] as string,
    createdAt: row[4] as number,
    runAt: row[5] as number | null,
    startTime: row[6] as number | null,
    endTime: row[7] as number | null,
    durationMs: row[8] as number | null,
    waitMs: row[9] as number | null,
    attempt: row[10] as number,
    retriesUsed: row[11] as number,
    maxRetries: row[12] as number,
    priority: row[13] as number | null,
    executor: row[14] as string,
    source: row[15] as string,
    error: row[16] as string | null,
    tags: tagsFromText(row[17] as string),
    progress: row[18] == null ? null : (JSON.parse(row[18] as string) as TaskSummary['progress']),
    userLabel: row[19] as string | null,
    workerId: row[20] as string | null,
    hasLogs: row[21] === 1,
    retriedFrom: row[22] as string | null,
    retryCount: row[23] as number,
    version: row[24] as number,
    idempotencyKey: row[25] as string | null,
    schedule: row[26] as string | null,
    slotAt: row[27] as number | null,
    interruptions: row[28] as number,
    cancelRequestedAt: row[29] as number | null,
    traceId: row[30] as string | null,
    errorCode: row[31] as string | null,
    locks: listFromText(row[32] as string | null),
    affected: listFromText(row[33] as string | null),
    truncated: listFromText(row[34] as string | null),
    progressPayload: row[35] as string | null,
    args: row[36] as string,
    result: row[37] as string | null,
    stacktrace: row[38] as string | null,
    redact: listFromText(row[39] as string | null),
    traceparent: row[40] as string | null,
    tracestate: row[41] as string | null,
  }
}

export const attemptList = 'attempt, started_at, ended_at, outcome, error, stacktrace, worker_id'

export function attemptToRow(taskId: string, attempt: Attempt): Value[] {
  const { startedAt, endedAt, outcome, error, stacktrace, workerId } = attempt
  return [taskId, attempt.attempt, startedAt, endedAt, outcome, error, stacktrace, workerId]
}

export function attemptFromRow(row: Row): Attempt {
  return {
    attempt: row[0] as number,
    startedAt: row[1] as number,
    endedAt: row[2] as number | null,
    outcome: row[3] as string | null,
    error: row[4] as string | null,
    stacktrace: row[5] as string | null,
    workerId: row[6] as string | null,
  }
}

export const logList = 'line, at, level, message, attempt, extra'

export function logFromRow(row: Row): LogEntry {
  return {
    line: row[0] as number,
    at: row[1] as number,
    level: row[2] as string,
    message: row[3] as string,
    attempt: row[4] as number,
    extra: row[5] == null ? null : (JSON.parse(row[5] as string) as LogEntry['extra']),
  }
}

export function tagsFromText(text: string): TaskSummary['tags'] {
  return text === '{}' ? {} : (JSON.parse(text) as TaskSummary['tags'])
}

export function toJson(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value)
}

/** Most tasks have no tags and no lists: those cost no JSON. */
function tagsToText(tags: TaskSummary['tags']): string {
  for (const key in tags) if (Object.hasOwn(tags, key)) return JSON.stringify(tags)
  return '{}'
}

export function listToText(list: readonly string[]): string | null {
  return list.length === 0 ? null : JSON.stringify(list)
}

export function listFromText(text: string | null): readonly string[] {
  return text === null ? [] : (JSON.parse(text) as readonly string[])
}
