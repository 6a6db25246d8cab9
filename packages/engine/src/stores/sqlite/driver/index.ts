import { loadBetterSqlite3 } from './better-sqlite3.ts'
import { driverMissing } from '../../opening.ts'
import { nodeWithSqlite } from './node-version.ts'
import { findNodeDriver } from './node.ts'
import type { Driver, SqliteDriver } from './port.ts'

/** The names that an option may say. */
export const driverNames: readonly SqliteDriver[] = ['better-sqlite3', 'node']

/**
 * The driver of that name; without one better-sqlite3 where it loads, else what Node itself brings. Throws `store_failed`,
 * with `driver_missing` as the reason, where there is none.
 */
export async function loadDriver(name: SqliteDriver | null): Promise<Driver> {
  if (name === 'node') return findNodeDriver() ?? refuseNode()
  try {
    return await loadBetterSqlite3()
  } catch (missing) {
    const other = name === null ? findNodeDriver() : null
    if (other) return other
    throw missing
  }
}

function refuseNode(): never {
  const message = `sqlite() was told to use the driver node, which needs ${nodeWithSqlite}. Or install better-sqlite3 and use that`
  throw driverMissing(message, undefined)
}
