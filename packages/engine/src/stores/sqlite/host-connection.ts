import { realpathSync } from 'node:fs'
import type { Database } from './driver/port.ts'
import { TaskError } from '../../core/errors.ts'
import type { HostConnection } from '../host-transactions.ts'
import { schemaVersion } from './migrations.ts'

/** Tables of ours that a temporary one of the same name would hide. */
const tables = "'tasks', 'attempts', 'task_tags', 'rollups', 'locks', 'outbox', 'schema_version'"

/** Why a connection cannot be used: `details.reason` of `bad_connection`. */
type Reason = 'not_a_connection' | 'closed' | 'readonly' | 'no_transaction' | 'other_file' | 'hidden_tables'

/** Throws `bad_connection` unless a transaction is open on it that can write. */
export function requireTransaction(connection: unknown): asserts connection is HostConnection {
  if (!isConnection(connection)) {
    throw badConnection('not_a_connection', 'A Database of better-sqlite3 is needed to enqueue inside its transaction')
  }
  if (!connection.open) throw badConnection('closed', 'This connection is closed')
  if (connection.readonly) throw badConnection('readonly', 'This connection is read-only')
  if (connection.inTransaction) return
  throw badConnection('no_transaction', 'No transaction is open on this connection; call it inside db.transaction(…)')
}

/** Throws `bad_connection` unless its main database is the file at `path`, also when it was opened by a symbolic link. */
export function requireSameFile(connection: HostConnection, path: string): void {
  const rows = (connection as unknown as Database)
    .prepare<[], { readonly name: string; readonly file: string | null }>('PRAGMA database_list')
    .all()
  const file = rows.find(({ name }) => name === 'main')?.file ?? ''
  if (file !== '' && realPath(file) === realPath(path)) return
  const found = file === '' ? 'a database that is in no file' : file
  throw badConnection('other_file', `This connection is of ${found}, the tasks are in ${path}`)
}

/**
 * What our statements are prepared on. Whatever the host has set for his own ones, such as `defaultSafeIntegers`, ours
 * read numbers.
 */
export function forOurStatements(connection: HostConnection): Database {
  const host = connection as unknown as { prepare(sql: string): { safeIntegers(isOn: boolean): unknown } }
  const prepare = (sql: string): unknown => host.prepare(sql).safeIntegers(false)
  return { prepare } as unknown as Database
}

/** Gives a check, to be made inside the transaction, that our tables are found there and are of our version. */
export function schemaCheck(db: Database): () => void {
  const read = db
    .prepare<[], [version: number, hidden: number]>(
      `SELECT version, (SELECT count(*) FROM temp.sqlite_master WHERE name IN (${tables})) FROM main.schema_version`,
    )
    .raw()
  return () => {
    const [version, hidden] = read.get() ?? [0, 0]
    if (hidden > 0) throw badConnection('hidden_tables', 'A temporary table on this connection hides one of the tasks')
    if (version === schemaVersion) return
    const message = `The store has schema ${version}, this process knows ${schemaVersion}. Start it anew with the version that wrote it`
    throw new TaskError('store_failed', { message })
  }
}

function isConnection(value: unknown): value is HostConnection {
  if (typeof value !== 'object' || value === null) return false
  const { open, readonly, inTransaction, prepare } = value as Partial<Record<keyof HostConnection, unknown>>
  const flags = [open, readonly, inTransaction]
  return flags.every((flag) => typeof flag === 'boolean') && typeof prepare === 'function'
}

/** A hard link is another file to us: SQLite finds the write-ahead log beside the name it was given. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path)
  } catch {
    return path
  }
}

function badConnection(reason: Reason, message: string): TaskError {
  return new TaskError('bad_connection', { message, reason })
}
