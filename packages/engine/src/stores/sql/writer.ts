import { setTimeout } from 'node:timers/promises'
import { TaskError } from '../../core/errors.ts'
import type { StoreFailedReason } from '../opening.ts'
import { DatabaseError, type BulkSession, type BulkWrite, type Database } from './database.ts'

const firstPauseMs = 5
const longestPauseMs = 500

/** How writes are done. */
export interface WriterOptions {
  readonly database: Database
  /** Called after each commit that wrote something, for whoever tells other processes of it. */
  readonly onCommitted: () => void
  /** How long a write is tried again while the database is away, or others are in its way. */
  readonly patienceMs: number
  /** A share from 0 to 1, so that those who were in each other's way do not meet again. */
  readonly chance: () => number
}

/** Where transactions are done that write, and tried again when others made them impossible. */
export class Writer {
  constructor(private readonly options: WriterOptions) {}

  get database(): Database {
    return this.options.database
  }

  /**
   * Runs `act` in a transaction; it may run several times, and only its last run counts. Rejects with a `TaskError`:
   * `store_failed` when the database refuses it or stays away. `act` hears which failure its last run ended with.
   */
  async run<T>(act: (session: BulkSession, last: DatabaseError | null) => Promise<T>): Promise<T> {
    const endMs = performance.now() + this.options.patienceMs
    let last: DatabaseError | null = null
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      const before: DatabaseError | null = last
      try {
        let hasWritten = false
        const value = await this.options.database.transaction((session) =>
          act(
            noting(session, () => (hasWritten = true)),
            before,
          ),
        )
        if (hasWritten) this.options.onCommitted()
        return value
      } catch (cause) {
        last = this.#requireAnother(cause, last, endMs)
      }
      await setTimeout(pauseMs * this.options.chance())
    }
  }

  /**
   * Does all of the writes in one round trip, or none, where the database can; null when it is done, else why not. Whoever asks
   * goes on with {@link run}: that tries again.
   */
  async atOnce(writes: readonly BulkWrite[]): Promise<DatabaseError | null> {
    try {
      await this.options.database.atOnce?.(writes)
      if (writes.length > 0) this.options.onCommitted()
      return null
    } catch (cause) {
      if (cause instanceof DatabaseError) return cause
      throw cause
    }
  }

  get canAtOnce(): boolean {
    return this.options.database.atOnce !== undefined
  }

  /** The failure after which it may be tried once more; throws when not. */
  #requireAnother(cause: unknown, before: DatabaseError | null, endMs: number): DatabaseError {
    if (!(cause instanceof DatabaseError)) throw cause
    if (cause.failure === 'refused' || performance.now() > endMs) throw refusal(cause)
    // Whether the first COMMIT came through stays open until a later try finds out.
    return before?.failure === 'unanswered' ? before : cause
  }
}

/** The same session, but it is said when rows were written: looking for work that is not there tells nobody anything. */
function noting(session: BulkSession, note: () => void): BulkSession {
  const noted = async (writing: Promise<number>): Promise<number> => {
    const count = await writing
    if (count > 0) note()
    return count
  }
  return {
    rows: (sql, params) => session.rows(sql, params),
    run: (sql, params) => noted(session.run(sql, params)),
    insert: (table, columns, rows, onConflict) => noted(session.insert(table, columns, rows, onConflict)),
    update: (table, keys, columns, rows, guard) => noted(session.update(table, keys, columns, rows, guard)),
    remove: (table, keys, rows) => noted(session.remove(table, keys, rows)),
  }
}

/** What the host is told when the database does not do what was asked for. */
export function refusal(cause: unknown): TaskError {
  if (cause instanceof TaskError) return cause
  const reason = cause instanceof Error ? cause.message : 'unknown reason'
  return new TaskError('store_failed', { message: `The store refused a write: ${reason}` }, { cause })
}

function unanswered(cause: unknown): TaskError {
  const words = cause instanceof Error ? cause.message : 'unknown reason'
  const message = `The store did not answer: ${words}`
  const reason: StoreFailedReason = 'unreachable'
  const isAway = cause instanceof DatabaseError && cause.failure === reason
  return new TaskError('store_failed', isAway ? { message, reason } : { message }, { cause })
}

/** Reads, and says it in the host's terms when the database does not answer. */
export async function asked<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (cause) {
    if (cause instanceof TaskError) throw cause
    throw unanswered(cause)
  }
}
