import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory, sqlite, type ScheduleOptions, type Store, type TaskManager } from '@taskloom/engine'
import { insertTask } from '@taskloom/engine/store'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { parseSchedule } from '../../packages/engine/src/core/definition.ts'
import { Announcer } from '../../packages/engine/src/observe/announcer.ts'
import { EventHub } from '../../packages/engine/src/observe/events.ts'
import { Feed } from '../../packages/engine/src/observe/feed.ts'
import { Scheduler } from '../../packages/engine/src/run/scheduler.ts'
import { systemClock } from '../../packages/engine/src/system-clock.ts'
import { buildRecord } from '../../packages/testkit/src/build-record.ts'
import { createFakeClock, type FakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { openManager } from './open-manager.ts'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-schedules-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => void vi.useRealTimers())

const start = Date.UTC(2026, 0, 1)
const minute = 60_000
const act = { actor: 'ann', reason: null }
let files = 0

/** What makes the same store again, as a new process would. */
const kinds: readonly (readonly [string, () => () => Store])[] = [
  [
    'memory',
    () => {
      const store = memory()
      return () => store
    },
  ],
  [
    'SQLite',
    () => {
      const path = join(folder, `schedules-${(files += 1)}.db`)
      return () => sqlite(path)
    },
  ],
]

async function boot(store: Store, clock: FakeClock, options: ScheduleOptions): Promise<TaskManager> {
  const tasks = openManager({ store, clock })
  tasks.schedule('tick', options, () => null)
  await tasks.start()
  return tasks
}

describe.each(kinds)('a schedule on %s', (_name, kind) => {
  it('stays paused over a restart, misses nothing meanwhile, and can be run by hand', async () => {
    const clock = createFakeClock(start)
    const open = kind()
    const first = await boot(open(), clock, { every: '1m', runOnStartup: true })
    await first.source.pauseSchedule('tick', act)
    await first.idle()
    await first.shutdown()
    await clock.advance(10 * minute)

    const second = await boot(open(), clock, { every: '1m', runOnStartup: true })
    expect(await second.source.schedules()).toMatchObject([{ status: 'paused', missed: 0 }])
    await clock.advance(5 * minute)
    // The one of the first start: a schedule that is paused does not run at startup either.
    expect((await second.list()).total).toBe(1)
    const { taskId } = await second.source.runSchedule('tick', act)
    await second.wait(taskId)
    expect(await second.source.schedules()).toMatchObject([{ status: 'paused', lastTaskId: taskId }])
    await second.source.resumeSchedule('tick', act)
    await second.shutdown()

    const third = await boot(open(), clock, { every: '1m' })
    expect(await third.source.schedules()).toMatchObject([{ status: 'active', missed: 0, lastTaskId: taskId }])
    await clock.advance(minute)
    expect((await third.list()).total).toBe(3)
  })

  it('keeps a pause that is asked for while a slot is being enqueued', async () => {
    const clock = createFakeClock(start)
    const store = kind()()
    const tasks = await boot(store, clock, { every: '1m' })
    await Promise.all([clock.advance(minute), tasks.source.pauseSchedule('tick', act)])
    await clock.advance(5 * minute)
    expect(await tasks.source.schedules()).toMatchObject([{ status: 'paused' }])
    expect((await store.schedules.get('tick'))?.isPaused).toBe(true)
  })

  it('counts what it missed once, however many processes look', async () => {
    const clock = createFakeClock(start)
    const open = kind()
    const first = await boot(open(), clock, { every: '1m', misfire: 'all', misfireMax: 5 })
    await first.shutdown()
    await clock.advance(30 * minute + 1)
    const managers = await Promise.all(
      [0, 1, 2].map(() => boot(open(), clock, { every: '1m', misfire: 'all', misfireMax: 5 })),
    )
    for (const tasks of managers) {
      expect(await tasks.source.schedules()).toMatchObject([{ missed: 25 }])
      expect((await tasks.list()).total).toBe(5)
    }
  })

  it('runs once at each start, also when it is started twice', async () => {
    const clock = createFakeClock(start)
    const open = kind()
    for (let life = 1; life <= 3; life += 1) {
      const tasks = await boot(open(), clock, { every: '30d', runOnStartup: true })
      await tasks.start()
      await tasks.idle()
      expect((await tasks.list()).total).toBe(life)
      await tasks.shutdown()
    }
  })
})

describe('a schedule', () => {
  it('runs at most one missed slot when its tasks must not overlap', async () => {
    const clock = createFakeClock(start)
    const store = memory()
    await (await boot(store, clock, { every: '1m' })).shutdown()
    await clock.advance(10 * minute)
    const tasks = await boot(store, clock, { every: '1m', misfire: 'all', overlap: 'skip' })
    expect((await tasks.list()).total).toBe(1)
    expect(await tasks.source.schedules()).toMatchObject([{ missed: 9 }])
  })

  it('does not miss the slot that another process has just enqueued, when its tasks must not overlap', async () => {
    const clock = createFakeClock(start)
    const store = memory()
    const missed: (readonly [number, number])[] = []
    const enqueue = vi.fn((_name: string, slotAt: number | null) => Promise.resolve(buildRecord({ slotAt })))
    const announcer = new Announcer(new Feed('e', () => undefined), new EventHub())
    const schedules: Store['schedules'] = {
      get: (name) => store.schedules.get(name),
      put: (state) => store.schedules.put(state),
      advance: (name, slotAt, count) => {
        missed.push([(slotAt - start) / minute, count])
        return store.schedules.advance(name, slotAt, count)
      },
    }
    const shared = { tasks: store.tasks, views: store.views, schedules } as Store
    const scheduler = new Scheduler({ store: shared, clock, announcer, enqueue })
    await scheduler.open([parseSchedule('tick', { every: '1m', overlap: 'skip' })])
    const ofOther = { schedule: 'tick', slotAt: start + minute, createdAt: start + minute, status: 'running' } as const
    await insertTask(store.tasks, buildRecord(ofOther))
    await clock.advance(2 * minute)
    expect(missed).toEqual([
      [1, 0],
      [2, 1],
    ])
    expect(enqueue).not.toHaveBeenCalled()
    scheduler.close()
  })

  it('refuses a misfireMax out of range', () => {
    for (const misfireMax of [0, 1_001, 2.5]) {
      expect(() => openManager().schedule('a', { every: '1m', misfireMax }, () => 1)).toThrow(/^misfireMax: /)
    }
  })

  it('sleeps longer than the timers of Node can, and fires on time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: start })
    const store = memory()
    const events = new EventHub()
    const announcer = new Announcer(new Feed('e', () => undefined), events)
    const fired: (number | null)[] = []
    const enqueue = async (_name: string, slotAt: number | null) => {
      fired.push(slotAt)
      return buildRecord({ slotAt })
    }
    const scheduler = new Scheduler({ store, clock: systemClock, announcer, enqueue })
    const everyMs = 40 * 86_400_000
    await scheduler.open([parseSchedule('rare', { every: everyMs })])
    const first = Math.ceil(start / everyMs) * everyMs
    await vi.advanceTimersByTimeAsync(first - start - 1)
    expect(fired).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(fired).toEqual([first])
    await vi.advanceTimersByTimeAsync(everyMs)
    expect(fired).toEqual([first, first + everyMs])
    scheduler.close()
  })
})
