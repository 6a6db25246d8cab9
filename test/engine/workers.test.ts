import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createFakeClock } from '@taskloom/testkit'
import { memory, sqlite, type Store } from '@taskloom/engine'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { compareFunctions } from '../../packages/engine/src/source/drift.ts'
import { Vitals } from '../../packages/engine/src/run/vitals.ts'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { openManager } from './open-manager.ts'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-workers-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const beatMs = 5_000
const minuteMs = 60_000

describe('the list of workers', () => {
  it('has each process that runs tasks, and how it fares', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock, concurrency: 7, queues: { slow: { concurrency: 1 } } })
    const work = scriptedTask([{ holds: true }])
    tasks.define('work', { queue: 'mail' }, work.run)
    expect(await tasks.source.workers()).toEqual([])
    const startedAt = clock.now()
    await tasks.start()
    const [fresh] = await tasks.source.workers()
    expect(fresh).toMatchObject({ pid: process.pid, running: 0, cpuPercent: null, eventLoopLagMs: null })
    await tasks.enqueue('work')
    await clock.advance(beatMs)
    const [worker, ...others] = await tasks.source.workers()
    expect(others).toEqual([])
    expect(worker).toMatchObject({
      workerId: fresh?.workerId,
      queues: ['mail', 'slow'],
      concurrency: 7,
      running: 1,
      functions: 1,
      startedAt,
      uptime: beatMs,
      lastHeartbeat: startedAt + beatMs,
      status: 'active',
    })
    expect(worker?.version).toMatch(/^\d+\.\d+\.\d+/)
    expect(worker?.rssBytes).toBeGreaterThan(10_000_000)
    expect(worker?.cpuPercent).toBeGreaterThanOrEqual(0)
    work.release()
  })

  it('shows who is stopping, and nobody who has stopped', async () => {
    const store = memory()
    const [stays, goes] = [openManager({ store: shared(store) }), openManager({ store: shared(store) })]
    const work = scriptedTask([{ holds: true }])
    goes.define('work', work.run)
    await stays.start()
    await goes.start()
    await goes.enqueue('work')
    await expect.poll(() => work.held).toBe(1)
    const stopped = goes.shutdown()
    // Both were made in the same moment, so either may come first.
    const statuses = async () => (await stays.source.workers()).map(({ status }) => status).sort()
    await expect.poll(statuses).toEqual(['active', 'stopping'])
    work.release()
    await stopped
    expect(await statuses()).toEqual(['active'])
  })

  it('shows who was not heard of for too long as stale, until its tasks are taken over', async () => {
    const clock = createFakeClock()
    const store = memory()
    const tasks = openManager({ clock, store })
    await tasks.open()
    const now = clock.now()
    const facts = { hostname: 'elsewhere', pid: 7, startedAt: now - minuteMs }
    await store.workers.beat({ workerId: 'dead', ...facts, heartbeatAt: now - 20_000, leaseUntil: now - 5_000 })
    expect(await tasks.source.workers()).toMatchObject([
      { workerId: 'dead', status: 'stale', uptime: 40_000, version: null, running: null, queues: [] },
    ])
    await tasks.start()
    // The clock of its machine may be another: it is heard for a while before it is given up.
    expect(await tasks.source.workers()).toHaveLength(2)
    await clock.advance(10_000)
    expect(await tasks.source.workers()).toMatchObject([{ status: 'active' }])
  })

  it('is the same in a file, and tells functions and queues of all processes', async () => {
    const path = join(folder, 'tasks.db')
    const [one, other] = [openManager({ store: path }), openManager({ store: path })]
    one.define('send', { queue: 'mail' }, () => 1)
    other.define('send', { queue: 'mail' }, () => 1)
    other.define('render', () => 1)
    await one.start()
    await other.start()
    expect((await one.source.workers()).map(({ functions }) => functions).sort()).toEqual([1, 2])
    await one.enqueue('send')
    await one.idle()
    await other.wait((await other.enqueue('render', [], { queue: 'other' })).id)
    const queues = await one.source.queues()
    expect(queues.map(({ queue, workers }) => [queue, workers])).toEqual([
      ['mail', 2],
      ['other', 1],
    ])
    const reader = sqlite(path)
    await reader.open()
    expect((await reader.workers.functions()).map(({ funcNames }) => funcNames.length).sort()).toEqual([1, 2])
    await reader.close()
  })
})

describe('queues', () => {
  it('say how long the oldest task has waited, how many end in a minute, and their limit here', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock, queues: { mail: { concurrency: 1 } } })
    const work = scriptedTask([{ returns: 1 }])
    const held = scriptedTask([{ holds: true }, { returns: 1 }])
    tasks.define('work', { queue: 'other' }, work.run)
    tasks.define('send', { queue: 'mail' }, held.run)
    await tasks.start()
    for (let count = 0; count < 10; count += 1) await tasks.wait((await tasks.enqueue('work')).id)
    await tasks.enqueue('send')
    await tasks.enqueue('send')
    await tasks.enqueue('send', [], { delay: '1h' })
    await clock.advance(minuteMs)
    expect(await tasks.source.queues()).toMatchObject([
      {
        queue: 'mail',
        counts: expect.objectContaining({ pending: 2, running: 1 }) as object,
        total: 3,
        oldestWait: minuteMs,
        throughput: 0,
        concurrency: 1,
        paused: false,
        pausedAt: null,
        pausedBy: null,
        workers: 1,
      },
      expect.objectContaining({ queue: 'other', oldestWait: null, throughput: 2, concurrency: null, workers: 1 }),
    ])
    await clock.advance(5 * minuteMs)
    expect(await tasks.source.queues()).toMatchObject([{ oldestWait: 6 * minuteMs }, { throughput: 0 }])
    held.release()
  })
})

describe('drift', () => {
  it('tells tasks that nobody can run, functions that only some define, and functions without tasks', async () => {
    const clock = createFakeClock()
    const store = memory()
    const one = openManager({ clock, store: shared(store) })
    const other = openManager({ clock, store: shared(store) })
    for (const tasks of [one, other]) tasks.define('send', () => 1)
    one.define('render', () => 1)
    one.define('late', { delay: 1 }, () => 1)
    await one.start()
    await other.start()
    await one.wait((await one.enqueue('send')).id)
    await one.wait((await one.enqueue('render')).id)
    const third = openManager({ clock, store: shared(store) })
    third.define('gone', { queue: 'q' }, () => 1)
    await third.enqueue('gone')
    expect(await one.source.drift()).toMatchObject({
      workers: 2,
      unregistered: [{ funcName: 'gone', queues: ['q'], pending: 1, running: 0, recent: 1 }],
      partial: [{ funcName: 'late' }, { funcName: 'render' }],
      unseen: ['late'],
      truncated: false,
    })
    const [late] = (await one.source.drift()).partial
    expect([...late!.workers, ...late!.missing].sort()).toEqual(
      (await one.source.workers()).map(({ workerId }) => workerId),
    )
    // What is defined later is told with the next beat, and what dies is forgotten.
    other.define('late', () => 1)
    other.define('gone', { queue: 'q' }, () => 1)
    await clock.advance(beatMs)
    expect(await one.source.drift()).toMatchObject({ unregistered: [], partial: [{ funcName: 'gone' }, {}] })
    await other.shutdown()
    expect(await one.source.drift()).toMatchObject({ workers: 1, partial: [] })
  })

  it('is told anew by a process that others took for dead', async () => {
    const clock = createFakeClock()
    const store = memory()
    const tasks = openManager({ clock, store })
    tasks.define('send', () => 1)
    await tasks.start()
    const [worker] = await store.workers.list()
    await store.workers.remove(worker!.workerId)
    await clock.advance(beatMs)
    expect(await tasks.source.drift()).toMatchObject({ workers: 0 })
    await clock.advance(minuteMs)
    expect(await tasks.source.drift()).toMatchObject({ workers: 1, unseen: ['send'] })
  })

  it('is bounded', () => {
    const funcNames = Array.from({ length: 2_000 }, (_, index) => `f${index}`)
    const serving = Array.from({ length: 200 }, (_, index) => ({
      workerId: `w${index}`,
      funcNames: index === 0 ? funcNames : [],
      queues: [],
    }))
    const found = compareFunctions([], serving)
    expect(found).toMatchObject({ workers: 200, truncated: true })
    expect([found.partial.length, found.unseen.length]).toEqual([1_000, 1_000])
    expect(found.partial[0]?.missing).toHaveLength(100)
  })
})

describe('vital signs', () => {
  it('measure from one reading to the next', async () => {
    const vitals = new Vitals()
    vitals.open()
    expect(vitals.read()).toMatchObject({ cpuPercent: null, eventLoopLagMs: null })
    // Looks at the loop as they do, so that its moments are theirs.
    const witness = monitorEventLoopDelay({ resolution: 20 })
    witness.enable()
    await expect.poll(() => witness.count, { interval: 5 }).toBeGreaterThan(1)
    const endMs = performance.now() + 200
    while (performance.now() < endMs);
    await expect.poll(() => witness.max, { interval: 5 }).toBeGreaterThan(100e6)
    witness.disable()
    const { cpuPercent, eventLoopLagMs } = vitals.read()
    expect(cpuPercent).toBeGreaterThan(10)
    expect(eventLoopLagMs).toBeGreaterThan(100)
    vitals.close()
    expect(vitals.read()).toMatchObject({ cpuPercent: null, eventLoopLagMs: null })
  })
})

/** As it looks to several processes. */
function shared(store: Store): Store {
  return { ...store, supports: { ...store.supports, sharing: true }, close: () => Promise.resolve() }
}
