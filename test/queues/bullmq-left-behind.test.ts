import { TaskManager } from '@taskloom/engine'
import { bullmq } from '@taskloom/engine/bullmq'
import { postgres } from '@taskloom/engine/postgres'
import { redis } from '@taskloom/engine/redis'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { recipient } from '../../packages/engine/src/queues/bullmq/relay.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'
import { useServer } from '../servers/use-server.ts'
import { openPlainQueue } from './plain-queue.ts'

const patience = { timeout: 40_000, interval: 50 }
const limit = { timeout: 90_000 }
const tasksAtOnce = 1_000
const queueServer = useServer(startRedis)
const managers: TaskManager[] = []

describe.each([
  ['Redis', startRedis, redis],
  ['PostgreSQL', startPostgres, postgres],
] as const)('many tasks at once over %s', (_, starts, open) => {
  const storeServer = useServer(starts)
  let address: string
  let connection: string
  let ran: number

  beforeEach(async () => {
    address = await storeServer.database()
    connection = await queueServer.database()
    ran = 0
  })
  afterEach(async () => {
    for (const manager of managers.splice(0)) await manager.shutdown({ timeoutMs: 1_000 })
  })

  /** A process of the fleet, which compares tasks with jobs by no other way than by messages while a test lasts. */
  async function join(work: boolean) {
    const store = open(address)
    const manager = new TaskManager({ store, queue: bullmq({ connection, sweepEvery: 60_000 }), work })
    manager.on('error', () => undefined)
    manager.define('note', () => void (ran += 1))
    managers.push(manager)
    await manager.start()
    return { manager, store }
  }

  const enqueue = (manager: TaskManager, count: number) =>
    Promise.all(Array.from({ length: count }, () => manager.enqueue('note')))

  it('stores few messages with them, and none is left', limit, async () => {
    const { manager, store } = await join(true)
    const write = vi.spyOn(store.tasks, 'write')
    await enqueue(manager, tasksAtOnce)
    await expect.poll(() => ran, patience).toBe(tasksAtOnce)
    await expect.poll(() => store.outbox.count(recipient), patience).toEqual({ waiting: 0, dead: 0 })
    const messages = write.mock.calls.flatMap(([batch]) => batch.flatMap(({ outbox }) => outbox ?? []))
    expect(messages.length).toBeGreaterThan(0)
    expect(messages.length).toBeLessThan(tasksAtOnce / 20)
  })

  it('has all of them brought by another process when its own is gone, delayed ones too', limit, async () => {
    const { manager, store } = await join(false)
    await queueServer.kill9()
    await enqueue(manager, tasksAtOnce)
    const { id } = await manager.enqueue('note', [], { delay: '1d' })
    expect((await store.outbox.count(recipient)).waiting).toBeLessThan(tasksAtOnce / 20)
    await manager.shutdown({ timeoutMs: 1_000 })
    await queueServer.restart()
    const other = await join(true)
    await expect.poll(() => ran, patience).toBe(tasksAtOnce)
    const plain = openPlainQueue('default', connection)
    await expect.poll(async () => (await plain.getJob(id))?.getState(), patience).toBe('delayed')
    await plain.close()
    await expect.poll(() => other.store.outbox.count(recipient), patience).toEqual({ waiting: 0, dead: 0 })
  })
})
