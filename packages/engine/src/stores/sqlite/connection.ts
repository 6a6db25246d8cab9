import type { Database, Driver } from './driver/port.ts'
import { sqliteCode } from './driver/failure.ts'
import { refuseForeign } from './own-file.ts'

/** `normal` survives the death of the process, `full` also a loss of power; see the guide about stores. */
export type Durability = 'normal' | 'full'

/** Longer waits for another process's lock are done asynchronously: this one blocks the event loop. */
const busyTimeoutMs = 20

export function openWriter(driver: Driver, path: string, durability: Durability): Database {
  return opened(driver.open(path, 'create'), (db) => {
    db.pragma(`busy_timeout = ${busyTimeoutMs}`)
    refuseForeign(db)
    db.pragma('journal_mode = WAL')
    db.pragma(`synchronous = ${durability}`)
    // A thread of its own makes them: this one, which waits for the disk, comes when that does not keep up.
    db.pragma('wal_autocheckpoint = 16000')
    // After a burst that outgrew its checkpoints the log is cut to this, 6,000 pages, when it begins anew.
    db.pragma('journal_size_limit = 25165824')
    db.pragma('foreign_keys = OFF')
    db.pragma('cache_size = -32768')
    db.pragma('temp_store = MEMORY')
  })
}

/** For checkpoints alone; throws where there is no file any more. */
export function openCheckpointer(driver: Driver, path: string): Database {
  return opened(driver.open(path, 'write'), (db) => {
    db.pragma(`busy_timeout = ${busyTimeoutMs}`)
    db.pragma('wal_autocheckpoint = 0')
  })
}

export function openReader(driver: Driver, path: string): Database {
  return opened(driver.open(path, 'read'), (db) => {
    db.pragma('busy_timeout = 1000')
    db.pragma('cache_size = -65536')
    db.pragma('mmap_size = 268435456')
    db.pragma('temp_store = MEMORY')
  })
}

export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error)
  return code !== null && (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
}

function opened(db: Database, prepare: (db: Database) => void): Database {
  try {
    prepare(db)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
