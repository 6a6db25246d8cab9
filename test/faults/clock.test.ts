import { memory, sqlite, taskContext, TaskManager, type Clock } from '@taskloom/engine'
import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { nextFile } from './temporary.ts'

const hour = 3_600_000
const minute = 60_000
const startAt = Date.UTC(2026, 0, 1, 12)

/** Time as a machine has it: what it says may be set, while its timers go on as before. */
function settableClock() {
  const base = createFakeClock(startAt)
  let offsetMs = 0
  const clock: Clock = { now: () => base.now() + offsetMs, after: (delayMs, callback) => base.after(delayMs, callback) }
  return { clock, advance: base.advance, set: (byMs: number) => void (offsetMs += byMs) }
}

/** Two managers on one store, as two processes would be, and what they started. */
async function boot(kind: 'memory' | 'sqlite') {
  const time = settableClock()
  const path = nextFile()
  const shared = memory()
  const starts: string[] = []
  const ends: (() => void)[] = []
  const managers = Array.from({ length: 2 }, () => {
    const tasks = new TaskManager({ store: kind === 'memory' ? shared : sqlite(path), clock: time.clock })
    const note = (): void => void starts.push(`${taskContext()!.funcName} ${taskContext()!.taskId}`)
    tasks.define('held', () => {
      note()
      return new Promise<void>((resolve) => ends.push(resolve))
    })
    tasks.define('quick', note)
    tasks.schedule('tick', { every: '10m' }, note)
    tasks.schedule('every_one', { every: '10m', misfire: 'all' }, note)
    return tasks
  })
  for (const tasks of managers) await tasks.start()
  await time.advance(6_000)
  const [one, two] = managers as [TaskManager, TaskManager]
  const shutdown = () => Promise.all(managers.map((tasks) => tasks.shutdown({ timeoutMs: 0 }))).then(() => undefined)
  const close = async (): Promise<void> => {
    let isDone = false
    void shutdown().then(() => (isDone = true))
    for (let turn = 0; turn < 100 && !isDone; turn += 1) await time.advance(100)
    await expect.poll(() => isDone).toBe(true)
  }
  return { ...time, one, two, starts, ends, close }
}

describe.each(['memory', 'sqlite'] as const)('a clock that is set while tasks run and wait, on %s', (kind) => {
  it.each([
    ['an hour ahead', hour],
    ['an hour back', -hour],
  ])('%s', { timeout: 20_000 }, async (_, stepMs) => {
    const { one, two, starts, ends, clock, advance, set, close } = await boot(kind)
    const held = [await one.enqueue('held'), await two.enqueue('held')]
    const soon = await one.enqueue('quick', [], { delay: '30m' })
    await advance(1_000)
    expect(starts.filter((start) => start.startsWith('held'))).toHaveLength(2)

    set(stepMs)
    const setAt = clock.now()
    await advance(30_000)
    // Both managers live, whatever their leases look like.
    for (const { id } of held)
      expect(await one.get(id)).toMatchObject({ status: 'running', attempt: 1, interruptions: 0 })
    const ticks = () => starts.filter((start) => start.startsWith('tick'))
    const all = () => starts.filter((start) => start.startsWith('every_one'))
    if (stepMs > 0) {
      // What became due by the step is done now: the delayed task, one slot of six that were missed, and all of them.
      expect(await one.get(soon.id)).toMatchObject({ status: 'success' })
      expect([ticks().length, all().length]).toEqual([1, 6])
    } else {
      expect(await one.get(soon.id)).toMatchObject({ status: 'pending' })
      expect(starts).toHaveLength(2)
    }
    for (const end of ends) end()
    await advance(2 * hour - 30_000)
    for (const { id } of held) {
      const { tasks: rows } = await two.list({ limit: 500 })
      const row = rows.find(({ taskId }) => taskId === id)
      expect(row).toMatchObject({ status: 'success', attempt: 1 })
      expect(row?.durationMs).toBeGreaterThanOrEqual(0)
      expect(row?.waitMs).toBeGreaterThanOrEqual(0)
      const { attempts } = await two.source.detail(id)
      for (const { startedAt, endedAt } of attempts) expect(endedAt! - startedAt).toBeGreaterThanOrEqual(0)
    }
    expect(await one.get(soon.id)).toMatchObject({ status: 'success', attempt: 1 })
    // Every slot since the schedule began, once: an hour that comes twice is not run twice.
    expect(all()).toHaveLength(Math.floor((setAt + 2 * hour - startAt) / (10 * minute)))
    expect(new Set(starts).size).toBe(starts.length)
    await close()
  })
})
