import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { startMariadb } from './mariadb.ts'
import { startPostgres } from './postgres.ts'
import { startProxy, through } from './proxy.ts'
import { startRedis } from './redis.ts'
import type { StartsServer } from './server.ts'
import { useServer } from './use-server.ts'

/** Says what it is told to a database and gives the answer's first row. */
type Says = (url: string, words: string) => Promise<unknown>

const inPostgres: Says = async (url, statement) => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 500, query_timeout: 500 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query({ text: statement, rowMode: 'array' })
    return rows[0]
  } finally {
    void client.end().catch(() => undefined)
  }
}

const inMariadb: Says = async (url, statement) => {
  const connection = await mysql.createConnection({ uri: url, connectTimeout: 500, rowsAsArray: true })
  connection.on('error', () => undefined)
  try {
    const [rows] = await connection.query({ sql: statement, timeout: 500 })
    return Array.isArray(rows) ? rows[0] : undefined
  } finally {
    connection.destroy()
  }
}

const inRedis: Says = async (url, command) => {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: null, connectTimeout: 500, commandTimeout: 500 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const [word = '', ...rest] = command.split(' ')
    return await client.call(word, ...rest)
  } finally {
    client.disconnect()
  }
}

/** How a kind of database is spoken to. */
interface Words {
  readonly keep: readonly string[]
  readonly read: string
  readonly kept: unknown
  readonly empty: string
  readonly none: unknown
  readonly settings: readonly (readonly [string, unknown])[]
}

const kinds: [string, StartsServer, Says, Words][] = [
  [
    'PostgreSQL',
    startPostgres,
    inPostgres,
    {
      keep: ['CREATE TABLE kept (n int)', 'INSERT INTO kept VALUES (7)'],
      read: 'SELECT n FROM kept',
      kept: [7],
      empty: `SELECT to_regclass('kept')`,
      none: [null],
      settings: [
        ['SHOW fsync', ['on']],
        ['SHOW synchronous_commit', ['on']],
        ['SHOW server_encoding', ['UTF8']],
      ],
    },
  ],
  [
    'MariaDB',
    startMariadb,
    inMariadb,
    {
      keep: ['CREATE TABLE kept (n int)', 'INSERT INTO kept VALUES (7)'],
      read: 'SELECT n FROM kept',
      kept: [7],
      empty: `SHOW TABLES`,
      none: undefined,
      settings: [
        ['SELECT @@innodb_flush_log_at_trx_commit', [1]],
        ['SELECT @@default_storage_engine', ['InnoDB']],
      ],
    },
  ],
  [
    'Redis',
    startRedis,
    inRedis,
    {
      keep: ['SET kept 7'],
      read: 'GET kept',
      kept: '7',
      empty: 'DBSIZE',
      none: 0,
      settings: [
        ['CONFIG GET appendonly', ['appendonly', 'yes']],
        ['CONFIG GET maxmemory-policy', ['maxmemory-policy', 'noeviction']],
      ],
    },
  ],
]

describe.each(kinds)('a real %s', (_, starts, say, { keep, read, kept, empty, none, settings }) => {
  const server = useServer(starts)

  it('has settings under which nothing is lost', async () => {
    for (const [question, answer] of settings) expect(await say(server.url, question)).toEqual(answer)
  })

  it('keeps what was stored when it is killed, and when it is restarted', { timeout: 60_000 }, async () => {
    for (const statement of keep) await say(server.url, statement)
    await server.kill9()
    await expect(say(server.url, read)).rejects.toThrow()
    await server.restart()
    expect(await say(server.url, read)).toEqual(kept)
    await server.restart()
    expect(await say(server.url, read)).toEqual(kept)
  })

  it('gives empty databases', async () => {
    const [one, other] = [await server.database(), await server.database()]
    for (const statement of keep) await say(one, statement)
    expect(await say(one, read)).toEqual(kept)
    expect(await say(other, empty)).toEqual(none)
  })

  it('is reached through a proxy that breaks, swallows and heals', { timeout: 30_000 }, async () => {
    const proxy = await startProxy(server.port)
    const url = through(await server.database(), proxy)
    for (const statement of keep) await say(url, statement)
    expect(await say(url, read)).toEqual(kept)
    proxy.swallow()
    await expect(say(url, read)).rejects.toThrow()
    proxy.heal()
    expect(await say(url, read)).toEqual(kept)
    await proxy.close()
    await expect(say(url, read)).rejects.toThrow()
  })

  it('is gone, with its data, when the test that started it is killed', { timeout: 60_000 }, async () => {
    const script = fileURLToPath(new URL('killed-host.ts', import.meta.url))
    const host = spawn(process.execPath, ['--import', 'tsx', script, starts.program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [pid, folder] = await new Promise<[number, string]>((resolve) => {
      let text = ''
      host.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        if (text.endsWith('\n')) resolve(JSON.parse(text) as [number, string])
      })
    })
    expect([isRunning(pid), existsSync(folder)]).toEqual([true, true])
    host.kill('SIGKILL')
    await expect.poll(() => [isRunning(pid), existsSync(folder)]).toEqual([false, false])
  })
})

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('a faulty proxy', () => {
  it('tells nobody of an end while it is half-open, and breaks what there is when told to', async () => {
    const server = await startEcho()
    const proxy = await startProxy(server.port)
    const connected = async () => {
      const socket = createConnection(proxy.port, '127.0.0.1')
      const heard: string[] = []
      socket.on('data', (data) => heard.push(String(data)))
      for (const event of ['end', 'error', 'close']) socket.on(event, () => heard.push(event))
      await new Promise((resolve) => socket.once('connect', resolve))
      return { socket, heard }
    }
    const before = await connected()
    before.socket.write('a')
    await expect.poll(() => before.heard).toEqual(['a'])
    proxy.swallow()
    const during = await connected()
    for (const { socket } of [before, during]) socket.write('b')
    server.dropAll()
    proxy.heal()
    const after = await connected()
    after.socket.write('c')
    await expect.poll(() => after.heard).toEqual(['c'])
    expect([before.heard, during.heard]).toEqual([['a'], []])
    expect(proxy.connections).toBe(3)
    proxy.reset()
    await expect.poll(() => after.heard.at(-1)).toBe('close')
    await proxy.close()
    await server.close()
  })
})

/** Says again what it hears. */
async function startEcho() {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => socket.destroy())
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    dropAll: () => sockets.forEach((socket) => socket.destroy()),
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
