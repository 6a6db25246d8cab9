import { memory, sqlite, type TaskManager } from '@taskloom/engine'
import type { Operation, Store } from '@taskloom/engine/store'
import { anyTask, type TaskStatus } from '@taskloom/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import { buildRecord } from '../../packages/testkit/src/build-record.ts'
import { createFakeClock, type FakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { nextFile } from '../faults/temporary.ts'
import { openManager } from './open-manager.ts'

const act = { actor: 'ann', reason: 'by mistake', role: 'admin', address: null }
const asked = Date.UTC(2026, 0, 5)

let clock: FakeClock
beforeEach(() => {
  clock = createFakeClock(asked)
})

async function start(store: Store | string): Promise<TaskManager> {
  const tasks = openManager({ store, clock, bulk: { perSecond: 1_000_000 } })
  tasks.define('work', () => undefined)
  await Promise.all([tasks.start(), clock.advance(0)])
  return tasks
}

async function fill(store: Store, status: TaskStatus, count: number, changes = {}): Promise<string[]> {
  const ended = status === 'pending' || status === 'running' ? null : 1
  const records = Array.from({ length: count }, () => buildRecord({ status, endTime: ended, ...changes }))
  await store.tasks.write(records.map((next) => ({ previous: null, next, attempt: null, logs: [] })))
  return records.map(({ taskId }) => taskId).sort()
}

const look = (tasks: TaskManager, { operationId }: Pick<Operation, 'operationId'>) =>
  tasks.source.operations.get(operationId)

/** Waits for a moment that other work of the machine may put off. */
const until = <T>(read: () => T) => expect.poll(read, { timeout: 15_000, interval: 5 })

/** The same a moment later: a slice is followed by a breath. */
async function soon(tasks: TaskManager, operation: Pick<Operation, 'operationId'>): Promise<Operation> {
  await clock.advance(1)
  return look(tasks, operation)
}

async function outcomes(tasks: TaskManager, { operationId }: Pick<Operation, 'operationId'>) {
  const items = await tasks.source.operations.items({ operationId, outcome: null, after: null, limit: 500 })
  return Object.fromEntries(items.map(({ taskId, outcome, reason }) => [taskId, reason ?? outcome]))
}

describe.each(['memory', 'sqlite'])('a bulk operation with a delay on %s', { timeout: 20_000 }, (kind) => {
  let store: Store
  let tasks: TaskManager
  beforeEach(async () => {
    store = kind === 'memory' ? memory() : sqlite(nextFile())
    tasks = await start(store)
  })

  it('says at once what it will be done to, and begins at its time', async () => {
    await fill(store, 'success', 7)
    const question = { action: 'delete', target: { filter: anyTask }, delayMs: 10_000 } as const
    const begun = await tasks.source.operations.begin(question, act)
    expect(begun).toMatchObject({ status: 'pending', beginsAt: asked + 10_000, startedAt: null })
    await until(() => look(tasks, begun)).toMatchObject({ status: 'pending', isCollected: true, total: 7 })
    await clock.advance(9_999)
    expect(await look(tasks, begun)).toMatchObject({ status: 'pending', succeeded: 0 })
    expect((await store.views.metrics(anyTask)).total).toBe(7)
    await clock.advance(1)
    await expect.poll(() => soon(tasks, begun)).toMatchObject({ status: 'done', succeeded: 7 })
    expect((await store.views.metrics(anyTask)).total).toBe(0)
  })

  it('is undone as if it had never been asked for, and the audit log says both', async () => {
    const taskIds = await fill(store, 'success', 3)
    const begun = await tasks.source.operations.begin({ action: 'delete', target: { taskIds }, delayMs: 10_000 }, act)
    await clock.advance(9_999)
    const undone = await tasks.source.operations.cancel(begun.operationId, { ...act, actor: 'otto' })
    expect(undone).toMatchObject({ status: 'cancelled', succeeded: 0, endedAt: asked + 9_999, error: null })
    await clock.advance(60_000)
    expect(await look(tasks, begun)).toEqual(undone)
    expect(new Set(Object.values(await outcomes(tasks, begun)))).toEqual(new Set(['waiting']))
    expect((await store.views.metrics(anyTask)).total).toBe(3)
    const { entries } = await tasks.source.audit.list({ cursor: null, limit: 10, taskId: taskIds[0] })
    expect(entries.map(({ actor, action, detail }) => [actor, action, detail])).toEqual([
      ['otto', 'bulk_undo', { operation: begun.operationId }],
      ['ann', 'bulk_delete', expect.objectContaining({ begins_at: '2026-01-05T00:00:10.000Z' })],
    ])
    expect((await tasks.source.operations.cancel(begun.operationId, act)).cancelRequestedAt).toBe(asked + 9_999)
  })

  it('cancels what waited then and waits still, and what ran then; not what has started meanwhile', async () => {
    const runAt = asked + 3_600_000
    const [still = '', starts = ''] = await fill(store, 'pending', 2, { runAt, funcName: 'elsewhere' })
    const run = { status: 'running', attempt: 1, workerId: 'w', endTime: null } as const
    const attempt = { attempt: 1, endedAt: null, outcome: null, error: null, stacktrace: null, workerId: 'w' }
    const running = buildRecord({ ...run, startTime: asked - 1 })
    const ran = { ...attempt, startedAt: asked - 1 }
    await store.workers.beat({
      ...{ workerId: 'w', hostname: 'h', pid: 1, startedAt: 1, heartbeatAt: asked, leaseUntil: asked + 3_600_000 },
    })
    await store.tasks.write([{ previous: null, next: running, attempt: ran, logs: [] }])
    const taskIds = [still, starts, running.taskId]
    const begun = await tasks.source.operations.begin({ action: 'cancel', target: { taskIds }, delayMs: 5_000 }, act)
    const waiting = await store.tasks.get(starts)
    if (!waiting) throw new Error('It waits')
    const next = { ...waiting, ...run, startTime: asked + 1, version: 2 }
    await store.tasks.write([{ previous: waiting, next, attempt: { ...attempt, startedAt: asked + 1 }, logs: [] }])
    await clock.advance(5_000)
    await until(() => soon(tasks, begun)).toMatchObject({ status: 'done', succeeded: 2, skipped: 1, failed: 0 })
    expect(await outcomes(tasks, begun)).toEqual({
      [still]: 'succeeded',
      [starts]: 'started',
      [running.taskId]: 'succeeded',
    })
    expect((await store.tasks.get(starts))?.cancelRequestedAt).toBeNull()
    expect((await store.tasks.get(running.taskId))?.cancelRequestedAt).toBeGreaterThanOrEqual(asked + 5_000)
  })

  it('does not wait for another, and none waits for it', async () => {
    const [first = '', second = ''] = await fill(store, 'success', 2)
    const begin = (taskId: string, delayMs: number) =>
      tasks.source.operations.begin({ action: 'delete', target: { taskIds: [taskId] }, delayMs }, act)
    const late = await begin(first, 60_000)
    const early = await begin(second, 1_000)
    await clock.advance(1_000)
    await until(() => soon(tasks, early)).toMatchObject({ status: 'done' })
    expect(await look(tasks, late)).toMatchObject({ status: 'pending' })
    await clock.advance(59_000)
    await until(() => soon(tasks, late)).toMatchObject({ status: 'done' })
  })

  it('retries no more tasks a second than it was told, and lets others pass', async () => {
    await fill(store, 'failed', 5)
    const filter = { ...anyTask, statuses: ['failed'] as const }
    const slow = await tasks.source.operations.begin({ action: 'retry', target: { filter }, perSecond: 2 }, act)
    for (const expected of [1, 2, 3]) {
      await until(async () => (await look(tasks, slow)).succeeded).toBe(expected)
      await clock.advance(499)
      expect((await look(tasks, slow)).succeeded).toBe(expected)
      await clock.advance(1)
    }
    await until(async () => (await look(tasks, slow)).succeeded).toBe(4)
    const taskIds = await fill(store, 'cancelled', 300)
    const fast = await tasks.source.operations.begin({ action: 'delete', target: { taskIds } }, act)
    await until(() => soon(tasks, fast)).toMatchObject({ status: 'done', succeeded: 300 })
    expect((await look(tasks, slow)).succeeded).toBe(4)
    await clock.advance(500)
    await until(async () => (await look(tasks, slow)).succeeded).toBe(5)
    await clock.advance(500)
    await until(() => soon(tasks, slow)).toMatchObject({ status: 'done', perSecond: 2 })
  })
})

describe('a restart', { timeout: 20_000 }, () => {
  it('leaves the time to begin as it is, and what was undone undone', async () => {
    const file = nextFile()
    const store = sqlite(file)
    const first = await start(store)
    await fill(store, 'success', 2)
    const question = { action: 'delete', target: { filter: anyTask }, delayMs: 30_000 } as const
    const begun = await first.source.operations.begin(question, act)
    const undone = await first.source.operations.begin(question, act)
    await first.source.operations.cancel(undone.operationId, act)
    await until(() => look(first, begun)).toMatchObject({ isCollected: true })
    await Promise.all([first.shutdown({ timeoutMs: 0 }), clock.advance(0)])
    await clock.advance(20_000)
    const second = await start(file)
    expect(await look(second, begun)).toMatchObject({ status: 'pending', total: 2 })
    await clock.advance(9_999)
    expect(await look(second, begun)).toMatchObject({ status: 'pending' })
    await clock.advance(1)
    await until(() => soon(second, begun)).toMatchObject({ status: 'done', succeeded: 2 })
    expect(await look(second, undone)).toMatchObject({ status: 'cancelled', succeeded: 0 })
  })

  it('makes up at once for a beginning that nobody was there for', async () => {
    const file = nextFile()
    const store = sqlite(file)
    const first = await start(store)
    await fill(store, 'success', 2)
    const question = { action: 'delete', target: { filter: anyTask }, delayMs: 30_000 } as const
    const begun = await first.source.operations.begin(question, act)
    await Promise.all([first.shutdown({ timeoutMs: 0 }), clock.advance(0)])
    await clock.advance(60_000)
    const second = await start(file)
    await until(() => soon(second, begun)).toMatchObject({ status: 'done', succeeded: 2 })
  })

  it('leaves a pace as it is', async () => {
    const file = nextFile()
    const store = sqlite(file)
    const first = await start(store)
    const taskIds = await fill(store, 'failed', 4)
    const begun = await first.source.operations.begin({ action: 'retry', target: { taskIds }, perSecond: 1 }, act)
    await until(async () => (await look(first, begun)).succeeded).toBe(1)
    await Promise.all([first.shutdown({ timeoutMs: 0 }), clock.advance(0)])
    const second = await start(file)
    await until(async () => (await look(second, begun)).succeeded).toBe(2)
    await clock.advance(999)
    expect((await look(second, begun)).succeeded).toBe(2)
    await clock.advance(1)
    await until(async () => (await look(second, begun)).succeeded).toBe(3)
  })
})
