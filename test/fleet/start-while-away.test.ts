import { TaskManager } from '@taskloom/engine'
import { mysql } from '@taskloom/engine/mysql'
import { postgres } from '@taskloom/engine/postgres'
import { redis } from '@taskloom/engine/redis'
import type { Store } from '@taskloom/engine/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startMariadb } from '../servers/mariadb.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startProxy, through, type FaultyProxy } from '../servers/proxy.ts'
import { startRedis } from '../servers/redis.ts'
import type { StartsServer } from '../servers/server.ts'
import { useServer } from '../servers/use-server.ts'

const awayMs = 120

const kinds: readonly (readonly [string, StartsServer, (url: string) => Store])[] = [
  ['PostgreSQL', startPostgres, postgres],
  ['MariaDB', startMariadb, mysql],
  ['Redis', startRedis, redis],
]

/** A database that is restarted just while a process starts: there is no moment at which that may keep it from starting. */
describe.each(kinds)('a process that starts while %s goes away for a moment', (_name, starts, open) => {
  const server = useServer(starts)
  let proxy: FaultyProxy
  beforeAll(async () => {
    proxy = await startProxy(server.port)
  })
  afterAll(() => proxy?.close())

  /** Starts, and runs a task; the server goes away after so many answers. Whether it did so before the start was over. */
  async function startsDespite(url: string, answers: number): Promise<boolean> {
    let isAway = false
    const healed = proxy.goDownAfter(answers).then(async () => {
      isAway = true
      await new Promise((resolve) => setTimeout(resolve, awayMs))
      proxy.heal()
    })
    const tasks = new TaskManager({ store: open(url), maxPending: 1_000 })
    tasks.define('greet', (name: string) => `Hello ${name}`)
    tasks.schedule('tick', { every: '1h' }, () => undefined)
    await tasks.start()
    const wasAway = isAway
    if (isAway) await healed
    proxy.heal()
    const { id } = await tasks.enqueue('greet', ['Ada'])
    expect(await tasks.wait(id)).toMatchObject({ status: 'success', interruptions: 0 })
    await tasks.shutdown()
    return wasAway
  }

  it('starts all the same, whatever it has asked so far', { timeout: 180_000 }, async () => {
    const url = through(await server.database(), proxy)
    let answers = 0
    while (await startsDespite(url, answers)) answers += 1
    // With what it made at first there, the connections alone take some.
    expect(answers).toBeGreaterThan(10)
  })
})
