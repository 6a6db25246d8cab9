import type { Creation } from '../core/record.ts'
import type { AuditDraft } from './audit.ts'
import type { ItemResult } from './operations.ts'
import type { OutboxEntry } from './outbox.ts'
import type { Written } from './store.ts'

/**
 * A connection of the host's own, such as a `Database` of better-sqlite3. Only its shape is told here: the host's
 * version of the driver need not be the engine's.
 */
export interface HostConnection {
  /** Whether it was not closed. */
  readonly open: boolean
  /** Whether it cannot write. */
  readonly readonly: boolean
  /** Whether a transaction is open on it. */
  readonly inTransaction: boolean
  /** A statement of it. */
  prepare(sql: string): unknown
}

/** A new task with the messages that are stored if, and only if, it is. */
export type NewTaskWrite = Creation & {
  /** The messages; none by default. */
  readonly outbox?: readonly OutboxEntry[]
  /** The entry of the audit log that is stored if, and only if, it is; none by default. */
  readonly audit?: AuditDraft
  /** The item of an operation that is settled with it; none by default. */
  readonly operation?: ItemResult
}

/** Storing new tasks inside transactions that the host has open on connections of its own. */
export interface HostTransactions {
  /**
   * Writes a new task into the transaction that is open, all of it or nothing; answers as `TaskStore.write` does. It is
   * durable, and can be seen by others, when the host commits. Throws `bad_connection` where the connection is not of
   * this store's file or has no transaction open, and `store_failed` when the write is refused.
   */
  write(connection: HostConnection, write: NewTaskWrite): Written
}
