import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { memory, TaskManager } from '@taskloom/engine'
import { bullmq } from '@taskloom/engine/bullmq'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { endPool, startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'
import { useServer } from '../servers/use-server.ts'

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

/** A way to the server that ends each connection at once until it is opened. */
async function openDoor(targetPort: number) {
  const sockets = new Set<Socket>()
  let refused = 0
  let isOpen = false
  const keep = (socket: Socket) => sockets.add(socket.on('error', () => socket.destroy()))
  const door = createServer((client) => {
    keep(client)
    if (isOpen) {
      const far = connect(targetPort, '127.0.0.1')
      keep(far)
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
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => door.close(resolve))
    },
  }
}
