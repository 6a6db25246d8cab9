import type { Queue } from 'bullmq'
import { TaskManager } from '@taskloom/engine'
import { bullmq } from '@taskloom/engine/bullmq'
import { postgres } from '@taskloom/engine/postgres'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, it, type TestOptions } from 'vitest'
import type { UsedServer } from '../servers/use-server.ts'
import { openPlainQueue } from './plain-queue.ts'

const patience = { timeout: 30_000, interval: 50 }
const limit = { timeout: 60_000 }

export interface ConvergenceServers {
  readonly database: UsedServer
  /** Null where BullMQ's jobs are in PostgreSQL, too. */
  readonly redis: UsedServer | null
}

/** What becomes of a task when another tool, or a fault, changes its job in BullMQ. */
export function describeConvergence({ database, redis }: ConvergenceServers): void {
  let connection: string
  let store: string
  let plain: Queue
  const managers: TaskManager[] = []
  /** What ran, in order. */
  let ran: string[]
  /** Lets functions that wait go on. */
  let letGo: () => void
  let gate: Promise<void>

  beforeEach(async () => {
    store = await database.database()
    connection = redis === null ? await database.database() : await redis.database()
    plain = openPlainQueue('default', connection)
    plain.on('error', () => undefined)
    ran = []
    gate = new Promise((resolve) => (letGo = resolve))
  })
  afterEach(async () => {
    letGo()
    for (const manager of managers.splice(0)) await manager.shutdown({ timeoutMs: 1_000 })
    await plain.close()
  })

  /** A process of the fleet. */
  async function join(work: boolean): Promise<TaskManager> {
    const queue = bullmq({ connection, lockDuration: 1_000, sweepEvery: 1_000, keepCompleted: 100 })
    const manager = new TaskManager({ store: postgres(store), queue, work })
    manager.on('error', () => undefined)
    manager.define('note', (word: string) => void ran.push(word))
    manager.define('held', async (word: string) => {
      ran.push(word)
      await gate
    })
    manager.define('bad', () => {
      ran.push('bad')
      throw new Error('never')
    })
    manager.define('block', (ms: number) => {
      ran.push('block')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
    })
    managers.push(manager)
    await manager.start()
    return manager
  }

  /** PostgreSQL is the store's, too: it is not there without it, and loses nothing. */
  const itOnRedis = (words: string, options: TestOptions, test: () => Promise<void>): void => {
    if (redis !== null) it(words, options, test)
  }

  const enqueue = async (manager: TaskManager, name: string, args: readonly unknown[] = [], delay?: string) =>
    (await manager.enqueue(name, args, delay === undefined ? {} : { delay })).id

  const statusOf = async (manager: TaskManager, id: string) => (await manager.get(id))?.status
  const hasJob = async (id: string) => Boolean(await plain.getJob(id))
  const stateOf = async (id: string) => (await plain.getJob(id))?.getState()
  const waiting = () => plain.getJobCountByTypes('waiting', 'prioritized', 'active', 'delayed')

  it('cancels a task whose waiting job somebody has removed', limit, async () => {
    const producer = await join(false)
    await plain.pause()
    const worker = await join(true)
    const id = await enqueue(producer, 'note', ['removed'])
    const other = await enqueue(producer, 'note', ['left'])
    await expect.poll(() => hasJob(id), patience).toBe(true)
    expect(await plain.remove(id)).toBe(1)
    await expect.poll(() => statusOf(worker, id), patience).toBe('cancelled')
    expect((await worker.get(id))?.attempt).toBe(0)
    await plain.resume()
    await expect.poll(() => statusOf(worker, other), patience).toBe('success')
    expect(ran).toEqual(['left'])
  })

  it('adds the tasks of a queue again that somebody has obliterated', limit, async () => {
    const producer = await join(false)
    await plain.pause()
    const words = ['1', '2', '3', '4', '5']
    const ids = await Promise.all(words.map((word) => enqueue(producer, 'note', [word])))
    for (const id of ids) await expect.poll(() => hasJob(id), patience).toBe(true)
    await plain.obliterate({ force: true })
    expect(await hasJob(ids[0] ?? '')).toBe(false)
    const worker = await join(true)
    for (const id of ids) await expect.poll(() => statusOf(worker, id), patience).toBe('success')
    expect([...ran].sort()).toEqual(words)
  })

  itOnRedis('adds everything again that Redis has lost', limit, async () => {
    const producer = await join(false)
    await plain.pause()
    const soon = await enqueue(producer, 'note', ['soon'])
    const later = await enqueue(producer, 'note', ['later'], '1d')
    for (const id of [soon, later]) await expect.poll(() => hasJob(id), patience).toBe(true)
    await flush(connection)
    expect(await hasJob(soon)).toBe(false)
    const worker = await join(true)
    await expect.poll(() => statusOf(worker, soon), patience).toBe('success')
    await expect.poll(() => stateOf(later), patience).toBe('delayed')
    expect(ran).toEqual(['soon'])
  })

  it('makes a new task of a failed one whose job somebody retries', limit, async () => {
    const worker = await join(true)
    const id = await enqueue(worker, 'bad')
    await expect.poll(() => stateOf(id), patience).toBe('failed')
    await (await plain.getJob(id))?.retry()
    const retries = async () => (await worker.list()).tasks.filter(({ retriedFrom }) => retriedFrom === id)
    await expect.poll(async () => (await retries()).map(({ status }) => status), patience).toEqual(['failed'])
    expect(await worker.get(id)).toMatchObject({ status: 'failed', attempt: 1, retriedFrom: null })
    expect(ran).toEqual(['bad', 'bad'])
    await expect.poll(waiting, patience).toBe(0)
  })

  it('does not run again what has succeeded, whoever retries its job', limit, async () => {
    const worker = await join(true)
    const id = await enqueue(worker, 'note', ['once'])
    await expect.poll(() => stateOf(id), patience).toBe('completed')
    await (await plain.getJob(id))?.retry('completed')
    await expect.poll(() => stateOf(id), patience).toBe('completed')
    expect(await worker.get(id)).toMatchObject({ status: 'success', attempt: 1 })
    expect((await worker.list()).tasks.length).toBe(1)
    expect(ran).toEqual(['once'])
  })

  it('runs a task once that has lost its lock in a living process', limit, async () => {
    const workers = [await join(true), await join(true)] as const
    // The event loop stands still for longer than the lock lasts.
    const id = await enqueue(workers[0], 'block', [2_500])
    await expect.poll(() => statusOf(workers[0], id), patience).toBe('success')
    await expect.poll(waiting, patience).toBe(0)
    expect(await workers[0].get(id)).toMatchObject({ status: 'success', attempt: 1, interruptions: 0 })
    expect(ran).toEqual(['block'])
  })

  itOnRedis('leaves a task where it runs when somebody deletes its lock', limit, async () => {
    const workers = [await join(true), await join(true)] as const
    const id = await enqueue(workers[0], 'held', ['held'])
    await expect.poll(() => ran, patience).toEqual(['held'])
    await command(connection, (client) => client.del(plain.toKey(`${id}:lock`)))
    // BullMQ hands it out again; the store says that it runs.
    await expect.poll(async () => (await plain.getJob(id))?.attemptsStarted, patience).toBeGreaterThan(1)
    letGo()
    await expect.poll(waiting, patience).toBe(0)
    expect(await workers[0].get(id)).toMatchObject({ status: 'success', attempt: 1, interruptions: 0 })
    expect(ran).toEqual(['held'])
  })

  it('keeps the time of a delayed task whose job somebody promotes', limit, async () => {
    const worker = await join(true)
    const id = await enqueue(worker, 'note', ['later'], '1d')
    await expect.poll(() => stateOf(id), patience).toBe('delayed')
    await (await plain.getJob(id))?.promote()
    await expect.poll(() => stateOf(id), patience).toBe('delayed')
    expect(await worker.get(id)).toMatchObject({ status: 'pending', attempt: 0 })
    expect(ran).toEqual([])
  })

  it('gives a job its priority back that somebody has changed', limit, async () => {
    await plain.pause()
    const worker = await join(true)
    const id = await enqueue(worker, 'note', ['first'])
    await expect.poll(() => hasJob(id), patience).toBe(true)
    const job = await plain.getJob(id)
    const priority = job?.priority ?? 0
    await job?.changePriority({ priority: 7 })
    await expect.poll(async () => (await plain.getJob(id))?.priority, patience).toBe(priority)
  })

  itOnRedis('brings what was enqueued while Redis was away, by any process', limit, async () => {
    const producer = await join(false)
    await redis?.kill9()
    const id = await enqueue(producer, 'note', ['kept'])
    expect(await statusOf(producer, id)).toBe('pending')
    // The producer is gone before it could add the job.
    await producer.shutdown({ timeoutMs: 1_000 })
    await redis?.restart()
    const worker = await join(true)
    await expect.poll(() => statusOf(worker, id), patience).toBe('success')
    expect(ran).toEqual(['kept'])
  })

  it('lets a task wait whose function is defined nowhere, until a process defines it', limit, async () => {
    const producer = await join(false)
    producer.define('stranger', () => void ran.push('elsewhere'))
    const worker = await join(true)
    const id = await enqueue(producer, 'stranger')
    // It was given to the worker, which has put it off.
    await expect.poll(() => stateOf(id), patience).toBe('delayed')
    expect(await statusOf(producer, id)).toBe('pending')
    worker.define('stranger', () => void ran.push('here'))
    await expect.poll(() => statusOf(producer, id), patience).toBe('success')
    expect(ran).toEqual(['here'])
  })
}

async function command(connection: string, act: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(connection)
  try {
    await act(client)
  } finally {
    client.disconnect()
  }
}

const flush = (connection: string) => command(connection, (client) => client.flushdb())
