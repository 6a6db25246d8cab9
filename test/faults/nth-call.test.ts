import { memory, progress, taskContext, taskLog, TaskManager } from '@taskloom/engine'
import type { Store } from '@taskloom/engine/store'
import { describe, expect, it } from 'vitest'
import { createFakeClock, type FakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { faulty, type Fault, type FaultyStore } from './faulty-store.ts'
import { fileStore } from './file-store.ts'

/** Waits for a promise while time passes. */
async function drive<T>(clock: FakeClock, promise: Promise<T>): Promise<T> {
  let isSettled = false
  const settled = promise.finally(() => (isSettled = true))
  settled.catch(() => undefined)
  for (let turn = 0; turn < 1_000 && !isSettled; turn += 1) {
    await clock.advance(0)
    if (!isSettled) await clock.advance(100)
  }
  if (!isSettled) throw new Error('It was not settled within 100 seconds')
  return settled
}

/** What a host does when the store refuses: it asks again. `taken` are refusals that say that it was done already. */
async function again<T>(clock: FakeClock, deed: () => Promise<T>, taken: readonly string[] = []): Promise<T | null> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await drive(clock, deed())
    } catch (error) {
      if (taken.includes((error as { code?: string }).code ?? '')) return null
      if (tries === 3) throw error
    }
  }
}

interface Facts {
  readonly store: FaultyStore
  readonly starts: ReadonlyMap<string, number>
  readonly rows: Record<string, unknown>
  readonly slots: readonly (number | null)[]
  readonly unsettled: number
}

/** One life of everything: run with logs and progress, retry, fail, retry by hand, cancel, slots, keys, delete. */
async function live(inner: Store, fault: Fault, nth: number): Promise<Facts> {
  const clock = createFakeClock(Date.UTC(2026, 0, 1))
  const store = faulty(inner, clock, fault, nth)
  const tasks = new TaskManager({ store, clock, openTelemetry: false })
  const starts = new Map<string, number>()
  const note = (): void => {
    const { taskId, attempt } = taskContext()!
    const key = `${taskId}/${attempt}`
    starts.set(key, (starts.get(key) ?? 0) + 1)
  }
  tasks.define('talks', async () => {
    note()
    taskLog('one')
    progress(10)
    await new Promise<void>((resolve) => clock.after(500, resolve))
    taskLog('two')
    progress(90)
    await new Promise<void>((resolve) => clock.after(500, resolve))
    return 'said'
  })
  tasks.define('flaky', { retries: 2 }, () => {
    note()
    if (taskContext()!.attempt === 1) throw new Error('once')
    return 'at last'
  })
  let isMended = false
  tasks.define('bad', () => {
    note()
    if (!isMended) throw new Error('for good')
    return 'mended'
  })
  tasks.define('held', () => {
    note()
    const { signal } = taskContext()!
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))
  })
  tasks.define('quick', () => note())
  tasks.schedule('tick', { every: '1m', misfire: 'all' }, () => note())

  const ask = async (name: string, options = {}): Promise<string> =>
    (await again(clock, () => tasks.enqueue(name, [], options)))!.id
  await again(clock, () => tasks.start())
  const talks = await ask('talks')
  const flaky = await ask('flaky')
  const bad = await ask('bad')
  const late = await ask('quick', { delay: '1h' })
  const soon = await ask('quick', { delay: '5s' })
  const held = await ask('held')
  const keyed = await ask('quick', { idempotencyKey: 'k' })
  expect(await ask('quick', { idempotencyKey: 'k' })).toBe(keyed)
  await clock.advance(20_000)
  await again(clock, () => tasks.cancel(late), ['wrong_status'])
  await again(clock, () => tasks.cancel(held), ['wrong_status'])
  isMended = true
  const retried = (await again(clock, () => tasks.retry(bad)))!.taskId
  const gone = await ask('quick')
  await clock.advance(20_000)
  await again(clock, () => tasks.delete(gone), ['unknown_task'])
  await clock.advance(100_000)
  await drive(clock, tasks.idle())

  const rows: Record<string, unknown> = {}
  for (const [name, id] of Object.entries({ talks, flaky, bad, retried, late, soon, held, keyed, gone })) {
    const record = await again(clock, () => tasks.get(id))
    rows[name] = record && [record.status, record.attempt, record.retriesUsed, record.retryCount]
  }
  const page = await again(clock, () =>
    tasks.source.logs({ taskId: talks, after: 0, minLevel: null, text: null, limit: 9 }),
  )
  rows['log'] = page!.logs.map(({ message }) => message).sort()
  rows['progress'] = (await again(clock, () => tasks.get(talks)))!.progress
  const all = await again(clock, () => tasks.list({ limit: 500 }))
  const ticks = all!.tasks.filter(({ funcName }) => funcName === 'tick')
  const slots = await Promise.all(ticks.map(async ({ taskId }) => (await inner.tasks.get(taskId))?.slotAt ?? null))
  const unsettled = all!.tasks.filter(({ status }) => status === 'pending' || status === 'running').length
  rows['total'] = all!.total - ticks.length
  await drive(clock, tasks.shutdown({ timeoutMs: 100 }))
  return { store, starts, rows, slots: slots.sort(), unsettled }
}

const expected = {
  talks: ['success', 1, 0, 0],
  flaky: ['success', 2, 1, 0],
  bad: ['failed', 1, 0, 1],
  retried: ['success', 1, 0, 0],
  late: ['cancelled', 0, 0, 0],
  soon: ['success', 1, 0, 0],
  held: ['cancelled', 1, 0, 0],
  keyed: ['success', 1, 0, 0],
  gone: undefined,
  log: ['one', 'two'],
  progress: { percent: 90, message: null },
  total: 8,
}

/** Slots of the schedule are minutes; the life takes longer when the store hangs, and has more of them then. */
function expectSound({ store, starts, rows, slots, unsettled }: Facts, nth: number): void {
  const words = `call ${nth}: ${store.victim ?? 'none'}`
  expect(rows, words).toEqual(expected)
  expect(unsettled, words).toBe(0)
  expect(
    [...starts].filter(([, count]) => count > 1),
    words,
  ).toEqual([])
  expect(slots.length, words).toBeGreaterThanOrEqual(2)
  const minutes = slots.map((slotAt) => ((slotAt ?? 0) - Date.UTC(2026, 0, 1)) / 60_000)
  expect(minutes, words).toEqual(minutes.map((_, index) => index + 1))
}

describe.each([
  ['memory', memory],
  ['sqlite', () => fileStore()()],
] as const)('a %s store of which one call', (_name, make) => {
  it.each(['rejects', 'hangs'] as const)('%s, whichever it is, costs nothing', { timeout: 120_000 }, async (fault) => {
    const whole = await live(make(), fault, 0)
    expectSound(whole, 0)
    const { calls } = whole.store
    expect(calls).toBeGreaterThan(40)
    for (let nth = 1; nth <= calls; nth += 1) expectSound(await live(make(), fault, nth), nth)
  })
})
