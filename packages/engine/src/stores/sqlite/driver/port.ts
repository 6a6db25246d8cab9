/**
 * An open connection to one file, as far as the store needs it: what better-sqlite3 has by itself, so that nothing stands
 * between it and our statements. Rows are objects unless a statement says otherwise; integers are numbers.
 */
export interface Database {
  /** Whether a transaction is open on it. */
  readonly inTransaction: boolean
  /** Does one or several statements that answer nothing. */
  exec(sql: string): unknown
  /** Does `PRAGMA text`. */
  pragma(text: string): unknown
  prepare<P extends unknown[] = unknown[], R = unknown>(sql: string): Statement<P, R>
  close(): unknown
}

/** A prepared statement. What is bound: text, numbers and null; undefined is null. */
export interface Statement<P extends unknown[] = unknown[], R = unknown> {
  run(...params: P): Changes
  get(...params: P): R | undefined
  all(...params: P): R[]
  /** Row by row; leaving the loop early lets the statement go. */
  iterate(...params: P): IterableIterator<R>
  /** Rows come as arrays from now on. */
  raw(): this
  /** Of a statement with one column its value alone comes from now on. */
  pluck(): this
}

/** What a statement has written. */
export interface Changes {
  readonly changes: number
  readonly lastInsertRowid: number | bigint
}

/** Which package brings SQLite: `better-sqlite3`, or `node`, the module `node:sqlite` of Node 22.13 and newer. */
export type SqliteDriver = 'better-sqlite3' | 'node'

/** `create` makes the file when there is none; the others throw then. */
export type OpenMode = 'create' | 'write' | 'read'

/** Opens files. */
export interface Driver {
  readonly name: SqliteDriver
  open(path: string, mode: OpenMode): Database
}

/** Does all or nothing of `act`, in a transaction that nobody else writes beside. */
export function inTransaction<T>(db: Database, act: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const value = act()
    db.exec('COMMIT')
    return value
  } catch (error) {
    // Some errors, such as a full disk, have ended it by themselves.
    if (db.inTransaction) db.exec('ROLLBACK')
    throw error
  }
}
