import mysql from 'mysql2/promise'
import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { MysqlDatabase } from '../../packages/engine/dist/stores/mysql/connection.js'
import { mysqlWords } from '../../packages/engine/dist/stores/mysql/dialect.js'
import { PostgresDatabase } from '../../packages/engine/dist/stores/postgres/connection.js'
import { postgresWords } from '../../packages/engine/dist/stores/postgres/dialect.js'
import type { Database } from '../../packages/engine/dist/stores/sql/database.js'
import { migrate } from '../../packages/engine/dist/stores/sql/migrate.js'
import { startMariadb } from '../servers/mariadb.ts'
import { endPool, startPostgres } from '../servers/postgres.ts'
import type { StartsServer } from '../servers/server.ts'
import { useServer } from '../servers/use-server.ts'

/**
 * MariaDB may answer nobody for 2 s while it ends statements that took too long: its timer waits for them, and every statement
 * waits for the timer. Who asks next needs more patience than that.
 */
const limits = { connectMs: 3_000, statementMs: 3_000 }
const hostile = " nul \0 lone \ud800 \udc00 rtl \u202e back\\slash \\' ' \" ` ? @tasks \n\r\x1a % _ 𝄞 "
const kept = hostile.replace(/\0|\p{Surrogate}/gu, '\ufffd')

interface Kind {
  readonly starts: StartsServer
  /** Opens a database with its tables, over connections of its own. */
  open(url: string): Promise<Database>
  /** The same over a pool of the host's that is set as unlike ours as it may be; and whether that pool still answers. */
  openOnPool(url: string): Promise<{ database: Database; ask(): Promise<unknown>; end(): Promise<unknown> }>
  readonly busy: string
}

const kinds: [string, Kind][] = [
  [
    'PostgreSQL',
    {
      starts: startPostgres,
      open: (url) => openPostgres(url, null),
      async openOnPool(url) {
        const pool = new pg.Pool({ connectionString: url, max: 3 })
        pool.on('connect', (client) => client.on('error', () => undefined))
        return {
          database: await openPostgres(null, pool),
          ask: async () => (await pool.query('SELECT count(*) AS n FROM tasks')).rows[0] as unknown,
          end: () => endPool(pool),
        }
      },
      busy: 'SELECT pg_sleep(30)',
    },
  ],
  [
    'MariaDB',
    {
      starts: startMariadb,
      open: (url) => openMysql(url, null),
      async openOnPool(url) {
        const pool = mysql.createPool({ uri: url, connectionLimit: 3, bigNumberStrings: true, supportBigNumbers: true })
        pool.pool.on('connection', (connection) => {
          connection.query(`SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES', autocommit = 0`)
        })
        return {
          database: await openMysql(null, pool),
          ask: async () => (await pool.query(`SELECT count(*) AS "n", '\\' AS "slash", @@autocommit FROM "tasks"`))[0],
          end: () => pool.end(),
        }
      },
      busy: 'SELECT sleep(30)',
    },
  ],
]

describe.each(kinds)('a database on %s', (_, { starts, open, openOnPool, busy }) => {
  const server = useServer(starts)
  const opened: Database[] = []
  const fresh = async (url?: string) => {
    const database = await open(url ?? (await server.database()))
    opened.push(database)
    return database
  }
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close()
  })

  it('writes, changes, keeps, replaces and deletes rows by the thousand', async () => {
    const database = await fresh()
    const rows = Array.from({ length: 2_500 }, (_, index) => [`q${index}`, index, hostile])
    const columns = ['queue', 'since', 'paused_by']
    await database.transaction((session) => session.insert('paused_queues', columns, rows))
    await database.transaction((session) =>
      session.insert(
        'paused_queues',
        columns,
        [
          ['q0', 9, ''],
          ['new', 9, ''],
        ],
        'keep',
      ),
    )
    await database.transaction((session) =>
      session.insert(
        'paused_queues',
        columns,
        [
          ['q1', 9, ''],
          ['q1', 10, ' '],
        ],
        'replace',
      ),
    )
    const changed = await database.transaction((session) =>
      session.update(
        'paused_queues',
        ['queue'],
        ['since', 'paused_by'],
        [
          ...rows.slice(2, 2_000).map(([queue, since]) => [queue as string, (since as number) + 1, `${hostile}!`]),
          ['unknown', 1, ''],
        ],
      ),
    )
    expect(changed).toBe(1_998)
    const removed = await database.transaction((session) =>
      session.remove(
        'paused_queues',
        ['queue'],
        rows.slice(2_200).map(([queue]) => [queue as string]),
      ),
    )
    expect(removed).toBe(300)
    const read = await database.session.rows(
      `SELECT since, paused_by FROM @paused_queues WHERE ${database.dialect.among('queue')} ORDER BY since`,
      [['q0', 'q1', 'q2', 'q2100', 'q2300', 'new', 'Q0', 'q0 ']],
    )
    expect(read).toEqual([
      [0, kept],
      [3, `${kept}!`],
      [9, ''],
      [10, ' '],
      [2_100, kept],
    ])
  })

  it('tells texts apart by their bytes, and lists that are empty from all', async () => {
    const { session, transaction, dialect } = await freshSession()
    const names = ['a', 'A', 'a ', 'ä', 'Z', kept]
    await transaction((writing) =>
      writing.insert(
        'secrets',
        ['name', 'secret'],
        names.map((name) => [name, name]),
      ),
    )
    expect((await session.rows('SELECT name FROM @secrets ORDER BY name')).flat()).toEqual(
      [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    )
    expect(await session.rows('SELECT secret FROM @secrets WHERE name = ?', [hostile])).toEqual([[kept]])
    const count = async (where: string, list: readonly string[]) =>
      (await session.rows(`SELECT count(*) FROM @secrets WHERE ${where}`, [list]))[0]?.[0]
    expect(await count(dialect.among('name'), [])).toBe(0)
    expect(await count(dialect.notAmong('name'), [])).toBe(6)
    expect(await count(dialect.notAmong('name'), ['a', 'Z'])).toBe(4)
  })

  it('says the same in its own words', async () => {
    const { session, transaction, dialect } = await freshSession()
    const rows = [
      ['a', 'xyZ', 1],
      ['b', 'yx', 2],
      ['c', '', 4],
    ] as const
    await transaction((writing) => writing.insert('paused_queues', ['queue', 'paused_by', 'since'], rows))
    const one = async (sql: string, params: readonly string[] = []) => (await session.rows(sql, params))[0]
    expect(await one(`SELECT ${dialect.sumWhere('since', `queue <> 'b'`)} FROM @paused_queues`)).toEqual([5])
    expect(await one(`SELECT ${dialect.sumWhere('since', `queue = '-'`)} FROM @paused_queues`)).toEqual([0])
    expect(await one(`SELECT ${dialect.position('paused_by')} FROM @paused_queues WHERE queue = 'a'`, ['Z'])).toEqual([
      3,
    ])
    expect(await one(`SELECT ${dialect.position('paused_by')} FROM @paused_queues WHERE queue = 'a'`, ['z'])).toEqual([
      0,
    ])
    expect(await one(`SELECT ${dialect.concat('queue', `':'`, 'paused_by')} FROM @paused_queues ORDER BY 1`)).toEqual([
      'a:xyZ',
    ])
    expect(String((await one(`SELECT ${dialect.joined('queue', ',')} FROM @paused_queues`))?.[0]).length).toBe(5)
    const { sql, places } = dialect.beyond(['paused_by', 'queue'], '>')
    const place = ['', 'a']
    const after = await session.rows(
      `SELECT queue FROM @paused_queues WHERE ${sql} ORDER BY paused_by, queue`,
      places.map((at) => place[at] ?? ''),
    )
    expect(after.flat()).toEqual(['c', 'a', 'b'])
  })

  it('rolls back what failed, also where it was caught, and names the reason', async () => {
    const { session, transaction } = await freshSession()
    const put = (name: string) => transaction((writing) => writing.insert('secrets', ['name', 'secret'], [[name, 's']]))
    await put('there')
    await expect(put('there')).rejects.toMatchObject({ failure: 'duplicate' })
    await expect(session.rows('SELECT nothing FROM @secrets')).rejects.toMatchObject({ failure: 'refused' })
    const swallowing = transaction(async (writing) => {
      await writing.insert('secrets', ['name', 'secret'], [['half', 's']])
      await writing.insert('secrets', ['name', 'secret'], [['there', 's']]).catch(() => 0)
    })
    await expect(swallowing).rejects.toMatchObject({ failure: 'duplicate' })
    await expect(transaction(() => Promise.reject(new Error('own')))).rejects.toThrow('own')
    expect(await session.rows('SELECT name FROM @secrets')).toEqual([['there']])
  })

  it('calls a deadlock a conflict, and one of the two goes through', async () => {
    const { transaction } = await freshSession()
    await transaction((writing) =>
      writing.insert(
        'secrets',
        ['name', 'secret'],
        [
          ['a', ''],
          ['b', ''],
        ],
      ),
    )
    const [first, second] = [meeting(), meeting()]
    const change = (one: string, other: string, own: Meeting, others: Meeting) =>
      transaction(async (writing) => {
        await writing.run('UPDATE @secrets SET secret = ? WHERE name = ?', ['x', one])
        own.arrive()
        await others.there
        await writing.run('UPDATE @secrets SET secret = ? WHERE name = ?', ['y', other])
      })
    const ends = await Promise.allSettled([change('a', 'b', first, second), change('b', 'a', second, first)])
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(ends.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { failure: 'conflict' } })
  })

  it('gives up a statement that takes too long, and works on', { timeout: 20_000 }, async () => {
    const { session } = await freshSession()
    const startedMs = performance.now()
    const answers = await Promise.allSettled(Array.from({ length: 12 }, () => session.rows(busy)))
    expect(answers.every(({ status }) => status === 'rejected')).toBe(true)
    expect(performance.now() - startedMs).toBeLessThan(8_000)
    expect(await session.rows('SELECT 1')).toEqual([[1]])
  })

  it('lets one at a time into a section, from wherever they come', async () => {
    const url = await server.database()
    const databases = [await fresh(url), await fresh(url)]
    let inside = 0
    const most: number[] = []
    await Promise.all(
      [...databases, ...databases].map((database) =>
        database.exclusively('test', async () => {
          most.push((inside += 1))
          await database.session.rows('SELECT 1')
          inside -= 1
        }),
      ),
    )
    expect(most).toEqual([1, 1, 1, 1])
  })

  it('makes its tables once, however many open it at once', { timeout: 20_000 }, async () => {
    const url = await server.database()
    const databases = await Promise.all(Array.from({ length: 4 }, () => fresh(url)))
    expect(await databases[0]?.session.rows('SELECT version FROM @schema_version')).toHaveLength(1)
  })

  it('works over a pool of the host’s as over its own, and leaves it as it was', async () => {
    const { database, ask, end } = await openOnPool(await server.database())
    const answer = await ask()
    await database.transaction((session) => session.insert('secrets', ['name', 'secret'], [[hostile, hostile]]))
    expect(await database.session.rows('SELECT name, length(secret) > 5 FROM @secrets')).toHaveLength(1)
    expect((await database.snapshot((session) => session.rows('SELECT name FROM @secrets')))[0]).toEqual([kept])
    expect(await ask()).toEqual(answer)
    await database.close()
    expect(await ask()).toEqual(answer)
    await end()
  })

  async function freshSession() {
    const database = await fresh()
    return { session: database.session, dialect: database.dialect, transaction: database.transaction.bind(database) }
  }
})

interface Meeting {
  readonly there: Promise<void>
  arrive(): void
}

function meeting(): Meeting {
  let arrive = (): void => undefined
  const there = new Promise<void>((resolve) => (arrive = resolve))
  return { there, arrive: () => arrive() }
}

async function openPostgres(url: string | null, pool: pg.Pool | null): Promise<Database> {
  const words = postgresWords(null, '')
  const database = new PostgresDatabase({ url, pool, connections: 4, limits, table: words.table, isPooled: false })
  await database.open()
  await migrate(database, words)
  return database
}

async function openMysql(url: string | null, pool: mysql.Pool | null): Promise<Database> {
  const database = new MysqlDatabase({ url, pool, connections: 4, limits, prefix: '' })
  await database.open()
  await migrate(database, mysqlWords('', database.collation))
  return database
}
