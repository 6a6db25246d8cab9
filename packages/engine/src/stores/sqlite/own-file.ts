import type { Database } from './driver/port.ts'
import { TaskError } from '../../core/errors.ts'
import { sqliteCode } from './driver/failure.ts'

/**
 * Throws when the file has tables of our names that are not ours, before anything in it is changed. Other tables are
 * welcome: a host may keep its own data in the same file.
 */
export function refuseForeign(db: Database): void {
  const columnsOf = (table: string): readonly string[] =>
    db.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table)
  const version = columnsOf('schema_version')
  const tasks = columnsOf('tasks')
  const isNew = version.length === 0 && tasks.length === 0
  const isOurs = version.join() === 'version' && tasks.includes('func_name') && tasks.includes('worker_id')
  if (isNew || isOurs) return
  throw new TaskError('store_failed', {
    message: 'it is a SQLite database with tables of the same names that are not Taskloom’s; choose another file',
  })
}

/** What SQLite says of damaged files is short; an operator needs to know what to do. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason'
  const code = sqliteCode(error)
  if (code === 'SQLITE_NOTADB') return 'it is damaged or no SQLite database; restore a backup or choose another file'
  if (code?.startsWith('SQLITE_CORRUPT')) {
    return `it is damaged (${error.message}); restore a backup or choose another file`
  }
  return error.message
}
