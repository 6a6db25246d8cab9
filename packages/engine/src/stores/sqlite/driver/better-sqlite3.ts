import { createRequire } from 'node:module'
import type { Options } from 'better-sqlite3'
import { driverMissing } from '../../opening.ts'
import { nodeWithSqlite } from './node-version.ts'
import type { Database, Driver, OpenMode } from './port.ts'

const optionsOf: Readonly<Record<OpenMode, Options>> = {
  create: {},
  write: { fileMustExist: true },
  read: { readonly: true, fileMustExist: true },
}

/** Throws `store_failed` where it is not installed or does not load. */
export async function loadBetterSqlite3(): Promise<Driver> {
  refuseCrash()
  try {
    const { default: SqliteDatabase } = await import('better-sqlite3')
    // Its binary is loaded with the first connection. One that was never built is found out here, not with the file.
    new SqliteDatabase(':memory:').close()
    return { name: 'better-sqlite3', open: (path, mode): Database => new SqliteDatabase(path, optionsOf[mode]) }
  } catch (cause) {
    const [reason] = cause instanceof Error ? cause.message.split('\n') : []
    throw driverMissing(
      `better-sqlite3 is installed and does not load (${reason ?? 'unknown reason'}): build it with npm rebuild better-sqlite3, or use ${nodeWithSqlite}`,
      cause,
    )
  }
}

/** better-sqlite3 13 on an older Node does not throw, it takes the process down; so we look before we load. */
function refuseCrash(): void {
  const require = createRequire(import.meta.url)
  let version: string
  try {
    ;({ version } = require('better-sqlite3/package.json') as { readonly version: string })
  } catch (cause) {
    throw driverMissing(
      `sqlite() needs the package better-sqlite3 (npm install better-sqlite3), or ${nodeWithSqlite}`,
      cause,
    )
  }
  if (Number.parseInt(version, 10) >= 13 && Number(process.versions.napi) < 10) {
    throw driverMissing(
      `better-sqlite3 ${version} needs Node 22.14 or newer: install better-sqlite3 12 or a newer Node`,
      undefined,
    )
  }
}
