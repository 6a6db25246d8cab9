import type { LogEntry, TaskStatus } from '@taskloom/protocol'
import type { ErrorMark } from '../error-marks.ts'
import { addBins, readBins } from '../histogram.ts'
import type { ItemOutcome, Operation } from '../operations.ts'
import type { TransferBins, TransferKind, TransferRows } from './port.ts'

/** What a column of a database gives and takes. */
export type Value = string | number | null
/** The columns of the key of a table, and then the others. */
export type Row = readonly Value[]

/** A table as rows of a kind. */
export interface TableShape<R> {
  readonly table: string
  /** What orders the rows, and names each once. */
  readonly key: readonly string[]
  /** The other columns. */
  readonly rest: readonly string[]
  readonly toRow: (row: R) => Value[]
  readonly fromRow: (row: Row) => R
}

/** Kinds that are their tables and nothing else. */
export type PlainKind = Exclude<TransferKind, 'tasks' | 'audit' | 'audit_head'>

/** How databases of tables keep each of them; one of them may give a column another name. */
export const tableShapes: { readonly [K in PlainKind]: TableShape<TransferRows[K]> } = {
  logs: {
    table: 'logs',
    key: ['task_id', 'line'],
    rest: ['at', 'level', 'message', 'attempt', 'extra'],
    toRow: ({ taskId, line, at, level, message, attempt, extra }) => [
      ...[taskId, line, at, level, message, attempt],
      extra === null ? null : JSON.stringify(extra),
    ],
    fromRow: (row) => ({
      taskId: text(row, 0),
      line: number(row, 1),
      at: number(row, 2),
      level: text(row, 3),
      message: text(row, 4),
      attempt: number(row, 5),
      extra: row[6] == null ? null : (JSON.parse(text(row, 6)) as LogEntry['extra']),
    }),
  },
  locks: {
    table: 'locks',
    key: ['key', 'task_id'],
    rest: ['owner', 'since'],
    toRow: ({ key, taskId, owner, since }) => [key, taskId, owner, since],
    fromRow: (row) => ({ key: text(row, 0), taskId: text(row, 1), owner: text(row, 2), since: number(row, 3) }),
  },
  schedules: {
    table: 'schedules',
    key: ['name'],
    rest: ['is_paused', 'last_slot_at', 'missed'],
    toRow: ({ name, isPaused, lastSlotAt, missed }) => [name, isPaused ? 1 : 0, lastSlotAt, missed],
    fromRow: (row) => ({
      name: text(row, 0),
      isPaused: row[1] === 1,
      lastSlotAt: numberOrNull(row, 2),
      missed: number(row, 3),
    }),
  },
  queue_controls: {
    table: 'paused_queues',
    key: ['queue'],
    rest: ['since', 'by'],
    toRow: ({ queue, since, by }) => [queue, since, by],
    fromRow: (row) => ({ queue: text(row, 0), since: number(row, 1), by: text(row, 2) }),
  },
  outbox: {
    table: 'outbox',
    key: ['id'],
    rest: ['recipient', 'event', 'task_id', 'created_at', 'due_at', 'attempts', 'error', 'body'],
    toRow: ({ id, recipient, event, taskId, createdAt, dueAt, attempts, error, body }) => [
      ...[id, recipient, event, taskId, createdAt, dueAt, attempts, error, body],
    ],
    fromRow: (row) => ({
      id: text(row, 0),
      recipient: text(row, 1),
      event: text(row, 2),
      taskId: text(row, 3),
      createdAt: number(row, 4),
      dueAt: numberOrNull(row, 5),
      attempts: number(row, 6),
      error: textOrNull(row, 7),
      body: text(row, 8),
    }),
  },
  operations: {
    table: 'operations',
    key: ['id'],
    rest: [
      ...['action', 'filter', 'again', 'actor', 'reason', 'role', 'address', 'created_at', 'begins_at', 'per_second'],
      ...['status', 'worker_id', 'last_task_id', 'collected_to', 'is_collected', 'total', 'succeeded', 'skipped'],
      ...['failed', 'started_at', 'ended_at', 'cancel_requested_at', 'error'],
    ],
    toRow: (operation) => [
      ...[operation.operationId, operation.action, operation.filter, operation.again ? 1 : 0, operation.actor],
      ...[operation.reason, operation.role, operation.address, operation.createdAt, operation.beginsAt],
      ...[operation.perSecond, operation.status, operation.workerId, operation.lastTaskId, operation.collectedTo],
      ...[operation.isCollected ? 1 : 0, operation.total, operation.succeeded, operation.skipped, operation.failed],
      ...[operation.startedAt, operation.endedAt, operation.cancelRequestedAt, operation.error],
    ],
    fromRow: operationFromRow,
  },
  operation_items: {
    table: 'operation_items',
    key: ['operation_id', 'task_id'],
    rest: ['outcome', 'reason', 'new_task_id', 'settled_at'],
    toRow: ({ operationId, taskId, outcome, reason, newTaskId, at }) => [
      ...[operationId, taskId, outcome, reason, newTaskId, at],
    ],
    fromRow: (row) => ({
      operationId: text(row, 0),
      taskId: text(row, 1),
      outcome: row[2] as ItemOutcome,
      reason: textOrNull(row, 3),
      newTaskId: textOrNull(row, 4),
      at: numberOrNull(row, 5),
    }),
  },
  secrets: {
    table: 'secrets',
    key: ['name'],
    rest: ['secret'],
    toRow: ({ name, secret }) => [name, secret],
    fromRow: (row) => ({ name: text(row, 0), secret: text(row, 1) }),
  },
  error_groups: {
    table: 'error_groups',
    key: ['fingerprint'],
    rest: [
      ...['type', 'message', 'functions', 'first_seen', 'last_seen', 'sample_task'],
      ...['mark', 'marked_at', 'marked_by'],
    ],
    toRow: (group) => [
      ...[group.fingerprint, group.type, group.message, JSON.stringify(group.functions), group.firstSeen],
      ...[group.lastSeen, group.sampleTaskId, group.mark, group.markedAt, group.markedBy],
    ],
    fromRow: (row) => ({
      fingerprint: text(row, 0),
      type: text(row, 1),
      message: text(row, 2),
      functions: JSON.parse(text(row, 3)) as string[],
      firstSeen: number(row, 4),
      lastSeen: number(row, 5),
      sampleTaskId: text(row, 6),
      mark: row[7] as ErrorMark | null,
      markedAt: numberOrNull(row, 8),
      markedBy: textOrNull(row, 9),
    }),
  },
  error_counts: {
    table: 'error_counts',
    key: ['fingerprint', 'hour'],
    rest: ['tasks'],
    toRow: ({ fingerprint, hour, tasks }) => [fingerprint, hour, tasks],
    fromRow: (row) => ({ fingerprint: text(row, 0), hour: number(row, 1), tasks: number(row, 2) }),
  },
  deleted_counts: {
    table: 'deleted_counts',
    key: ['func_name', 'queue', 'status'],
    rest: ['tasks', 'duration_sum', 'duration_bins', 'wait_sum', 'wait_bins'],
    toRow: ({ funcName, queue, status, tasks, durationSum, duration, waitSum, wait }) => [
      ...[funcName, queue, status, tasks, durationSum, textOfBins(duration), waitSum, textOfBins(wait)],
    ],
    fromRow: (row) => ({
      funcName: text(row, 0),
      queue: text(row, 1),
      status: row[2] as TaskStatus,
      tasks: number(row, 3),
      durationSum: number(row, 4),
      duration: binsOf(textOrNull(row, 5)),
      waitSum: number(row, 6),
      wait: binsOf(textOrNull(row, 7)),
    }),
  },
  retry_counts: {
    table: 'retry_counts',
    key: ['func_name', 'queue'],
    rest: ['retries'],
    toRow: ({ funcName, queue, retries }) => [funcName, queue, retries],
    fromRow: (row) => ({ funcName: text(row, 0), queue: text(row, 1), retries: number(row, 2) }),
  },
}

function operationFromRow(row: Row): Operation {
  return {
    operationId: text(row, 0),
    action: row[1] as Operation['action'],
    filter: textOrNull(row, 2),
    again: row[3] === 1,
    actor: text(row, 4),
    reason: textOrNull(row, 5),
    role: textOrNull(row, 6),
    address: textOrNull(row, 7),
    createdAt: number(row, 8),
    beginsAt: numberOrNull(row, 9),
    perSecond: numberOrNull(row, 10),
    status: row[11] as Operation['status'],
    workerId: textOrNull(row, 12),
    lastTaskId: textOrNull(row, 13),
    collectedTo: textOrNull(row, 14),
    isCollected: row[15] === 1,
    total: number(row, 16),
    succeeded: number(row, 17),
    skipped: number(row, 18),
    failed: number(row, 19),
    startedAt: numberOrNull(row, 20),
    endedAt: numberOrNull(row, 21),
    cancelRequestedAt: numberOrNull(row, 22),
    error: textOrNull(row, 23),
  }
}

function binsOf(text: string | null): TransferBins {
  const bins: [number, number][] = []
  readBins(text, (bin, count) => bins.push([bin, count]))
  return bins
}

function textOfBins(bins: TransferBins): string | null {
  return addBins(null, new Map(bins))
}

function text(row: Row, index: number): string {
  return row[index] as string
}

function number(row: Row, index: number): number {
  return row[index] as number
}

function textOrNull(row: Row, index: number): string | null {
  return (row[index] ?? null) as string | null
}

function numberOrNull(row: Row, index: number): number | null {
  return (row[index] ?? null) as number | null
}
