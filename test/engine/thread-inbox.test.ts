import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  memory,
  type FunctionOptions,
  type TaskManager,
  type TaskManagerOptions,
  type TaskRecord,
} from '@taskloom/engine'
import { openManager } from './open-manager.ts'
import { resultOf, workerTasks } from './worker-manager.ts'

interface Span {
  readonly begunAt: number
  readonly endedAt: number
  readonly threadId: number
}

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskloom-inbox-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const spanOf = (record: TaskRecord): Span => resultOf(record) as Span

/** A function whose calls have been so short that its workers are given many at once. */
async function openShort(options: TaskManagerOptions, own: FunctionOptions = {}) {
  const file = join(folder, 'calls.txt')
  const tasks = openManager(options)
  await tasks.start()
  const target = { module: workerTasks, export: 'compute' }
  const compute = tasks.define<(name: string, ms: number, file: string | null) => Promise<Span>>(
    'compute',
    { ...own, executor: 'thread' },
    target,
  )
  const begin = async (...calls: readonly (readonly [name: string, ms: number])[]) => {
    const requests = calls.map(([name, ms]) => ({ name: 'compute', args: [name, ms, file] }))
    return (await tasks.enqueueMany(requests)).map(({ id }) => id)
  }
  for (let round = 0; round < 2; round += 1) {
    await Promise.all(Array.from({ length: 20 }, () => compute.enqueue('warm', 0, null)))
    await tasks.idle()
  }
  const ended = (ids: readonly string[]) => Promise.all(ids.map((id) => tasks.wait(id)))
  const calls = () => readFileSync(file, 'utf8').trim().split('\n').sort()
  return { tasks, begin, ended, calls }
}

const many = (count: number) => Array.from({ length: count }, (_, index) => [`short ${index}`, 0] as const)
const names = (count: number) => many(count).map(([name]) => name)

async function counts(tasks: TaskManager) {
  const [queue] = await tasks.source.queues()
  return queue!.counts
}

describe('short tasks in threads', () => {
  it('are given to a worker several at once, and each runs once', async () => {
    const { begin, ended, calls } = await openShort({ threads: 2 })
    const records = await ended(await begin(...many(300)))
    expect(records.filter(({ status, attempt }) => status === 'success' && attempt === 1)).toHaveLength(300)
    expect(calls()).toEqual(names(300).sort())
    const claims = new Map<number, number>()
    for (const { startTime } of records) claims.set(startTime!, (claims.get(startTime!) ?? 0) + 1)
    expect(Math.max(...claims.values())).toBeGreaterThan(2)
  })

  it('run one after the other where the function says so, whatever is given to the workers', async () => {
    const { begin, ended } = await openShort({ threads: 2 }, { concurrency: 1 })
    const spans = (await ended(await begin(...many(60)))).map(spanOf).sort((a, b) => a.begunAt - b.begunAt)
    for (const [index, span] of spans.entries()) {
      expect(span.begunAt).toBeGreaterThanOrEqual(spans[index - 1]?.endedAt ?? 0)
    }
  })

  it('never run more at once than there are threads', async () => {
    const { begin, ended } = await openShort({ threads: 2 })
    const spans = (await ended(await begin(...many(100)))).map(spanOf)
    expect(new Set(spans.map(({ threadId }) => threadId)).size).toBeLessThanOrEqual(2)
    for (const { begunAt } of spans) {
      expect(spans.filter((other) => other.begunAt <= begunAt && begunAt < other.endedAt).length).toBeLessThan(3)
    }
  })

  it('are handed on when the worker dies under another: that one alone fails', async () => {
    const { begin, ended, calls } = await openShort({ threads: 1 })
    const ids = await begin(...many(20), ['deadly', -1], ...many(40).slice(20))
    const records = await ended(ids)
    expect(records[20]).toMatchObject({ status: 'failed', errorCode: 'worker_exited' })
    const others = records.filter((record) => record !== records[20])
    expect(others.filter(({ status, attempt }) => status === 'success' && attempt === 1)).toHaveLength(40)
    expect(calls()).toEqual([...names(40), 'deadly'].sort())
  })

  it('do not wait behind one that takes long while another worker is free', async () => {
    const { begin, ended, calls } = await openShort({ threads: 2 })
    const [long, ...ids] = await begin(['long', 2_500], ...many(60))
    const shorts = (await ended(ids)).map(spanOf)
    const { begunAt, endedAt } = spanOf((await ended([long!]))[0]!)
    expect(shorts.every((span) => span.endedAt < endedAt)).toBe(true)
    expect(endedAt - begunAt).toBeGreaterThanOrEqual(2_500)
    expect(calls()).toEqual([...names(60), 'long'].sort())
  })

  it('wait in the store again while the only worker is busy, as if they had never been taken', async () => {
    const { tasks, begin, ended, calls } = await openShort({ threads: 1 })
    const ids = await begin(['long', 1_500], ...many(40))
    await vi.waitFor(async () => expect(await counts(tasks)).toMatchObject({ running: 1, pending: 40 }), 1_400)
    const waiting = await tasks.get(ids[1]!)
    expect(waiting).toMatchObject({ status: 'pending', attempt: 0, startTime: null, waitMs: null, workerId: null })
    expect((await tasks.source.detail(ids[1]!)).attempts).toEqual([])
    const [long, ...shorts] = await ended(ids)
    expect(calls()).toEqual([...names(40), 'long'].sort())
    for (const { status, attempt, startTime } of shorts) {
      expect([status, attempt, startTime! >= long!.endTime! - 5]).toEqual(['success', 1, true])
    }
    expect((await tasks.source.detail(ids[1]!)).attempts).toMatchObject([{ attempt: 1, outcome: 'success' }])
    const begun = shorts.map((record) => spanOf(record).begunAt)
    expect(begun).toEqual([...begun].sort((a, b) => a - b))
  })

  it('that were not begun wait in the store after a shutdown; none is interrupted', async () => {
    const store = memory()
    const { tasks, begin, calls } = await openShort({ threads: 1, store, concurrency: 50 })
    const ids = await begin(['long', 10_000], ...many(30))
    await vi.waitFor(() => expect(calls()).toContain('long'))
    await tasks.shutdown({ timeoutMs: 0 })
    const records = await Promise.all(ids.map((id) => store.tasks.get(id)))
    expect(records.map((record) => record?.status)).toEqual(['interrupted', ...many(30).map(() => 'pending')])
    expect(calls()).toEqual(['long'])
  })

  it('are taken out when they are cancelled, and their worker goes on', async () => {
    const { tasks, begin, ended, calls } = await openShort({ threads: 1 })
    const ids = await begin(['long', 400], ...many(10))
    await vi.waitFor(() => expect(calls()).toContain('long'))
    await tasks.cancel(ids[5]!)
    const records = await ended(ids)
    expect(records.map(({ status }) => status)).toEqual(ids.map((_, index) => (index === 5 ? 'cancelled' : 'success')))
    expect(calls()).not.toContain('short 4')
    expect(spanOf(records[0]!).threadId).toBe(spanOf(records[10]!).threadId)
  })

  it('have their whole time from when they begin', async () => {
    const { begin, ended } = await openShort({ threads: 1 }, { timeout: 1_000 })
    const records = await ended(await begin(['a', 700], ['b', 700], ['c', 700]))
    expect(records.map(({ status }) => status)).toEqual(['success', 'success', 'success'])
  })

  it('go on after one has left something that keeps its worker busy', async () => {
    const { tasks, begin, ended } = await openShort({ threads: 1 })
    const busy = tasks.define('busy', { executor: 'thread' }, { module: workerTasks, export: 'leaveBusy' })
    await busy.enqueue()
    const records = await ended(await begin(...many(30)))
    expect(records.filter(({ status }) => status === 'success')).toHaveLength(30)
  })
})
