import { memory, TaskManager } from '@taskloom/engine'
import { bullmq } from '@taskloom/engine/bullmq'
import { describe, expect, it } from 'vitest'
import { startPostgres } from '../servers/postgres.ts'
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
