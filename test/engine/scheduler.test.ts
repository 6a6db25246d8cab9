import { afterEach, describe, expect, it } from 'vitest'
import { memory, TaskManager, type ScheduleOptions, type Store } from '@taskloom/engine'
import { createFakeClock, type FakeClock } from '../../packages/testkit/src/fake-clock.ts'

const open: TaskManager[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((tasks) => tasks.shutdown({ timeoutMs: 0 })))
})

const start = Date.UTC(2026, 0, 1)
const minute = 60_000

async function boot(store: Store, clock: FakeClock, options: ScheduleOptions, run: () => unknown = () => 1) {
  const tasks = new TaskManager({ store, clock })
  open.push(tasks)
  tasks.schedule('tick', options, run)
  await tasks.start()
  return tasks
}

async function slots(tasks: TaskManager): Promise<number[]> {
  const { tasks: rows } = await tasks.list({ limit: 500 })
  const records = await Promise.all(rows.map(({ taskId }) => tasks.get(taskId)))
  return records.map((record) => ((record?.slotAt ?? Number.NaN) - start) / minute).sort((a, b) => a - b)
}

describe('schedules', () => {
  it('enqueue each slot once, on time, whatever instances there are', async () => {
    const clock = createFakeClock(start)
    const store = memory()
    const first = await boot(store, clock, { every: '1m' })
    await boot(store, clock, { every: '1m' })
    await clock.advance(5 * minute)
    expect(await slots(first)).toEqual([1, 2, 3, 4, 5])
    expect((await first.list()).tasks[0]).toMatchObject({ source: 'scheduled', status: 'success', funcName: 'tick' })
  })

  it('do not double a slot over twenty restarts', async () => {
    const clock = createFakeClock(start)
    const store = memory()
    for (let life = 0; life < 20; life += 1) {
      const tasks = await boot(store, clock, { every: '1m' })
      await clock.advance(15_000)
      await tasks.shutdown({ timeoutMs: 0 })
    }
    const last = await boot(store, clock, { every: '1m' })
    expect(await slots(last)).toEqual([1, 2, 3, 4, 5])
  })

  it.each([
    ['once', [60], 59],
    ['skip', [60], 59],
    ['all', Array.from({ length: 60 }, (_, index) => index + 1), 0],
  ] as const)('catch up after an hour with %s', async (misfire, expected, missed) => {
    const clock = createFakeClock(start)
    const store = memory()
    const first = await boot(store, clock, { every: '1m', misfire })
    await first.shutdown({ timeoutMs: 0 })
    await clock.advance(60 * minute + 1_000)
    const tasks = await boot(store, clock, { every: '1m', misfire })
    expect(await slots(tasks)).toEqual(expected)
    expect(await tasks.source.schedules()).toMatchObject([{ missed, misfire }])
  })

  it('let slots pass while their last task runs, if they say so', async () => {
    const clock = createFakeClock(start)
    let end: () => void = () => undefined
    const tasks = await boot(
      memory(),
      clock,
      { every: '1m', overlap: 'skip' },
      () => new Promise<void>((resolve) => (end = resolve)),
    )
    await clock.advance(3 * minute)
    expect(await slots(tasks)).toEqual([1])
    end()
    await clock.advance(minute)
    expect(await slots(tasks)).toEqual([1, 4])
    expect(await tasks.source.schedules()).toMatchObject([{ missed: 2, overlap: 'skip', lastStatus: 'running' }])
    end()
  })

  it('can be paused, resumed and run by hand', async () => {
    const clock = createFakeClock(start)
    const act = { actor: 'ann', reason: null }
    const tasks = await boot(memory(), clock, { cron: '* * * * *' })
    expect(await tasks.source.pauseSchedule('tick', act)).toMatchObject({
      status: 'paused',
      description: 'Every minute',
    })
    await clock.advance(3 * minute)
    expect(await slots(tasks)).toEqual([])
    const byHand = await tasks.source.runSchedule('tick', act)
    expect((await tasks.wait(byHand.taskId)).slotAt).toBeNull()
    expect(await tasks.source.resumeSchedule('tick', act)).toMatchObject({
      status: 'active',
      missed: 0,
      lastTaskId: byHand.taskId,
    })
    await clock.advance(minute)
    expect((await tasks.list()).total).toBe(2)
    await expect(tasks.source.runSchedule('tock', act)).rejects.toMatchObject({ code: 'unknown_schedule' })
  })

  it('show their next five slots', async () => {
    const clock = createFakeClock(start)
    const tasks = await boot(memory(), clock, { every: '40d' })
    const [view] = await tasks.source.schedules()
    expect(view!.nextRuns).toHaveLength(5)
    expect(view!.nextRuns[1]! - view!.nextRuns[0]!).toBe(40 * 86_400_000)
    expect(clock.pending).toBeLessThan(10)
  })

  it('run at startup when they say so', async () => {
    const clock = createFakeClock(start)
    const tasks = await boot(memory(), clock, { every: '1h', runOnStartup: true })
    await clock.advance(1)
    expect((await tasks.list()).total).toBe(1)
  })
})
