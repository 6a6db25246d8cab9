import type { Store } from '@taskloom/engine/store'
import { mysql } from '@taskloom/engine/mysql'
import { postgres } from '@taskloom/engine/postgres'
import { anyTask } from '@taskloom/protocol'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { MysqlDatabase } from '../../packages/engine/src/stores/mysql/connection.ts'
import { mysqlWords } from '../../packages/engine/src/stores/mysql/dialect.ts'
import { PostgresDatabase } from '../../packages/engine/src/stores/postgres/connection.ts'
import { postgresWords } from '../../packages/engine/src/stores/postgres/dialect.ts'
import type { Database } from '../../packages/engine/src/stores/sql/database.ts'
import { schemaVersion } from '../../packages/engine/src/stores/sql/migrate.ts'
import type { SchemaWords } from '../../packages/engine/src/stores/sql/tables.ts'
import { everyAnswer } from '../../packages/testkit/src/store-suite/answers.ts'
import { writeFullHistory } from '../../packages/testkit/src/store-suite/full-history.ts'
import { startMariadb } from '../servers/mariadb.ts'
import { startPostgres } from '../servers/postgres.ts'
import type { StartsServer } from '../servers/server.ts'
import { useServer } from '../servers/use-server.ts'
import { rowsOf, writeOldTables } from './old-tables.ts'

const limits = { connectMs: 5_000, statementMs: 10_000 }
const prefix = 'taskloom_'
const earlier = Array.from({ length: schemaVersion - 1 }, (_, index) => index + 1)

interface Kind {
  readonly starts: StartsServer
  open(url: string): Store
  /** The database below the store, and the words that its tables are made with. */
  below(url: string): Promise<{ readonly database: Database; readonly words: SchemaWords }>
  /** The names of all indexes of our tables. */
  readonly indexes: string
  /** Makes a user who may change rows and make tables, and change no table that is there. */
  clerk(name: string): readonly string[]
}

const kinds: readonly (readonly [string, Kind])[] = [
  [
    'PostgreSQL',
    {
      starts: startPostgres,
      open: (url) => postgres(url, { connections: 3, patience: '1s' }),
      async below(url) {
        const words = postgresWords(null, prefix)
        const options = { pool: null, url, connections: 2, limits, table: words.table, isPooled: false }
        const database = new PostgresDatabase(options)
        await database.open()
        return { database, words }
      },
      indexes: "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'",
      clerk: () => [
        'CREATE ROLE clerk LOGIN',
        'GRANT USAGE, CREATE ON SCHEMA public TO clerk',
        'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO clerk',
      ],
    },
  ],
  [
    'MariaDB',
    {
      starts: startMariadb,
      open: (url) => mysql(url, { connections: 3, patience: '1s' }),
      async below(url) {
        const database = new MysqlDatabase({ pool: null, url, connections: 2, limits, prefix })
        await database.open()
        return { database, words: mysqlWords(prefix, database.collation) }
      },
      indexes: `SELECT DISTINCT concat(table_name, '.', index_name) FROM information_schema.statistics
        WHERE table_schema = database()`,
      clerk: (name) => [
        "CREATE USER clerk@'127.0.0.1'",
        `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON ${name}.* TO clerk@'127.0.0.1'`,
      ],
    },
  ],
]

describe.each(kinds)('tables of an earlier version on %s', { timeout: 60_000 }, (_, { starts, indexes, ...kind }) => {
  const server = useServer(starts)
  const opened: { close(): Promise<void> }[] = []
  let today: string
  const open = async (url: string): Promise<Store> => {
    const store = kind.open(url)
    opened.push(store)
    await store.open()
    return store
  }
  const below = async (url: string) => {
    const found = await kind.below(url)
    opened.push(found.database)
    return found
  }
  /** What a database holds that `taskloom_` begins, and its version. */
  const contents = async ({ session }: Database) => ({
    indexes: (await session.rows(indexes)).flat().sort(),
    version: await session.rows('SELECT version FROM @schema_version'),
  })
  const old = async (version: number): Promise<{ readonly url: string; readonly database: Database }> => {
    const url = await server.database()
    const { database, words } = await below(url)
    await writeOldTables(database, words, version, (await below(today)).database)
    return { url, database }
  }
  beforeAll(async () => {
    today = await server.database()
    const store = kind.open(today)
    await store.open()
    await writeFullHistory(store)
    await store.close()
  }, 60_000)
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each.close()
  })

  it.each(earlier)('%i are brought up to date by being opened, and tell the same', async (version) => {
    const { url, database } = await old(version)
    expect(await everyAnswer(await open(url))).toEqual(await everyAnswer(await open(today)))
    expect(await contents(database)).toEqual(await contents((await below(today)).database))
  })

  it('are left as they are by a user who may not change them, and are brought up to date by one who may', async () => {
    const { url, database } = await old(2)
    const before = { ...(await contents(database)), tasks: await rowsOf(database, 'tasks') }
    const own = new URL(url)
    for (const statement of kind.clerk(own.pathname.slice(1))) await database.session.run(statement)
    own.username = 'clerk'
    await expect(open(own.href)).rejects.toMatchObject({ code: 'store_failed' })
    expect({ ...(await contents(database)), tasks: await rowsOf(database, 'tasks') }).toEqual(before)
    const store = await open(url)
    expect((await store.views.metrics(anyTask)).total).toBe(before.tasks.length)
    expect((await contents(database)).version).toEqual([[schemaVersion]])
  })

  it('of a newer version are refused with a reason, and left as they are', async () => {
    const url = await server.database()
    await (await open(url)).close()
    const { database } = await below(url)
    await database.session.run('UPDATE @schema_version SET version = ?', [schemaVersion + 1])
    await database.session.run(`ALTER TABLE @tasks ADD COLUMN mood INTEGER`)
    const before = await contents(database)
    await expect(open(url)).rejects.toMatchObject({ code: 'store_failed', details: { reason: 'newer_schema' } })
    expect(await contents(database)).toEqual(before)
  })
})

describe('tables of an earlier version on PostgreSQL alone', () => {
  const server = useServer(startPostgres)

  it('have every step, or nothing of it, when the second of its statements fails', { timeout: 60_000 }, async () => {
    const url = await server.database()
    const [, { below, open }] = kinds[0] as (typeof kinds)[number]
    const { database, words } = await below(url)
    await writeOldTables(database, words, 2, database)
    // A step makes an index and drops the one in whose place it is: that is refused.
    await database.session.run(`CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'no index is dropped'; END $$`)
    await database.session.run(
      "CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('DROP INDEX') EXECUTE FUNCTION refuse()",
    )
    const state = async () => [
      await database.session.rows("SELECT indexname FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"),
      await database.session.rows('SELECT version FROM @schema_version'),
    ]
    const before = await state()
    await expect(open(url).open()).rejects.toMatchObject({ code: 'store_failed' })
    expect(await state()).toEqual(before)
    await database.session.run('DROP EVENT TRIGGER refuse')
    const store = open(url)
    await store.open()
    await store.close()
    expect((await state())[1]).toEqual([[schemaVersion]])
    await database.close()
  })
})
