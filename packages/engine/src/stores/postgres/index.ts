import { migrate } from '../sql/migrate.ts'
import { readOptions, readUrl, refuse, type ServerOptions } from '../sql/options.ts'
import { Revision } from '../sql/revision.ts'
import { SqlStore } from '../sql/store.ts'
import type { Store } from '../store.ts'
import type { PostgresPool } from './client.ts'
import { PostgresDatabase } from './connection.ts'
import { postgresWords, quoted } from './dialect.ts'
import { Listening } from './listening.ts'

export type * from './client.ts'
export type { ServerOptions } from '../sql/options.ts'

/** How a PostgreSQL database is used. */
export interface PostgresOptions extends ServerOptions {
  /**
   * The schema that our tables are in; it is made when it is not there. By default the first one of the connection's
   * `search_path`, which is `public` where nothing else was said.
   */
  readonly schema?: string
  /**
   * How the commits of other processes are noticed. `listen` (default): at once, by LISTEN and NOTIFY on one connection that
   * is kept. `poll`: every `pollInterval`; behind a pooler that gives connections by transaction, such as PgBouncer.
   */
  readonly changes?: 'listen' | 'poll'
}

/** A silent connection is asked so often whether it still hears. */
const checkMs = 5_000

/**
 * Keeps everything in a PostgreSQL database, version 12 or newer, which many processes may share. Takes a connection string
 * such as `postgres://user:password@host/database`, or a pool of pg of your own, which is never ended. Needs the package pg.
 * Throws `bad_option`.
 */
export function postgres(urlOrPool: string | PostgresPool, options: PostgresOptions = {}): Store {
  const pool = typeof urlOrPool === 'string' ? null : readPool(urlOrPool)
  const url = typeof urlOrPool === 'string' ? readUrl(urlOrPool, ['postgres', 'postgresql']) : null
  const { prefix, connections, limits, patienceMs, pollMs } = readOptions(options, ['schema', 'changes'], pool !== null)
  const { schema = null, changes = 'listen' } = options
  if (schema !== null && !/^[a-z_][a-z0-9_$]{0,62}$/i.test(schema)) refuse('schema', 'the name of a schema')
  if (changes !== 'listen' && changes !== 'poll') refuse('changes', "'listen' or 'poll'")
  const isListening = changes === 'listen'
  const words = postgresWords(schema, prefix)
  const database = new PostgresDatabase({
    pool,
    url,
    connections: connections + (isListening ? 1 : 0),
    limits,
    table: words.table,
    isPooled: !isListening,
  })
  const { session } = database
  const shared = { session, chance: Math.random }
  return new SqlStore({
    name: 'postgres',
    database,
    patienceMs,
    prepare: () => migrate(database, words, schema === null ? [] : [schemaStatement(schema)]),
    changes: isListening
      ? new Listening({
          ...shared,
          connect: () => database.connect(),
          table: words.table,
          checkMs,
          limitMs: limits.connectMs,
        })
      : new Revision({ ...shared, pollMs }),
  })
}

/** Who may not make schemas may use one that is there: so it is looked for first. */
function schemaStatement(schema: string): string {
  return `DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = '${schema}') THEN
      CREATE SCHEMA ${quoted(schema)};
    END IF;
  END $$`
}

function readPool(pool: PostgresPool): PostgresPool {
  if (typeof (pool as Partial<PostgresPool> | null)?.connect === 'function') return pool
  return refuse('pool', 'a connection string or a pool of pg')
}
