import { memory, sqlite, type TaskManager } from '@taskloom/engine'
import type { NewOperation, Operation, Store } from '@taskloom/engine/store'
import { anyTask, type TaskStatus } from '@taskloom/protocol'
import { describe, expect, it, vi } from 'vitest'
import { pauseAfter, sliceOf } from '../../packages/engine/src/source/operations/pace.ts'
import { drainQueue } from '../../packages/engine/src/source/operations/board.ts'
import { meantBy } from '../../packages/engine/src/source/operations/target.ts'
import { buildRecord } from '../../packages/testkit/src/build-record.ts'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { nextFile } from '../faults/temporary.ts'
import { openManager, withCode } from './open-manager.ts'

const act = { actor: 'ann', reason: 'outage', role: 'admin', address: '::1' }
const failedOnes = { filter: { ...anyTask, statuses: ['failed'] as const } }

async function fill(store: Store, status: TaskStatus, count: number, changes = {}): Promise<string[]> {
  const records = Array.from({ length: count }, () => buildRecord({ status, endTime: 1, ...changes }))
  await store.tasks.write(records.map((next) => ({ previous: null, next, attempt: null, logs: [] })))
  return records.map(({ taskId }) => taskId).sort()
}

function ended(tasks: TaskManager, { operationId }: Pick<Operation, 'operationId'>): Promise<Operation> {
  return vi.waitFor(
    async () => {
      const operation = await tasks.source.operations.get(operationId)
      if (operation.endedAt === null) throw new Error(`still ${operation.status}`)
      return operation
    },
    { timeout: 20_000, interval: 5 },
  )
}

function report(tasks: TaskManager, { operationId }: Pick<Operation, 'operationId'>, limit = 2_000) {
  return tasks.source.operations.items({ operationId, outcome: null, after: null, limit })
}

describe.each(['memory', 'sqlite'])('bulk operations on %s', { timeout: 20_000 }, (kind) => {
  const makeStore = (): Store => (kind === 'memory' ? memory() : sqlite(nextFile()))
  const open = async (options: { readonly perSecond?: number } = { perSecond: 100_000 }) => {
    const store = makeStore()
    const tasks = openManager({ store, bulk: options })
    tasks.define('work', () => undefined)
    await tasks.start()
    return { store, tasks }
  }

  it('retry what a filter holds, each once, and say of each what became of it', async () => {
    const { store, tasks } = await open()
    const failed = await fill(store, 'failed', 300)
    await fill(store, 'success', 3)
    const [elsewhere = ''] = await fill(store, 'failed', 1, { funcName: 'unknown' })
    const begun = await tasks.source.operations.begin({ action: 'retry', target: failedOnes }, act)
    expect(begun).toMatchObject({ status: 'pending', action: 'retry', ...act, total: 0 })
    const done = await ended(tasks, begun)
    expect(done).toMatchObject({ status: 'done', total: 301, succeeded: 300, skipped: 1, failed: 0 })
    const items = await report(tasks, begun)
    expect(items.map(({ taskId }) => taskId)).toEqual([...failed, elsewhere].sort())
    expect(items.find(({ taskId }) => taskId === elsewhere)).toMatchObject({ reason: 'not_registered' })
    const minted = items.flatMap(({ newTaskId }) => newTaskId ?? [])
    expect(new Set(minted).size).toBe(300)
    const { taskId: original, newTaskId } = items.find((item) => item.newTaskId !== null) ?? {}
    expect(await tasks.source.detail(newTaskId ?? '')).toMatchObject({ retriedFrom: original })
    const { logs } = await tasks.source.detail(original ?? '')
    expect(logs.at(-1)?.message).toBe(`Retried as ${newTaskId} by ann: outage`)

    await tasks.idle()
    const again = await tasks.source.operations.begin({ action: 'retry', target: failedOnes }, act)
    expect(await ended(tasks, again)).toMatchObject({ total: 301, succeeded: 0, skipped: 301 })
    const once = { action: 'retry', target: { taskIds: failed.slice(0, 2) }, again: true } as const
    expect(await ended(tasks, await tasks.source.operations.begin(once, act))).toMatchObject({ succeeded: 2 })
    const { entries } = await tasks.source.audit.list({ cursor: null, limit: 6 })
    expect(entries.map(({ action, affectedCount }) => [action, affectedCount])).toEqual([
      ['bulk_retry_ended', 2],
      ['bulk_retry', 2],
      ['bulk_retry_ended', 0],
      ['bulk_retry', 0],
      ['bulk_retry_ended', 300],
      ['bulk_retry', 0],
    ])
    expect(entries[1]).toMatchObject({ ...act, affected: failed.slice(0, 2) })
    expect(entries[4]?.detail).toMatchObject({ operation: begun.operationId, total: 301, succeeded: 300, skipped: 1 })
    const list = await tasks.source.operations.list(null, 2)
    expect(list.map(({ total }) => total)).toEqual([2, 301])
  })

  it('cancel, make due and delete, and skip what is not in the right status or not there', async () => {
    const { store, tasks } = await open()
    const future = Date.now() + 3_600_000
    const waiting = await fill(store, 'pending', 3, { runAt: future, funcName: 'elsewhere', endTime: null })
    const success = await fill(store, 'success', 2)
    const begin = async (action: 'cancel' | 'run_now' | 'delete', taskIds: readonly string[]) =>
      ended(tasks, await tasks.source.operations.begin({ action, target: { taskIds } }, act))
    expect(await begin('run_now', waiting.slice(0, 1))).toMatchObject({ total: 1, succeeded: 1 })
    expect((await tasks.source.detail(waiting[0] ?? '')).runAt).toBeNull()
    const cancelled = await begin('cancel', [...waiting, ...success, 'nobody', 'nobody'])
    expect(cancelled).toMatchObject({ total: 6, succeeded: 3, skipped: 3 })
    const reasons = (await report(tasks, cancelled)).map(({ taskId, reason }) => [taskId, reason])
    expect(Object.fromEntries(reasons)).toMatchObject({ nobody: 'unknown', [success[0] ?? '']: 'wrong_status' })
    const deleted = await begin('delete', [...waiting, ...success])
    expect(deleted).toMatchObject({ total: 5, succeeded: 5 })
    expect((await store.views.metrics(anyTask)).total).toBe(0)
  })

  it('cancel what runs, as well', async () => {
    const { tasks } = await open()
    tasks.define('long', () => new Promise((_, reject) => setTimeout(reject, 60_000).unref()))
    const { id } = await tasks.enqueue('long')
    await expect.poll(async () => (await tasks.source.detail(id)).status).toBe('running')
    const filter = { ...anyTask, funcNames: ['long'] }
    const operation = await tasks.source.operations.begin({ action: 'cancel', target: { filter } }, act)
    expect(await ended(tasks, operation)).toMatchObject({ total: 1, succeeded: 1 })
    expect((await tasks.source.detail(id)).timeline.map(({ event }) => event)).toContain('cancel_requested')
  })

  it('can be looked at before, without any effect', async () => {
    const { store, tasks } = await open()
    const failed = await fill(store, 'failed', 30)
    await fill(store, 'success', 5)
    const { operations } = tasks.source
    const preview = await operations.preview({ action: 'retry', target: { filter: anyTask } })
    expect(preview).toMatchObject({ count: 30, countIsCapped: false })
    expect(preview.sample.map(({ taskId }) => taskId)).toEqual([...failed].reverse().slice(0, 20))
    const listed = { action: 'delete', target: { taskIds: [failed[0] ?? '', 'nobody'] } } as const
    expect(await operations.preview(listed)).toMatchObject({ count: 1, sample: [{ taskId: failed[0] }] })
    expect(await operations.list(null, 10)).toEqual([])
  })

  it('leave out what whoever asks may not see, and refuse what cannot be', async () => {
    const { store, tasks } = await open()
    const [mine = '', theirs = ''] = [...(await fill(store, 'failed', 1)), ...(await fill(store, 'failed', 1))]
    const question = {
      action: 'delete',
      target: { taskIds: [mine, theirs] },
      permits: ({ taskId }: { readonly taskId: string }) => taskId === mine,
    } as const
    const done = await ended(tasks, await tasks.source.operations.begin(question, act))
    expect(done).toMatchObject({ total: 2, succeeded: 1, skipped: 1 })
    const items = await report(tasks, done)
    expect(items.find(({ taskId }) => taskId === theirs)).toMatchObject({ outcome: 'skipped', reason: 'unknown' })
    expect(await store.tasks.get(theirs)).toBeDefined()
    const { operations } = tasks.source
    const success = { ...anyTask, statuses: ['success'] as const }
    await expect(operations.begin({ action: 'retry', target: { filter: success } }, act)).rejects.toEqual(
      withCode('wrong_status'),
    )
    const many = Array.from({ length: 1_001 }, (_, index) => `id${index}`)
    await expect(operations.begin({ action: 'retry', target: { taskIds: many } }, act)).rejects.toEqual(
      withCode('bad_argument'),
    )
    await expect(operations.get('nobody')).rejects.toEqual(withCode('unknown_operation'))
    await expect(operations.cancel('nobody', act)).rejects.toEqual(withCode('unknown_operation'))
    const empty = { action: 'delete', target: { filter: { ...anyTask, queues: ['nowhere'] } } } as const
    expect(await ended(tasks, await operations.begin(empty, act))).toMatchObject({ status: 'done', total: 0 })
  })

  it('stop where they are when they are cancelled, and tell that they changed', async () => {
    const { store, tasks } = await open({ perSecond: 4 })
    await fill(store, 'failed', 50)
    let changes = 0
    tasks.source.subscribe((change) => void (changes += change.kind === 'operations' ? 1 : 0))
    const begun = await tasks.source.operations.begin({ action: 'delete', target: failedOnes }, act)
    await expect.poll(async () => (await tasks.source.operations.get(begun.operationId)).succeeded).toBeGreaterThan(0)
    await tasks.source.operations.cancel(begun.operationId, act)
    const stopped = await ended(tasks, begun)
    expect(stopped).toMatchObject({ status: 'cancelled', total: 50 })
    expect(stopped.succeeded).toBeLessThan(10)
    expect((await store.views.metrics(anyTask)).total).toBe(50 - stopped.succeeded)
    const { operationId } = begun
    const left = await tasks.source.operations.items({ operationId, outcome: 'waiting', after: null, limit: 100 })
    expect(left).toHaveLength(50 - stopped.succeeded)
    expect(changes).toBeGreaterThan(2)
  })

  it('drain a queue: everything that waits there is cancelled, nothing else', async () => {
    const { store, tasks } = await open()
    const runAt = Date.now() + 3_600_000
    await fill(store, 'pending', 5, { queue: 'mail', runAt, endTime: null })
    const [other = ''] = await fill(store, 'pending', 1, { queue: 'slow', runAt, endTime: null })
    const [running = ''] = await fill(store, 'running', 1, { queue: 'mail', workerId: 'w', attempt: 1, endTime: null })
    const drained = await ended(tasks, await drainQueue(tasks.source.operations, 'mail', act))
    expect(drained).toMatchObject({ action: 'cancel', total: 5, succeeded: 5 })
    expect((await store.tasks.get(other))?.status).toBe('pending')
    expect((await store.tasks.get(running))?.cancelRequestedAt).toBeNull()
  })

  it('are worked off at their pace and leave the event loop free', async () => {
    const clock = createFakeClock(Date.UTC(2026, 0, 5))
    const store = makeStore()
    const tasks = openManager({ store, clock, bulk: { perSecond: 8 } })
    await clock.advance(0)
    await Promise.all([tasks.start(), clock.advance(0)])
    await fill(store, 'failed', 10)
    const { operationId } = await tasks.source.operations.begin({ action: 'delete', target: failedOnes }, act)
    const succeeded = async () => (await tasks.source.operations.get(operationId)).succeeded
    await expect.poll(succeeded).toBe(2)
    for (const expected of [4, 6, 8, 10]) {
      await clock.advance(249)
      expect(await succeeded()).toBe(expected - 2)
      await clock.advance(1)
      await expect.poll(succeeded).toBe(expected)
    }
  })
})

describe('an operation that was left behind', { timeout: 20_000 }, () => {
  const newOperation: NewOperation = {
    ...{ operationId: '0', action: 'delete', again: false, createdAt: 1, ...act },
    filter: JSON.stringify(failedOnes.filter),
  }

  it('is taken over at the start, from the slice that came last, and by one alone', async () => {
    const file = nextFile()
    const store = sqlite(file)
    await store.open()
    const taskIds = await fill(store, 'failed', 20)
    await store.operations.create(newOperation, null)
    await store.operations.claim('0', 'dead', null, 2)
    const slice = { operationId: '0', workerId: 'dead', from: null, to: taskIds[9] ?? '', isLast: false }
    await store.operations.collect({ ...slice, taskIds: taskIds.slice(0, 10) })
    // Came after it was asked for.
    await fill(store, 'failed', 1, { createdAt: Date.UTC(2027, 0, 1) })
    const managers = [openManager({ store: file }), openManager({ store: file })]
    await Promise.all(managers.map((tasks) => tasks.start()))
    const done = await ended(managers[0] as TaskManager, newOperation)
    expect(done).toMatchObject({ status: 'done', total: 20, succeeded: 20, skipped: 0, failed: 0, startedAt: 2 })
    expect((await report(managers[1] as TaskManager, newOperation)).map(({ taskId }) => taskId)).toEqual(taskIds)
    expect((await store.views.metrics(anyTask)).total).toBe(1)
    await store.close()
  })

  it('is left to a worker that lives', async () => {
    const file = nextFile()
    const [first, second] = [openManager({ store: file, bulk: { perSecond: 4 } }), openManager({ store: file })]
    await Promise.all([first.start(), second.start()])
    const store = sqlite(file)
    await store.open()
    await fill(store, 'failed', 40)
    const { operationId } = await first.source.operations.begin({ action: 'delete', target: failedOnes }, act)
    await expect.poll(async () => (await store.operations.get(operationId))?.succeeded).toBeGreaterThan(0)
    const empty = { ...anyTask, statuses: ['failed'] as const, queues: ['none'] }
    // It looks for operations now and finds its own alone.
    const other = await second.source.operations.begin({ action: 'delete', target: { filter: empty } }, act)
    await ended(second, other)
    const { workerId, endedAt } = await second.source.operations.get(operationId)
    expect(endedAt).toBeNull()
    expect(workerId).not.toBe((await second.source.operations.get(other.operationId)).workerId)
    await first.shutdown()
    await second.source.operations.begin({ action: 'delete', target: { filter: empty } }, act)
    expect(await ended(second, { operationId })).toMatchObject({ status: 'done', total: 40, succeeded: 40 })
    await store.close()
  })
})

describe('deciding about bulk operations', () => {
  it('narrows a filter to what can be meant', () => {
    expect(meantBy('retry', anyTask).statuses).toEqual(['failed', 'interrupted'])
    expect(meantBy('cancel', { ...anyTask, statuses: ['running', 'success'] }).statuses).toEqual(['running'])
    expect(() => meantBy('delete', { ...anyTask, statuses: ['pending'] })).toThrow('Only success or failed')
  })

  it.each([
    [1, 1],
    [8, 2],
    [1_000, 250],
    [1_000_000, 500],
  ])('works off %d a second in slices of %d', (perSecond, slice) => expect(sliceOf(perSecond)).toBe(slice))

  it('pauses for the rest of the time that a slice may take', () => {
    expect(pauseAfter(250, 100, 1_000)).toBe(150)
    expect(pauseAfter(250, 400, 1_000)).toBe(0)
    expect(pauseAfter(250, -5_000, 1_000)).toBe(250)
    expect(pauseAfter(1, 0, 1)).toBe(1_000)
  })

  it('refuses a pace that is none', () => {
    expect(() => openManager({ bulk: { perSecond: 0 } })).toThrow('bulk.perSecond')
    expect(() => openManager({ bulk: { pace: 1 } as never })).toThrow('pace')
  })
})
