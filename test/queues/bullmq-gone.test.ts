import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { memory, TaskManager } from '@taskloom/engine'
import { bullmq } from '@taskloom/engine/bullmq'
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
    const door = await openDoor(server.port)
    const url = new URL(server.url)
    url.port = String(door.port)
    const { connection, end } = reach(url.href)
    const tasks = new TaskManager({ store: memory(), queue: bullmq({ connection }) })
    tasks.define('note', (name: string) => name)
    await tasks.start()
    const { id } = await tasks.enqueue('note', ['patience'])
    await expect.poll(() => door.refused()).toBeGreaterThan(5)
    door.open()
    expect(await tasks.wait(id)).toMatchObject({ status: 'success' })
    await tasks.shutdown()
    await end()
    await door.close()
  })
})

describe('PostgreSQL that goes away while it is told that a job is done', () => {
  const server = useServer(startPostgres)

  it('is told again, and keeps no job as failed that has succeeded', async () => {
    const door = await openDoor(server.port)
    door.open()
    const url = new URL(server.url)
    url.port = String(door.port)
    const tasks = new TaskManager({ store: memory(), queue: bullmq({ connection: url.href, keepCompleted: 10 }) })
    tasks.define('note', (name: string) => name)
    await tasks.start()
    door.cutAt('move_to_completed')
    const { id } = await tasks.enqueue('note', ['once'])
    expect(await tasks.wait(id)).toMatchObject({ status: 'success' })
    const plain = openPlainQueue('default', server.url)
    await expect
      .poll(() => plain.getJobCounts('active', 'completed', 'failed'))
      .toEqual({
        active: 0,
        completed: 1,
        failed: 0,
      })
    expect(door.cuts()).toBe(1)
    await plain.close()
    await tasks.shutdown()
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
    port: (door.address() as AddressInfo).port,
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
