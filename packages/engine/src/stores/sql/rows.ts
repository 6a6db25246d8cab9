import type { TaskRecord } from '../../core/record.ts'
import { listToText, recordColumns, toRow } from '../reading/rows.ts'
import type { ChangedRow, NewRow, RowExtras, StoredAttempt, StoredLine } from '../unit/index.ts'
import type { Guard, Value } from './database.ts'
import { guardOf, type Guesses } from './guess.ts'

/** Of the table `tasks`, in the order of {@link toTaskRow}. */
export const taskColumns: readonly string[] = [
  ...recordColumns,
  ...['attempt_started_at', 'held_key', 'error_group', 'log_lines', 'urgency'],
]

export function toTaskRow({ record, extras }: NewRow): Value[] {
  const row = toRow(record)
  row.push(extras.attemptStartedAt, extras.heldKey, extras.errorGroup, extras.logLines, urgencyOf(record.priority))
  return row
}

export const attemptColumns = [
  ...['task_id', 'attempt', 'started_at', 'ended_at', 'outcome', 'error', 'stacktrace', 'worker_id'],
] as const

export function toAttemptRow({ taskId, attempt }: StoredAttempt): Value[] {
  const { startedAt, endedAt, outcome, error, stacktrace, workerId } = attempt
  return [taskId, attempt.attempt, startedAt, endedAt, outcome, error, stacktrace, workerId]
}

export const lineColumns = ['task_id', 'line', 'at', 'level', 'message', 'attempt', 'extra'] as const

export function toLineRow({ taskId, line, at, level, message, attempt, extra }: StoredLine): Value[] {
  return [taskId, line, at, level, message, attempt, extra === null ? null : JSON.stringify(extra)]
}

/** Rows that change in the same columns; each begins with the id. */
export interface AlikeRows {
  /** What the rows were taken to be; null when they are known. */
  readonly guard: Guard | null
  readonly columns: readonly string[]
  readonly rows: Value[][]
}

/** Puts changes together that one statement can make. */
export function alike(updates: readonly ChangedRow[], guesses: Guesses): readonly AlikeRows[] {
  const groups = new Map<string, AlikeRows>()
  for (const { taskId, set, extras } of updates) {
    const columns: string[] = []
    const row: Value[] = [taskId]
    for (const field in set) {
      const value = set[field as keyof TaskRecord]
      columns.push(columnOf[field as keyof TaskRecord])
      row.push(toValue(value))
      if (field !== 'priority') continue
      columns.push('urgency')
      row.push(urgencyOf(set.priority ?? null))
    }
    for (const field in extras) {
      columns.push(extraColumnOf[field as keyof RowExtras])
      row.push(extras[field as keyof RowExtras] ?? null)
    }
    if (columns.length === 0) continue
    const seen = guesses.get(taskId)
    const key = seen
      ? `${columns.join()} ${seen.status} ${seen.attempt} ${seen.queue} ${seen.workerId}`
      : columns.join()
    const group = groups.get(key)
    if (group) group.rows.push(row)
    else groups.set(key, { guard: seen ? guardOf(seen) : null, columns, rows: [row] })
  }
  return [...groups.values()]
}

const extraColumnOf: Readonly<Record<keyof RowExtras, string>> = {
  attemptStartedAt: 'attempt_started_at',
  heldKey: 'held_key',
  errorGroup: 'error_group',
  logLines: 'log_lines',
}

const columnOf: Readonly<Record<keyof TaskRecord, string>> = {
  taskId: 'id',
  status: 'status',
  funcName: 'func_name',
  queue: 'queue',
  createdAt: 'created_at',
  runAt: 'run_at',
  startTime: 'start_time',
  endTime: 'end_time',
  durationMs: 'duration_ms',
  waitMs: 'wait_ms',
  attempt: 'attempt',
  retriesUsed: 'retries_used',
  maxRetries: 'max_retries',
  priority: 'priority',
  executor: 'executor',
  source: 'source',
  error: 'error',
  tags: 'tags',
  progress: 'progress',
  userLabel: 'user_label',
  workerId: 'worker_id',
  hasLogs: 'has_logs',
  retriedFrom: 'retried_from',
  retryCount: 'retry_count',
  version: 'version',
  idempotencyKey: 'idempotency_key',
  schedule: 'schedule',
  slotAt: 'slot_at',
  interruptions: 'interruptions',
  cancelRequestedAt: 'cancel_requested_at',
  traceId: 'trace_id',
  errorCode: 'error_code',
  locks: 'locks',
  affected: 'affected',
  truncated: 'truncated',
  progressPayload: 'progress_payload',
  args: 'args',
  result: 'result',
  stacktrace: 'stacktrace',
  redact: 'redact',
  traceparent: 'traceparent',
  tracestate: 'tracestate',
}

/** What is read first has the least. */
function urgencyOf(priority: number | null): number {
  return 0 - (priority ?? 0)
}

/** As `toRow` writes it. */
function toValue(value: TaskRecord[keyof TaskRecord] | undefined): Value {
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'object') return value
  return isList(value) ? listToText(value) : JSON.stringify(value)
}

function isList(value: object): value is readonly string[] {
  return Array.isArray(value)
}
