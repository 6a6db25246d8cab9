import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { insertTask, type Store } from '@taskloom/engine/store'
import { mysql } from '@taskloom/engine/mysql'
import { postgres } from '@taskloom/engine/postgres'
import { anyTask } from '@taskloom/protocol'
import { buildRecord } from '@taskloom/testkit'
import driver from 'mysql2/promise'
import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { startMariadb } from '../servers/mariadb.ts'
import { endPool, startPostgres } from '../servers/postgres.ts'
import { startProxy, through } from '../servers/proxy.ts'
import type { StartsServer } from '../servers/server.ts'
import { useServer } from '../servers/use-server.ts'

const quick = { connections: 3, connectTimeout: '1s', statementTimeout: '1s', patience: '3s' } as const

interface Kind {
  readonly starts: StartsServer
  open(url: string, options?: Options): Store
  /** The same over a pool of the host's. */
  onPool(url: string): { store: Store; ask(): Promise<unknown>; end(): Promise<unknown> }
  /** Asks without the store. */
  say(url: string, statement: string): Promise<readonly (readonly unknown[])[]>
  /** The names of all tables. */
  readonly tables: string
  /** Ends all connections but the one that says it. */
  readonly cutOff: string
}

interface Options {
  readonly tablePrefix?: string
  readonly schema?: string
  readonly changes?: 'listen' | 'poll'
  readonly patience?: '1h'
}

const onPostgres: Kind = {
  starts: startPostgres,
  open: (url, options) => postgres(url, { ...quick, ...options }),
  onPool(url) {
    const pool = new pg.Pool({ connectionString: url, max: 4 })
    pool.on('connect', (client) => client.on('error', () => undefined))
    return { store: postgres(pool), ask: () => pool.query('SELECT 1'), end: () => endPool(pool) }
  },
  async say(url, statement) {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      return (await client.query<unknown[]>({ text: statement, rowMode: 'array' })).rows
    } finally {
      await client.end()
    }
  },
  tables: `SELECT table_name, table_schema FROM information_schema.tables
     WHERE table_schema NOT IN ('pg_catalog', 'information_schema')`,
  cutOff:
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()',
}

const kinds: [string, Kind][] = [
  ['PostgreSQL', onPostgres],
  [
    'PostgreSQL that is polled',
    { ...onPostgres, open: (url, options) => postgres(url, { ...quick, changes: 'poll', ...options }) },
  ],
  [
    'MariaDB',
    {
      starts: startMariadb,
      open: (url, options) => mysql(url, { ...quick, ...options }),
      onPool(url) {
        const pool = driver.createPool({ uri: url, connectionLimit: 4 })
        return { store: mysql(pool), ask: () => pool.query('SELECT 1'), end: () => pool.end() }
      },
      async say(url, statement) {
        const connection = await driver.createConnection({ uri: url, rowsAsArray: true, multipleStatements: true })
        try {
          const [rows] = await connection.query(statement)
          return rows as unknown as readonly (readonly unknown[])[]
        } finally {
          await connection.end()
        }
      },
      tables: 'SELECT table_name, table_schema FROM information_schema.tables WHERE table_schema = database()',
      cutOff: `BEGIN NOT ATOMIC
        FOR other IN (SELECT id FROM information_schema.processlist WHERE id <> connection_id() AND db = database()) DO
          KILL other.id; END FOR; END`,
    },
  ],
]

describe.each(kinds)('a store on %s', (_, { starts, open, onPool, say, tables, cutOff }) => {
  const server = useServer(starts)
  const opened: Store[] = []
  const opening = async (store: Store): Promise<Store> => {
    opened.push(store)
    await store.open()
    return store
  }
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
  })
  const total = async (store: Store) => (await store.views.metrics(anyTask)).total

  it('has everything after it was closed and opened again, and refuses what comes in between', async () => {
    const url = await server.database()
    const first = await opening(open(url))
    const record = buildRecord({ tags: { env: 'prod' }, idempotencyKey: 'k' })
    const inserted = insertTask(first.tasks, record)
    await Promise.all([first.close(), first.close()])
    expect(await inserted).toEqual({ record, deduplicated: false })
    await expect(insertTask(first.tasks, buildRecord())).rejects.toMatchObject({ code: 'store_failed' })
    await expect(first.views.queues()).rejects.toMatchObject({ code: 'store_failed' })
    expect(await (await opening(open(url))).tasks.get(record.taskId)).toEqual(record)
  })

  it('says at once that a host, a database or a user is not there', { timeout: 20_000 }, async () => {
    const wrong = (change: (url: URL) => void): string => {
      const url = new URL(server.url)
      change(url)
      return url.href
    }
    const urls = [
      wrong((url) => (url.hostname = 'no-such-host.invalid')),
      wrong((url) => (url.pathname = '/no_such_database')),
      wrong((url) => (url.username = 'nobody')),
    ]
    for (const url of urls) {
      const refused = { code: 'store_failed', message: expect.stringContaining('Cannot open the store') as string }
      await expect(opening(open(url, { patience: '1h' })), url).rejects.toMatchObject(refused)
    }
  })

  it('keeps several sets of tables apart by their prefix', async () => {
    const url = await server.database()
    const [a, b] = [await opening(open(url, { tablePrefix: 'a_' })), await opening(open(url, { tablePrefix: '' }))]
    await insertTask(a.tasks, buildRecord())
    expect([await total(a), await total(b)]).toEqual([1, 0])
    const names = (await say(url, tables)).map(([name]) => String(name))
    expect(names.filter((name) => name.startsWith('a_')).map((name) => name.slice(2))).toEqual(
      expect.arrayContaining(names.filter((name) => !name.startsWith('a_'))),
    )
  })

  it('refuses tables of a newer version and leaves them as they are', async () => {
    const url = await server.database()
    await (await opening(open(url))).close()
    await say(url, 'UPDATE taskloom_schema_version SET version = 999')
    await expect(opening(open(url))).rejects.toThrow(/newer version \(schema 999/)
    expect(await say(url, 'SELECT version FROM taskloom_schema_version').then(String)).toBe('999')
  })

  it('lets one of two take each task, and mints one task for a key', async () => {
    const url = await server.database()
    const stores = await Promise.all([opening(open(url)), opening(open(url))])
    const answers = await Promise.all(
      stores.flatMap(({ tasks }) =>
        [1, 2, 3].map((key) => insertTask(tasks, buildRecord({ idempotencyKey: `${key}` }))),
      ),
    )
    expect(answers.filter(({ deduplicated }) => !deduplicated)).toHaveLength(3)
    expect(await total(stores[0])).toBe(3)
  })

  it('notices what others commit, and not what it does itself', async () => {
    const url = await server.database()
    const [own, other, stranger] = [
      await opening(open(url)),
      await opening(open(url)),
      await opening(open(url, { tablePrefix: 'x_' })),
    ]
    const before = own.foreignVersion?.()
    await insertTask(own.tasks, buildRecord())
    await insertTask(stranger.tasks, buildRecord())
    const [seen] = [other.foreignVersion?.()]
    await expect.poll(() => other.foreignVersion?.(), { timeout: 5_000 }).not.toBe(seen)
    expect(own.foreignVersion?.()).toBe(before)
    await insertTask(other.tasks, buildRecord())
    await other.close()
    await expect.poll(() => own.foreignVersion?.(), { timeout: 5_000 }).not.toBe(before)
  })

  it('works and hears on when its connections are cut off', { timeout: 20_000 }, async () => {
    const url = await server.database()
    const [own, other] = [await opening(open(url)), await opening(open(url))]
    await insertTask(own.tasks, buildRecord())
    await say(url, cutOff)
    await insertTask(own.tasks, buildRecord())
    expect(await total(own)).toBe(2)
    const afterCut = other.foreignVersion?.()
    // What came in between may have been missed: it looks again as soon as it hears again.
    await expect.poll(() => other.foreignVersion?.(), { timeout: 10_000 }).not.toBe(afterCut)
    const before = other.foreignVersion?.()
    await insertTask(own.tasks, buildRecord())
    await expect.poll(() => other.foreignVersion?.(), { timeout: 10_000 }).not.toBe(before)
  })

  it('works on a pool of the host’s and does not end it', async () => {
    const { store, ask, end } = onPool(await server.database())
    await store.open()
    await insertTask(store.tasks, buildRecord())
    expect(await total(store)).toBe(1)
    await store.close()
    await ask()
    await end()
  })

  it('waits while the database is restarted, and refuses writes when it stays away', { timeout: 60_000 }, async () => {
    const store = await opening(open(await server.database()))
    const kept = buildRecord()
    await insertTask(store.tasks, kept)
    await server.kill9()
    await expect(insertTask(store.tasks, buildRecord())).rejects.toMatchObject({ code: 'store_failed' })
    await expect(store.views.metrics(anyTask)).rejects.toMatchObject({ code: 'store_failed' })
    const late = buildRecord()
    const [inserted] = await Promise.all([insertTask(store.tasks, late), server.restart()])
    expect(inserted.record).toEqual(late)
    expect(await store.tasks.get(kept.taskId)).toEqual(kept)
    expect(await total(store)).toBe(2)
  })

  it('gives up calls on half-open connections in time, and takes new ones', { timeout: 60_000 }, async () => {
    const proxy = await startProxy(server.port)
    const url = await server.database()
    const [store, other] = [await opening(open(through(url, proxy))), await opening(open(url))]
    await insertTask(store.tasks, buildRecord())
    proxy.swallow()
    const startedMs = performance.now()
    const calls = [insertTask(store.tasks, buildRecord()), store.views.metrics(anyTask), store.tasks.get('x')]
    const ends = await Promise.allSettled(calls)
    expect(ends.map((end) => end.status === 'rejected' && (end.reason as { code?: string }).code)).toEqual(
      calls.map(() => 'store_failed'),
    )
    expect(performance.now() - startedMs).toBeLessThan(12_000)
    proxy.heal()
    const record = buildRecord()
    expect((await insertTask(store.tasks, record)).record).toEqual(record)
    const before = store.foreignVersion?.()
    await insertTask(other.tasks, buildRecord())
    await expect.poll(() => store.foreignVersion?.(), { timeout: 15_000 }).not.toBe(before)
    proxy.swallow()
    const closingMs = performance.now()
    await store.close()
    expect(performance.now() - closingMs).toBeLessThan(10_000)
    await proxy.close()
  })

  it('says that nobody answers, in time, without the password', async () => {
    const url = new URL(server.url)
    url.port = '1'
    url.password = 'S3CR3T'
    const failed = await opening(open(url.href)).catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 'store_failed' })
    expect(String((failed as Error).message)).not.toContain('S3CR3T')
  })
})

describe('PostgreSQL alone', () => {
  const server = useServer(startPostgres)

  it('has its tables in a schema that it makes, or that is there', async () => {
    const url = await server.database()
    for (let time = 0; time < 2; time += 1) {
      const store = postgres(url, { schema: 'Tasks', tablePrefix: '' })
      await store.open()
      await insertTask(store.tasks, buildRecord())
      expect((await store.views.metrics(anyTask)).total).toBe(time + 1)
      await store.close()
    }
    const found = await onPostgres.say(url, onPostgres.tables)
    expect(new Set(found.map(([, schema]) => schema))).toEqual(new Set(['Tasks']))
  })
})

describe('options of stores on servers', () => {
  it.each([
    ['an unknown one', () => postgres('postgres://h/d', { prefix: 'x' } as never)],
    ['a bad prefix', () => mysql('mysql://h/d', { tablePrefix: 'a-b' })],
    ['a bad schema', () => postgres('postgres://h/d', { schema: 'a"b' })],
    ['a schema on MySQL', () => mysql('mysql://h/d', { schema: 'x' } as never)],
    ['one connection', () => postgres('postgres://h/d', { connections: 1 })],
    ['connections of a pool', () => mysql({ getConnection: () => Promise.reject(new Error()) }, { connections: 5 })],
    ['a bad duration', () => mysql('mysql://h/d', { statementTimeout: 'soon' })],
    ['a bad way to hear', () => postgres('postgres://h/d', { changes: 'never' as never })],
    ['another kind of database', () => postgres('mysql://h/d')],
    ['no URL', () => mysql('mysql://user:pa#ss@h:1x/d')],
    ['no pool', () => postgres({} as never)],
    ['nothing', () => mysql(undefined as never)],
  ])('refuses %s', (_, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'bad_option' }))
  })

  it('does not say a password again', () => {
    expect(() => postgres('postgres://u:S3C#RET@h:x/d')).toThrow(expect.not.stringContaining('S3C'))
  })

  it.each([
    ['postgres', 'pg'],
    ['mysql', 'mysql2'],
  ])('%s() says which package is missing', (name, driverName) => {
    const hook = `export async function resolve(name, context, next) {
      if (/^(pg|mysql2)(\\/|$)/.test(name)) throw Object.assign(new Error('none'), { code: 'ERR_MODULE_NOT_FOUND' })
      return next(name, context)
    }`
    const module = new URL(`../../packages/engine/dist/stores/${name}/index.js`, import.meta.url)
    const script = `
      import { register } from 'node:module'
      register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}))
      const { ${name} } = await import(${JSON.stringify(module.href)})
      const { code, message } = await ${name}('${name}://h/d').open().catch((error) => error)
      process.stdout.write(code + ' ' + message)`
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      cwd: fileURLToPath(new URL('.', import.meta.url)),
    })
    expect(said).toBe(`store_failed ${name}() needs the package ${driverName}: npm install ${driverName}`)
  })
})
