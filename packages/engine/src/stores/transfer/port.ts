import type { Attempt, LogEntry, TaskStatus } from '@taskloom/protocol'
import type { TaskRecord } from '../../core/record.ts'
import type { AuditEntry } from '../audit.ts'
import type { AuditHead } from '../audit-chain.ts'
import type { ErrorMark } from '../error-marks.ts'
import type { Operation, OperationItem } from '../operations.ts'
import type { OutboxEntry } from '../outbox.ts'
import type { PausedQueue } from '../queue-controls.ts'
import type { ScheduleState } from '../store.ts'

/**
 * What a store keeps for good, in the order in which it is carried. Left out is what a process says of itself (workers),
 * who is signed in (everybody signs in anew), and what follows from the rest: roll-ups, tags and indexes are made by the
 * store that takes it.
 */
export const transferKinds = [
  'tasks',
  'logs',
  'locks',
  'schedules',
  'queue_controls',
  'outbox',
  'operations',
  'operation_items',
  'audit',
  'audit_head',
  'secrets',
  'error_groups',
  'error_counts',
  'deleted_counts',
  'retry_counts',
] as const
/** One of {@link transferKinds}. */
export type TransferKind = (typeof transferKinds)[number]

/** A row of each kind, as no store in particular keeps it. */
export interface TransferRows {
  /** A task with its attempts. */
  readonly tasks: TransferTask
  /** A line of the log of a task that is there. */
  readonly logs: TransferLine
  /** A lock of a task that waits or runs. */
  readonly locks: TransferLock
  /** Where a schedule is. */
  readonly schedules: ScheduleState
  /** A queue that is paused. */
  readonly queue_controls: PausedQueue
  /** A message to somebody outside. */
  readonly outbox: TransferMessage
  /** Something that is done to many tasks, or was. */
  readonly operations: Operation
  /** What became of one task of an operation. */
  readonly operation_items: TransferItem
  /** With its number and its hash, as it is; nothing is hashed anew. */
  readonly audit: AuditEntry
  /** The one head of the log; none before the first entry. */
  readonly audit_head: AuditHead
  /** What all processes on the store sign with. */
  readonly secrets: TransferSecret
  /** A kind of failure. */
  readonly error_groups: TransferErrorGroup
  /** How often it was seen, hour by hour. */
  readonly error_counts: TransferErrorCount
  /** What tasks came to that are not there any more. */
  readonly deleted_counts: TransferDeletedCount
  /** Attempts that were made anew. */
  readonly retry_counts: TransferRetryCount
}

/** A task with everything that hangs on it but its log. */
export interface TransferTask {
  /** The whole record. */
  readonly record: TaskRecord
  /** Each run so far, the first one first, none twice. */
  readonly attempts: readonly Attempt[]
  /** The kind of its failure; null when it has none. */
  readonly errorGroup: string | null
}

/** A line of a log. */
export interface TransferLine extends LogEntry {
  /** Whose log. */
  readonly taskId: string
}

/** A line of the report of an operation. */
export interface TransferItem extends OperationItem {
  /** Of which operation. */
  readonly operationId: string
}

/** What a task holds. */
export interface TransferLock {
  /** What is locked. */
  readonly key: string
  /** The task that holds it. */
  readonly taskId: string
  /** The task that took it first. */
  readonly owner: string
  /** Since when, epoch milliseconds. */
  readonly since: number
}

/** A message that has not arrived yet, or was given up. */
export interface TransferMessage extends OutboxEntry {
  /** When it is tried again; null when it was given up. */
  readonly dueAt: number | null
  /** How often it was handed out. */
  readonly attempts: number
  /** Why it did not arrive; null when it was not tried. */
  readonly error: string | null
}

/** What is signed with. */
export interface TransferSecret {
  /** Under which name it is kept. */
  readonly name: string
  /** The secret itself. */
  readonly secret: string
}

/** A kind of failure, with what was said of it. */
export interface TransferErrorGroup {
  /** Names the kind. */
  readonly fingerprint: string
  /** The class of the error, or its code. */
  readonly type: string
  /** What the last failure said. */
  readonly message: string
  /** In which functions it was seen; the first 20. */
  readonly functions: readonly string[]
  /** When it was seen first, epoch milliseconds. */
  readonly firstSeen: number
  /** When it was seen last. */
  readonly lastSeen: number
  /** The task that failed so last. */
  readonly sampleTaskId: string
  /** What somebody said of it; null when nobody has. */
  readonly mark: ErrorMark | null
  /** When; null when nobody has. */
  readonly markedAt: number | null
  /** Who, as he is shown; null when nobody has. */
  readonly markedBy: string | null
}

/** Failures of one kind in one hour. */
export interface TransferErrorCount {
  /** Which kind. */
  readonly fingerprint: string
  /** The beginning of the hour, epoch milliseconds. */
  readonly hour: number
  /** How many. */
  readonly tasks: number
}

/** A histogram as pairs of a bin and how many are in it, rising. */
export type TransferBins = readonly (readonly [bin: number, count: number])[]

/** Tasks that were deleted. */
export interface TransferDeletedCount {
  /** Of this function. */
  readonly funcName: string
  /** In this queue. */
  readonly queue: string
  /** How they ended. */
  readonly status: TaskStatus
  /** How many. */
  readonly tasks: number
  /** How long they took together, milliseconds. */
  readonly durationSum: number
  /** How that is spread. */
  readonly duration: TransferBins
  /** How long they had waited together, milliseconds. */
  readonly waitSum: number
  /** How that is spread. */
  readonly wait: TransferBins
}

/** Retries that there ever were. */
export interface TransferRetryCount {
  /** Of this function. */
  readonly funcName: string
  /** In this queue. */
  readonly queue: string
  /** How many. */
  readonly retries: number
}

/** Some rows of a kind. */
export interface TransferSlice<K extends TransferKind = TransferKind> {
  /** In the order of their keys; may be none although there are more. */
  readonly rows: readonly TransferRows[K][]
  /** Where to read on; null when these were the last. */
  readonly next: string | null
}

/** Carries everything out of a store and into one. Whoever uses it has seen to it that nobody else writes meanwhile. */
export interface TransferStore {
  /** Names what this store holds, for as long as it lives; made up when it is first asked for. */
  identity(): Promise<string>
  /** How many rows of a kind there are; may look at all of them. */
  count(kind: TransferKind): Promise<number>
  /** Rows after a place that `next` named, null for the first; at most `limit`, and fewer where they are big. */
  read<K extends TransferKind>(kind: K, after: string | null, limit: number): Promise<TransferSlice<K>>
  /**
   * Adds the rows that are not there, in one transaction, with what this store makes of them; one whose key is there is
   * left as it is. Durable when it resolves.
   */
  write<K extends TransferKind>(kind: K, rows: readonly TransferRows[K][]): Promise<void>
  /** What {@link remark} kept last; null before. */
  mark(): Promise<string | null>
  /** Keeps a note about a transfer into this store, if the one that is kept is still `from`; whether it was. */
  remark(from: string | null, to: string): Promise<boolean>
}
