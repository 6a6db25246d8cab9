import { createRequire } from 'node:module'
import type { Database, Options } from 'better-sqlite3'
import { TaskError } from '../../core/errors.ts'
import { refuseForeign } from './own-file.ts'

/** `normal` survives the death of the process, `full` also a loss of power; see the guide about stores. */
export type Durability = 'normal' | 'full'

/** Longer waits for another process's lock are done asynchronously: this one blocks the event loop. */
const busyTimeoutMs = 20

export async function openWriter(path: string, durability: Durability): Promise<Database> {
  const db = await load(path, {})
  try {
    db.pragma(`busy_timeout = ${busyTimeoutMs}`)
    refuseForeign(db)
    db.pragma('journal_mode = WAL')
    db.pragma(`synchronous = ${durability}`)
    // A thread of its own makes them: this one, which waits for the disk, comes when that does not keep up.
    db.pragma('wal_autocheckpoint = 16000')
    db.pragma('journal_size_limit = 67108864')
    db.pragma('foreign_keys = OFF')
    db.pragma('cache_size = -32768')
    db.pragma('temp_store = MEMORY')
  } catch (error) {
    db.close()
    throw error
  }
  return db
}

/** For checkpoints alone; throws where there is no file any more. */
export async function openCheckpointer(path: string): Promise<Database> {
  const db = await load(path, { fileMustExist: true })
  db.pragma(`busy_timeout = ${busyTimeoutMs}`)
  db.pragma('wal_autocheckpoint = 0')
  return db
}

export async function openReader(path: string): Promise<Database> {
  const db = await load(path, { readonly: true, fileMustExist: true })
  db.pragma('busy_timeout = 1000')
  db.pragma('cache_size = -65536')
  db.pragma('mmap_size = 268435456')
  db.pragma('temp_store = MEMORY')
  return db
}

export function isBusy(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown }
  return typeof code === 'string' && (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
}

async function load(path: string, options: Options): Promise<Database> {
  refuseCrash()
  const { default: SqliteDatabase } = await import('better-sqlite3')
  return new SqliteDatabase(path, options)
}

/** better-sqlite3 13 on an older Node does not throw, it takes the process down; so we look before we load. */
function refuseCrash(): void {
  const require = createRequire(import.meta.url)
  let version: string
  try {
    ;({ version } = require('better-sqlite3/package.json') as { readonly version: string })
  } catch (cause) {
    const message = 'The SQLite store needs the package better-sqlite3, which is not installed'
    throw new TaskError('store_failed', { message }, { cause })
  }
  if (Number.parseInt(version, 10) >= 13 && Number(process.versions.napi) < 10) {
    throw new TaskError('store_failed', {
      message: `better-sqlite3 ${version} needs Node 22.14 or newer; install better-sqlite3 12 or a newer Node`,
    })
  }
}
