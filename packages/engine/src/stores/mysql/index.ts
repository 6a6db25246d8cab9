import { migrate } from '../sql/migrate.ts'
import { readOptions, readUrl, refuse, type ServerOptions } from '../sql/options.ts'
import { Revision } from '../sql/revision.ts'
import { SqlStore } from '../sql/store.ts'
import type { Store } from '../store.ts'
import { asPool, type MysqlCallbackPool, type MysqlPool } from './client.ts'
import { MysqlDatabase } from './connection.ts'
import { mysqlWords } from './dialect.ts'

export type * from './client.ts'
export type { ServerOptions } from '../sql/options.ts'

/** How a MySQL or MariaDB database is used. */
export type MysqlOptions = ServerOptions

/**
 * Keeps everything in a database of MySQL (8.0.17 or newer) or MariaDB (10.6 or newer), which many processes may share. Takes
 * a connection string such as `mysql://user:password@host/database`, or a pool of mysql2 of your own, which is never ended.
 * Needs the package mysql2. Throws `bad_option`.
 */
export function mysql(urlOrPool: string | MysqlPool | MysqlCallbackPool, options: MysqlOptions = {}): Store {
  const pool = typeof urlOrPool === 'string' ? null : readPool(urlOrPool)
  const url = typeof urlOrPool === 'string' ? readUrl(urlOrPool, ['mysql', 'mariadb']) : null
  const { prefix, connections, limits, patienceMs, pollMs } = readOptions(options, [], pool !== null)
  const database = new MysqlDatabase({ pool, url, connections, limits, prefix })
  return new SqlStore({
    name: 'mysql',
    database,
    patienceMs,
    prepare: () => migrate(database, mysqlWords(prefix, database.collation)),
    changes: new Revision({ session: database.session, pollMs, chance: Math.random }),
  })
}

function readPool(pool: MysqlPool | MysqlCallbackPool): MysqlPool {
  const { getConnection, promise } = (pool ?? {}) as { getConnection?: unknown; promise?: unknown }
  if (typeof getConnection === 'function' || typeof promise === 'function') return asPool(pool)
  return refuse('pool', 'a connection string or a pool of mysql2')
}
