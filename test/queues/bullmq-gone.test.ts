import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { memory, TaskManager } from '@taskloom/engine'
import { bullmq } from '@taskloom/engine/bullmq'
import { postgres } from '@taskloom/engine/postgres'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { endPool, startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'
import { useServer } from '../servers/use-server.ts'
import { openPlainQueue } from './plain-queue.ts'

describe.each([
  ['Redis', startRedis],
  ['PostgreSQL', startPostgres],
] as const)('%s that is gone', (_, starts) => {
  const server = useServer(starts)

  it('keeps nobody from shutting down, and throws nothing into the host', async () => {
    const unheard: unknown[] = []
    const hear = (error: unknown): void => void unheard.push(error)
    process.on('unhandledRejection', hear)
    const tasks = new TaskManager({ store: memory(), queue: bullmq({ connection: server.url }) })
    tasks.define('note', (name: string) => name)
    tasks.define('narrow', { concurrency: 1 }, (name: string) => name)
    await tasks.start()
    const { id } = await tasks.enqueue('note', ['before'])
    expect(await tasks.wait(id)).toMatchObject({ status: 'success' })
    await server.kill9()
    // It is stored; BullMQ hears of it when it is back.
    const later = await tasks.enqueue('note', ['after'])
    expect(await tasks.get(later.id)).toMatchObject({ status: 'pending' })
    await tasks.shutdown({ timeoutMs: 100 })
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', hear)
    expect(unheard).toEqual([])
  })
})

describe('PostgreSQL that refuses its first connections', () => {
  const server = useServer(startPostgres)

  it.each([
    ['by its address', (url: string) => ({ connection: url, end: (): Promise<void> => Promise.resolve() })],
    [
      'by a pool of the host',
      (url: string) => {
        const pool = new pg.Pool({ connectionString: url })
        pool.on('error', () => undefined)
        return { connection: pool, end: (): Promise<void> => endPool(pool) }
      },
    ],
  ])('leaves the host its event loop, and is worked for when it takes some: %s', async (_, reach) => {
    const database = await server.database()
    const door = await openDoor(server.port)
    const { connection, end } = reach(door.to(database))
    const tasks = new TaskManager({ store: memory(), queue: bullmq({ connection, keepCompleted: 10 }) })
    tasks.define('note', (name: string) => name)
    await tasks.start()
    const { id } = await tasks.enqueue('note', ['patience'])
    await expect.poll(() => door.refused()).toBeGreaterThan(5)
    door.open()
    expect(await tasks.wait(id)).toMatchObject({ status: 'success' })
    // What BullMQ says of it follows.
    const plain = openPlainQueue('default', database)
    await expect
      .poll(() => plain.getJobCounts('active', 'completed', 'failed'))
      .toEqual({
        active: 0,
        completed: 1,
        failed: 0,
      })
    await plain.close()
    await tasks.shutdown()
    await end()
    await door.close()
  })
})

describe('PostgreSQL that goes away while it is told of a job', () => {
  const server = useServer(startPostgres)

  it('is told again that it is done, and keeps no job as failed that has succeeded', async () => {
    const database = await server.database()
    const door = await openDoor(server.port)
    door.open()
    const queue = bullmq({ connection: door.to(database), keepCompleted: 10 })
    const tasks = new TaskManager({ store: memory(), queue })
    tasks.define('note', (name: string) => name)
    await tasks.start()
    const first = await tasks.enqueue('note', ['it is connected'])
    await tasks.wait(first.id)
    const plain = openPlainQueue('default', database)
    await expect.poll(() => plain.getCompletedCount()).toBe(1)
    door.cutAt('move_to_completed')
    const { id } = await tasks.enqueue('note', ['once'])
    expect(await tasks.wait(id)).toMatchObject({ status: 'success' })
    await expect
      .poll(() => plain.getJobCounts('active', 'completed', 'failed'))
      .toEqual({
        active: 0,
        completed: 2,
        failed: 0,
      })
    expect(door.cuts()).toBe(1)
    await plain.close()
    await tasks.shutdown()
    await door.close()
  })

  it('keeps no job as failed that it was not given back', async () => {
    const database = await server.database()
    const door = await openDoor(server.port)
    door.open()
    const store = await server.database()
    // Jobs of tasks that wait are looked at rarely: what is seen was not mended by that.
    const own = { lockDuration: 1_000, sweepEvery: 60_000 }
    const fill = new TaskManager({
      store: postgres(store),
      queue: bullmq({ connection: database, ...own }),
      work: false,
    })
    const stranger = new TaskManager({
      store: postgres(store),
      queue: bullmq({ connection: door.to(database), ...own }),
    })
    fill.define('other', () => undefined)
    stranger.define('own', () => undefined)
    await fill.start()
    await stranger.start()
    const ready = await stranger.enqueue('own')
    await stranger.wait(ready.id)
    door.cutAt('move_to_delayed')
    await fill.enqueue('other')
    await expect.poll(() => door.cuts()).toBe(1)
    const plain = openPlainQueue('default', database)
    await expect
      .poll(() => plain.getJobCounts('active', 'delayed', 'failed'))
      .toEqual({
        active: 0,
        delayed: 1,
        failed: 0,
      })
    await plain.close()
    await stranger.shutdown()
    await fill.shutdown()
    await door.close()
  })
})

/** A way to the server that ends each connection at once until it is opened, and one that says a word, if asked to. */
async function openDoor(targetPort: number) {
  const sockets = new Set<Socket>()
  let refused = 0
  let cuts = 0
  let isOpen = false
  let cutAt: string | null = null
  const keep = (socket: Socket) => sockets.add(socket.on('error', () => socket.destroy()))
  const door = createServer((client) => {
    keep(client)
    if (isOpen) {
      const far = connect(targetPort, '127.0.0.1')
      keep(far)
      client.on('data', (chunk) => {
        if (cutAt === null || !chunk.includes(cutAt)) return
        cutAt = null
        cuts += 1
        client.destroy()
        far.destroy()
      })
      client.pipe(far).pipe(client)
    } else {
      refused += 1
      client.destroy()
    }
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  return {
    /** The address of a database of the server behind the door. */
    to: (database: string) => {
      const url = new URL(database)
      url.port = String((door.address() as AddressInfo).port)
      return url.href
    },
    refused: () => refused,
    open: () => void (isOpen = true),
    /** The next connection that says this word ends there and then. */
    cutAt: (word: string) => void (cutAt = word),
    cuts: () => cuts,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => door.close(resolve))
    },
  }
}
