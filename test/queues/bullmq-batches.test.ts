import type { Queue } from 'bullmq'
import { TaskManager, type TaskManagerOptions } from '@taskloom/engine'
import { bullmq, type BullmqOptions } from '@taskloom/engine/bullmq'
import { redis } from '@taskloom/engine/redis'
import type { Store } from '@taskloom/engine/store'
import { anyTask } from '@taskloom/protocol'
import { buildRecord } from '@taskloom/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { jobsOf } from '../../packages/engine/src/queues/bullmq/batch.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'
import { useServer } from '../servers/use-server.ts'
import { openPlainQueue } from './plain-queue.ts'

const patience = { timeout: 30_000, interval: 20 }
const limit = { timeout: 60_000 }
const terms = { now: 1_000, keepCompleted: 0, keepFailed: 10 }

describe('jobs of new tasks', () => {
  const build = (count: number, changes: Parameters<typeof buildRecord>[0] = {}) =>
    Array.from({ length: count }, () => buildRecord({ funcName: 'note', createdAt: terms.now, ...changes }))

  it('have one each unless they may share', () => {
    const records = build(3)
    expect(jobsOf(records, 1, terms).map(({ data }) => data)).toEqual(records.map(({ taskId }) => ({ taskId })))
  })

  it('are shared by as many as may, in their order, and the last by what is left', () => {
    const records = build(7, { maxRetries: 3 })
    const jobs = jobsOf(records, 3, terms)
    const ids = records.map(({ taskId }) => taskId)
    expect(jobs.map(({ data }) => data)).toEqual([
      { taskIds: ids.slice(0, 3) },
      { taskIds: ids.slice(3, 6) },
      { taskId: ids[6] },
    ])
    // What fails is tried again by a job of its own.
    expect(jobs.map(({ opts }) => opts.attempts)).toEqual([undefined, undefined, 4])
    expect(new Set(jobs.map(({ opts }) => opts.jobId)).size).toBe(3)
    expect(jobsOf(records, 3, terms)).toEqual(jobs)
  })

  it('are shared by what is alike alone', () => {
    const late = build(2, { runAt: 2_000 })
    const urgent = build(2, { priority: 5 })
    const others = build(2, { funcName: 'other' })
    const jobs = jobsOf([...late, ...urgent, ...others, ...build(2)], 50, terms)
    expect(jobs.map(({ name, data, opts }) => [name, 'taskIds' in data, opts.delay !== undefined])).toEqual([
      ['note', false, true],
      ['note', false, true],
      ['note', true, false],
      ['other', true, false],
      ['note', true, false],
    ])
    expect(jobs[2]?.opts.priority).toBeLessThan(jobs[4]?.opts.priority ?? 0)
  })
})

describe.each([
  ['Redis', startRedis],
  ['PostgreSQL', startPostgres],
])('tasks that share jobs of BullMQ over %s', (_name, starts) => {
  const stores = useServer(startRedis)
  const jobs = useServer(starts)
  let store: string
  let connection: string
  let plain: Queue
  let view: Store
  const managers: TaskManager[] = []
  let ran: string[]

  beforeEach(async () => {
    store = await stores.database()
    connection = await jobs.database()
    plain = openPlainQueue('default', connection)
    plain.on('error', () => undefined)
    view = redis(store)
    await view.open()
    ran = []
  })
  afterEach(async () => {
    for (const manager of managers.splice(0)) await manager.shutdown({ timeoutMs: 1_000 })
    await view.close()
    await plain.close()
  })

  async function join(options: Partial<TaskManagerOptions>, queue: Partial<BullmqOptions> = {}): Promise<TaskManager> {
    const shared = bullmq({ connection, tasksPerJob: 50, lockDuration: 1_000, sweepEvery: 1_000, ...queue })
    const tasks = new TaskManager({ store: redis(store), queue: shared, ...options })
    managers.push(tasks)
    tasks.define('note', (word: string) => void ran.push(word))
    tasks.define('slow', async (word: string) => {
      ran.push(word)
      await new Promise((resolve) => setTimeout(resolve, 400))
    })
    tasks.define('flaky', { retries: 1, delay: '10ms' }, (word: string) => {
      ran.push(word)
      if (ran.filter((one) => one === word).length === 1) throw new Error('not at first')
    })
    tasks.define('limited', { concurrency: 2 }, (word: string) => void ran.push(word))
    await tasks.start()
    return tasks
  }

  const fill = async (tasks: TaskManager, name: string, count: number) => {
    const words = Array.from({ length: count }, (_, index) => `${name} ${index}`)
    const ids = await tasks.enqueueMany(words.map((word) => ({ name, args: [word] })))
    return { words, ids: ids.map(({ id }) => id) }
  }
  const waiting = (queue = plain) => queue.getJobCountByTypes('waiting', 'prioritized', 'active', 'delayed')
  const counts = async () => {
    const { pending, running, success, failed, cancelled } = await view.views.metrics(anyTask)
    return { pending, running, success, failed, cancelled }
  }
  const done = { pending: 0, running: 0, failed: 0, cancelled: 0 }

  it('run once each, and leave nothing behind', limit, async () => {
    const producer = await join({ work: false })
    const { words } = await fill(producer, 'note', 120)
    await expect.poll(() => waiting(), patience).toBe(3)
    await join({ concurrency: 20 })
    await expect.poll(() => counts(), patience).toEqual({ ...done, success: 120 })
    expect([...ran].sort()).toEqual([...words].sort())
    await expect.poll(() => waiting(), patience).toBe(0)
  })

  it('fail, are tried again and are cancelled each by itself', limit, async () => {
    const producer = await join({ work: false })
    const { ids } = await fill(producer, 'note', 10)
    await fill(producer, 'flaky', 10)
    await expect.poll(() => waiting(), patience).toBe(2)
    await producer.cancel(ids[3] ?? '')
    await join({ concurrency: 20 })
    await expect.poll(() => counts(), patience).toEqual({ ...done, success: 19, cancelled: 1 })
    expect(ran).not.toContain('note 3')
    expect(ran).toHaveLength(9 + 2 * 10)
    await expect.poll(() => waiting(), patience).toBe(0)
  })

  it('have jobs of their own where a limit holds', limit, async () => {
    const producer = await join({ work: false })
    await fill(producer, 'limited', 5)
    const limited = openPlainQueue('default~limited', connection)
    await expect.poll(() => waiting(limited), patience).toBe(5)
    await limited.close()
  })

  it('are not taken for tasks whose jobs are missing while they wait', limit, async () => {
    const producer = await join({ work: false })
    await plain.pause()
    const { words } = await fill(producer, 'note', 30)
    await expect.poll(() => waiting(), patience).toBe(1)
    // One whose job is missing tells that the sweep has come by.
    const { id } = await producer.enqueue('note', ['removed'])
    await expect.poll(() => plain.getJob(id).then(Boolean), patience).toBe(true)
    await plain.remove(id)
    await join({})
    await expect.poll(() => view.tasks.get(id), patience).toMatchObject({ status: 'cancelled' })
    expect(await waiting()).toBe(1)
    await plain.resume()
    await expect.poll(() => counts(), patience).toEqual({ ...done, success: 30, cancelled: 1 })
    expect(ran).toEqual(words)
  })

  it('come again when another tool has removed their job', limit, async () => {
    const producer = await join({ work: false })
    await plain.pause()
    await fill(producer, 'note', 30)
    await expect.poll(() => waiting(), patience).toBe(1)
    await plain.obliterate({ force: true })
    await join({})
    await expect.poll(() => counts(), patience).toEqual({ ...done, success: 30 })
  })

  it('go to others when they wait for long behind one that takes long', limit, async () => {
    const producer = await join({ work: false })
    const { words, ids } = await fill(producer, 'slow', 12)
    await expect.poll(() => waiting(), patience).toBe(1)
    await join({ concurrency: 2 })
    await expect.poll(() => waiting(), patience).toBeGreaterThan(5)
    await join({ concurrency: 16 })
    await expect.poll(() => counts(), patience).toEqual({ ...done, success: 12 })
    const records = await Promise.all(ids.map((id) => view.tasks.get(id)))
    expect(new Set(records.map((record) => record?.workerId)).size).toBe(2)
    expect([...ran].sort()).toEqual([...words].sort())
  })
})
