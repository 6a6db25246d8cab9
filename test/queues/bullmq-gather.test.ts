import type { Socket } from 'node:net'
import { expect, it, vi } from 'vitest'
import { Driver } from '../../packages/engine/src/queues/bullmq/driver.ts'
import { parseBullmq } from '../../packages/engine/src/queues/bullmq/options.ts'
import { startRedis } from '../servers/redis.ts'
import { useServer } from '../servers/use-server.ts'

const server = useServer(startRedis)

it('tells BullMQ in one piece what is said in one turn of the event loop, and goes on as before', async () => {
  const errors: unknown[] = []
  const driver = await Driver.load(parseBullmq({ connection: server.url }), (error) => errors.push(error))
  const queue = driver.queue({ name: 'mail' })
  try {
    // The connection is greeted, and the script known.
    await queue.add('first', {})
    const { stream } = (driver as unknown as { readonly own: { readonly stream: Socket } }).own
    const alone = vi.spyOn(stream, '_write')
    const together = vi.spyOn(stream, '_writev')
    driver.gather()
    driver.gather()
    await Promise.all(Array.from({ length: 100 }, (_, index) => queue.add(`${index}`, {})))
    expect([alone.mock.calls.length, together.mock.calls.length]).toEqual([0, 1])
    await queue.add('last', {})
    expect(await queue.getWaitingCount()).toBe(102)
  } finally {
    await queue.close()
    driver.close()
  }
  expect(errors).toEqual([])
})
