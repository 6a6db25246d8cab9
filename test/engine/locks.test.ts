import { mkdtempSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConflictError, memory, sqlite, taskContext, TaskError, type Store } from '@taskloom/engine'
import { insertTask } from '@taskloom/engine/store'
import { afterAll, describe, expect, it } from 'vitest'
import { buildRecord } from '../../packages/testkit/src/build-record.ts'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { openManager, withCode } from './open-manager.ts'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-locks-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0

const stores: readonly [string, () => Store][] = [
  ['memory', memory],
  ['sqlite', () => sqlite(join(folder, `${(files += 1)}.db`))],
]
const locks = ['Book:1', 'Author:7']

describe.each(stores)('locks in %s', (_, makeStore) => {
  async function start() {
    const tasks = openManager({ store: makeStore() })
    const work = scriptedTask([{ holds: true }])
    tasks.define('held', work.run)
    tasks.define('fails', () => Promise.reject(new Error('no')))
    tasks.define('quick', () => 'done')
    await tasks.start()
    return { tasks, work }
  }

  it('refuses who asks for what is held, and says who has it', async () => {
    const { tasks, work } = await start()
    const { id } = await tasks.enqueue('held', [], { locks, user: 'ann' })
    const refused = await tasks.enqueue('quick', [], { locks: ['Book:2', 'Book:1'] }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ConflictError)
    expect(refused).toBeInstanceOf(TaskError)
    expect(refused).toMatchObject({
      name: 'ConflictError',
      code: 'conflict_lock',
      message: `Book:1 is held by held (task ${id} for ann)`,
      conflicts: [{ key: 'Book:1', taskId: id, funcName: 'held', user: 'ann', status: 'running' }],
    })
    expect((refused as ConflictError).conflicts[0]?.since).toBe((await tasks.get(id))?.createdAt)
    expect((await tasks.list()).total).toBe(1)
    expect((await tasks.locks()).map(({ key }) => key)).toEqual(['Author:7', 'Book:1'])
    expect(await tasks.locks(1)).toHaveLength(1)
    await tasks.enqueue('quick', [], { locks: ['Book:2'] })
    work.release()
    expect((await tasks.wait(id)).locks).toEqual(locks)
    expect(await tasks.locks()).toEqual([])
    await tasks.enqueue('quick', [], { locks })
  })

  it('lets one of twenty at once have them, and keeps a slot for nobody', async () => {
    const { tasks, work } = await start()
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => tasks.enqueue('held', [], { locks })))
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect((await tasks.source.health()).checks).toContainEqual(
      expect.objectContaining({ name: 'slots', detail: '1 of 100 in use' }),
    )
    work.release()
    await tasks.idle()
    expect(await tasks.locks()).toEqual([])
  })

  it('lets go in every outcome', async () => {
    const { tasks } = await start()
    const failed = await tasks.enqueue('fails', [], { locks })
    expect(await tasks.wait(failed.id)).toMatchObject({ status: 'failed' })
    const pending = await tasks.enqueue('quick', [], { locks, delay: '1h' })
    await expect(tasks.enqueue('quick', [], { locks })).rejects.toBeInstanceOf(ConflictError)
    await tasks.cancel(pending.id)
    tasks.define('stops', () => new Promise((_, reject) => taskContext()?.signal.addEventListener('abort', reject)))
    const running = await tasks.enqueue('stops', [], { locks })
    await tasks.cancel(running.id)
    expect(await tasks.wait(running.id)).toMatchObject({ status: 'cancelled' })
    const { id } = await tasks.enqueue('quick', [], { locks })
    await tasks.wait(id)
    await tasks.delete(id)
    expect(await tasks.locks()).toEqual([])
  })

  it('keeps them between attempts', async () => {
    const { tasks } = await start()
    const flaky = scriptedTask([{ throws: new Error('once') }, { returns: 'done' }])
    tasks.define('flaky', { retries: 1, delay: '1h' }, flaky.run)
    const { id } = await tasks.enqueue('flaky', [], { locks })
    await expect.poll(async () => (await tasks.get(id))?.retriesUsed).toBe(1)
    await expect(tasks.enqueue('quick', [], { locks })).rejects.toBeInstanceOf(ConflictError)
    await tasks.source.runNow(id, { actor: 'ann', reason: null })
    await tasks.wait(id)
    expect(await tasks.locks()).toEqual([])
  })

  it('takes them anew for a retry, or refuses it', async () => {
    const { tasks, work } = await start()
    const failed = await tasks.enqueue('fails', [], { locks })
    await tasks.wait(failed.id)
    const holder = await tasks.enqueue('held', [], { locks: ['Book:1'] })
    await expect(tasks.retry(failed.id)).rejects.toEqual(withCode('conflict_lock'))
    expect(await tasks.get(failed.id)).toMatchObject({ retryCount: 0 })
    const answer = await tasks.source.bulkRetry([failed.id], { again: false }, { actor: 'ann', reason: null })
    expect(answer.results).toEqual([{ originalTaskId: failed.id, newTaskId: null, reason: 'locked' }])
    work.release()
    await tasks.wait(holder.id)
    const again = await tasks.retry(failed.id)
    expect(await tasks.wait(again.taskId)).toMatchObject({ status: 'failed', locks })
    expect(await tasks.locks()).toEqual([])
  })

  it('shares them with tasks that are enqueued from within', async () => {
    const { tasks } = await start()
    const child = scriptedTask([{ holds: true }])
    tasks.define('child', child.run)
    tasks.define('parent', async () => (await tasks.enqueue('child', [], { locks: ['Book:1', 'Page:3'] })).id)
    const parent = await tasks.enqueue('parent', [], { locks })
    const ended = await tasks.wait(parent.id)
    expect(ended.status).toBe('success')
    const held = await tasks.locks()
    expect(held.map(({ key }) => key)).toEqual(['Author:7', 'Book:1', 'Page:3'])
    expect(new Set(held.map(({ owner }) => owner))).toEqual(new Set([parent.id]))
    expect(new Set(held.map(({ taskId }) => `"${taskId}"`))).toEqual(new Set([ended.result]))
    await expect(tasks.enqueue('quick', [], { locks: ['Author:7'] })).rejects.toBeInstanceOf(ConflictError)
    child.release()
    await tasks.idle()
    expect(await tasks.locks()).toEqual([])
  })

  it('lets go what a dead process held', async () => {
    const store = makeStore()
    await store.open()
    const state = { workerId: 'dead', hostname: hostname(), pid: 4_194_303, startedAt: 1, heartbeatAt: 1 }
    await store.workers.beat({ ...state, leaseUntil: Date.now() + 60_000 })
    const running = { status: 'running', workerId: 'dead', attempt: 1, startTime: 1, locks } as const
    await insertTask(store.tasks, buildRecord(running))
    await insertTask(store.tasks, buildRecord({ ...running, funcName: 'again', locks: ['Car:1'] }))
    const tasks = openManager({ store: reopened(store) })
    tasks.define('quick', () => 'done')
    tasks.define('again', { requeueOnInterrupt: true, concurrency: 1 }, () => new Promise(() => undefined))
    await expect(tasks.enqueue('quick', [], { locks })).rejects.toBeInstanceOf(ConflictError)
    await tasks.start()
    await tasks.enqueue('quick', [], { locks })
    await expect(tasks.enqueue('quick', [], { locks: ['Car:1'] })).rejects.toBeInstanceOf(ConflictError)
  })

  it('lets go what a stopping process interrupts', async () => {
    const store = makeStore()
    await store.open()
    const tasks = openManager({ store: { ...reopened(store), close: () => Promise.resolve() } })
    tasks.define('held', () => new Promise(() => undefined))
    await tasks.start()
    await tasks.enqueue('held', [], { locks })
    expect(await store.locks.list(9)).toHaveLength(2)
    await tasks.shutdown({ timeoutMs: 0 })
    expect(await store.locks.list(9)).toEqual([])
    await store.close()
  })

  it('heeds an idempotency key before locks', async () => {
    const { tasks, work } = await start()
    const options = { locks, idempotencyKey: 'once' }
    const { id } = await tasks.enqueue('held', [], options)
    expect(await tasks.enqueue('held', [], options)).toEqual({ id, deduplicated: true })
    work.release()
  })
})

it('reads the option at the door', async () => {
  const tasks = openManager()
  tasks.define('quick', () => 'done')
  const bad = [[''], ['x'.repeat(301)], 'Book:1', [1], Array.from({ length: 101 }, (_, index) => `Book:${index}`)]
  for (const locks of bad) {
    const options = { locks: locks as readonly string[] }
    await expect(tasks.enqueue('quick', [], options)).rejects.toMatchObject({ details: { option: 'locks' } })
  }
  const { id } = await tasks.enqueue('quick', [], { locks: ['Book:1', 'Book:1'] })
  expect(await tasks.get(id)).toMatchObject({ locks: ['Book:1'] })
})

/** An opened store as an object whose parts can be replaced. */
function reopened(store: Store): Store {
  const open = () => Promise.resolve()
  return Object.defineProperties({ open, close: () => store.close() }, partsOf(store)) as Store
}

/** Its parts are there once it is open. */
function partsOf(store: Store): PropertyDescriptorMap {
  const names = ['name', 'supports', 'tasks', 'schedules', 'workers', 'locks', 'outbox', 'upkeep', 'views'] as const
  const others = ['sessions', 'operations', 'audit', 'queueControls'] as const
  return Object.fromEntries(
    [...names, ...others].map((name) => [name, { value: store[name], enumerable: true, writable: true }]),
  )
}
