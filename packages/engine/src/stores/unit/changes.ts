import type { Attempt } from '@taskloom/protocol'
import type { LogLine, TaskRecord } from '../../core/record.ts'
import type { AuditDraft } from '../audit.ts'
import type { ItemResult } from '../operations.ts'
import type { OutboxEntry } from '../outbox.ts'

/** What a task's row holds beyond its record. */
export interface RowExtras {
  /** When the attempt began that the row itself tells of; null when it tells of none. */
  readonly attemptStartedAt: number | null
  /** The idempotency key while the task holds it, which no other row may then have; else null. */
  readonly heldKey: string | null
  /** The kind of its failure; null unless it has failed. */
  readonly errorGroup: string | null
  /** How many lines its log has. */
  readonly logLines: number
}

/** A row that is added. */
export interface NewRow {
  readonly record: TaskRecord
  readonly extras: RowExtras
}

/** A row that is changed: nothing but what is different. */
export interface ChangedRow {
  readonly taskId: string
  readonly set: Partial<TaskRecord>
  readonly extras: Partial<RowExtras>
}

export interface StoredAttempt {
  readonly taskId: string
  readonly attempt: Attempt
}

export interface StoredLine extends LogLine {
  readonly taskId: string
  /** From 1. */
  readonly line: number
}

export interface StoredTag {
  readonly taskId: string
  readonly key: string
  readonly value: string
}

export interface TakenLock {
  readonly key: string
  readonly taskId: string
  readonly owner: string
  readonly since: number
}

/** How counts move when a task was one thing and is another; null where there was, or is, none. */
export interface CountChange {
  readonly before: TaskRecord | null
  readonly after: TaskRecord | null
}

/** All that a batch changes, for a store to save at once. */
export interface Changes {
  readonly inserts: readonly NewRow[]
  readonly updates: readonly ChangedRow[]
  /** Attempts with rows of their own; each replaces one of the same number. */
  readonly attempts: readonly StoredAttempt[]
  readonly logs: readonly StoredLine[]
  readonly removedTags: readonly StoredTag[]
  readonly addedTags: readonly StoredTag[]
  /** Each replaces one of the same key and task. */
  readonly takenLocks: readonly TakenLock[]
  /** Tasks that hold no lock any more. */
  readonly releasedLocks: readonly string[]
  readonly outbox: readonly OutboxEntry[]
  readonly settled: readonly ItemResult[]
  readonly audits: readonly AuditDraft[]
  readonly counts: readonly CountChange[]
  /** Tasks by their failure that is new, for the counts of kinds of failures. */
  readonly failures: readonly TaskRecord[]
}
