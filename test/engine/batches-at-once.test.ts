import type { TaskRecord, TaskStore, Write, Written } from '@taskloom/engine/store'
import { describe, expect, it } from 'vitest'
import { TaskError } from '../../packages/engine/src/core/errors.ts'
import { transition } from '../../packages/engine/src/core/record.ts'
import { WriteQueue } from '../../packages/engine/src/run/write-queue.ts'
import { buildRecord } from '../../packages/testkit/src/build-record.ts'

interface Call {
  readonly batch: readonly Write[]
  readonly answer: () => void
  readonly fail: () => void
}

/** A queue in front of a store that takes two batches at once and answers each when it is told to. */
function openQueue({ slots = 0, batchesAtOnce = 2 }: { slots?: number; batchesAtOnce?: number | null } = {}) {
  const calls: Call[] = []
  const tasks = {
    ...(batchesAtOnce === null ? {} : { batchesAtOnce }),
    write: (batch: readonly Write[]) =>
      new Promise<readonly Written[]>((resolve, reject) => {
        const answer = () => resolve(batch.map(({ next }) => next))
        calls.push({ batch, answer, fail: () => reject(new Error('the disk is gone')) })
      }),
  }
  const queue = new WriteQueue({ tasks: tasks as unknown as TaskStore })
  const heard: Written[] = []
  const arrive = (record: TaskRecord = buildRecord()) => {
    let isRunning = false
    queue.arrive({
      claim: () => (isRunning = slots-- > 0),
      form: () => ({
        previous: null,
        next: isRunning ? { ...record, status: 'running' } : record,
        attempt: null,
        logs: [],
      }),
      settle: (written) => heard.push(written),
    })
  }
  const arriveMany = (count: number) => {
    for (let index = 0; index < count; index += 1) arrive()
  }
  const change = (record: TaskRecord, set: Partial<TaskRecord>) =>
    queue.save(transition(record, set), (written) => heard.push(written))
  const changeMany = (count: number) => {
    for (let index = 0; index < count; index += 1) change(buildRecord(), { userLabel: 'ann' })
  }
  const sizes = () => calls.map(({ batch }) => batch.length)
  return { queue, calls, heard, arrive, arriveMany, change, changeMany, sizes }
}

/** All that is due in this turn and the next has happened. */
async function aWhile(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((resolve) => void setImmediate(resolve))
}

describe('batches that go to the store at once', () => {
  it('are as many as the store takes, and one where it does not say', async () => {
    const two = openQueue()
    two.arriveMany(1_200)
    await aWhile()
    expect(two.sizes()).toEqual([500, 500])
    two.calls[0]?.answer()
    await aWhile()
    expect(two.sizes()).toEqual([500, 500, 200])
    const one = openQueue({ batchesAtOnce: null })
    one.arriveMany(1_200)
    await aWhile()
    expect(one.sizes()).toEqual([500])
  })

  it('are not formed for a few writes', async () => {
    const { calls, changeMany, sizes } = openQueue()
    changeMany(1)
    await aWhile()
    changeMany(99)
    await aWhile()
    expect(sizes()).toEqual([1])
    changeMany(1)
    await aWhile()
    expect(sizes()).toEqual([1, 100])
    changeMany(150)
    await aWhile()
    expect(calls).toHaveLength(2)
  })

  it('share what starts, and leave to a later one what could only wait', async () => {
    const { calls, arriveMany, sizes } = openQueue({ slots: 500 })
    arriveMany(1_300)
    await aWhile()
    expect(sizes()).toEqual([400, 100])
    calls[0]?.answer()
    calls[1]?.answer()
    await aWhile()
    expect(sizes()).toEqual([400, 100, 500, 300])
  })

  it('share ends, and start no task before what was said of it', async () => {
    const { calls, change, changeMany, queue, sizes } = openQueue()
    changeMany(550)
    const waiting = buildRecord({ status: 'pending' })
    change(waiting, { userLabel: 'ann' })
    change(waiting, { status: 'running' })
    const caughtUp = queue.caughtUp()
    await aWhile()
    // The start waits for the batch in which its task is changed.
    expect(sizes()).toEqual([500])
    calls[0]?.answer()
    await aWhile()
    expect(sizes()).toEqual([500, 52])
    expect(calls[1]?.batch.slice(-2).map(({ next }) => next.status)).toEqual(['pending', 'running'])
    calls[1]?.answer()
    await caughtUp
  })

  it.each([
    ['the same task', (key: string) => [buildRecord({ taskId: key }), buildRecord({ taskId: key })]],
    ['a key', (key: string) => [buildRecord({ idempotencyKey: key }), buildRecord({ idempotencyKey: key })]],
    ['a lock', (key: string) => [buildRecord({ locks: [key, 'mine'] }), buildRecord({ locks: [key] })]],
    ['a slot', (key: string) => [slot(key), slot(key)]],
  ])('go one after the other when they have %s in common', async (_, make) => {
    const { calls, change, changeMany, sizes, arriveMany } = openQueue()
    const [first, second] = make('k1') as [TaskRecord, TaskRecord]
    change(first, { cancelRequestedAt: 1 })
    await aWhile()
    change(second, { status: 'cancelled' })
    changeMany(100)
    await aWhile()
    expect(sizes()).toEqual([1])
    arriveMany(200)
    await aWhile()
    expect(sizes()).toEqual([1])
    calls[0]?.answer()
    await aWhile()
    expect(sizes()).toEqual([1, 101, 200])
  })

  it('are heard of in the order in which they were asked for', async () => {
    const { calls, heard, arriveMany } = openQueue()
    arriveMany(700)
    await aWhile()
    calls[1]?.answer()
    await aWhile()
    expect(heard).toHaveLength(0)
    calls[0]?.answer()
    await aWhile()
    expect(heard).toEqual(calls.flatMap(({ batch }) => batch.map(({ next }) => next)))
  })

  it('fail each for itself', async () => {
    const { calls, heard, arriveMany, queue } = openQueue()
    arriveMany(700)
    await aWhile()
    calls[0]?.fail()
    calls[1]?.answer()
    await queue.settled()
    expect(heard.map((written) => written instanceof TaskError)).toEqual([
      ...Array<boolean>(500).fill(true),
      ...Array<boolean>(200).fill(false),
    ])
    expect(queue.arriving).toBe(0)
  })

  it('are all waited for by whoever wants everything to be settled', async () => {
    const { calls, arriveMany, queue } = openQueue()
    arriveMany(600)
    await aWhile()
    const done: string[] = []
    const settled = queue.settled().then(() => done.push('settled'))
    const caughtUp = queue.caughtUp().then(() => done.push('caught up'))
    calls[1]?.answer()
    await aWhile()
    expect(done).toEqual([])
    calls[0]?.answer()
    await Promise.all([settled, caughtUp])
  })

  it('do not keep what came before waiting for what comes later', async () => {
    const { calls, arriveMany, queue } = openQueue()
    arriveMany(1_500)
    await aWhile()
    const caughtUp = queue.caughtUp()
    for (const call of calls) call.answer()
    await aWhile()
    expect(calls).toHaveLength(3)
    arriveMany(500)
    await aWhile()
    expect(calls).toHaveLength(4)
    calls[2]?.answer()
    await caughtUp
    expect(queue.arriving).toBe(500)
  })
})

function slot(schedule: string): TaskRecord {
  return buildRecord({ schedule, slotAt: 60_000 })
}
