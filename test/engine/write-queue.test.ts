import { memory, TaskError } from '@taskloom/engine'
import type { TaskStore, Write, Written } from '@taskloom/engine/store'
import { describe, expect, it, vi } from 'vitest'
import { transition } from '../../packages/engine/src/core/record.ts'
import { WriteQueue, type Arrival } from '../../packages/engine/src/run/write-queue.ts'
import { buildRecord } from '../../packages/testkit/src/build-record.ts'
import { openManager } from './open-manager.ts'

/** A queue in front of a store that notes what comes in which batch; `slots` is how many new tasks may start. */
function openQueue({
  slots = 0,
  onFault,
}: { readonly slots?: number; readonly onFault?: (error: unknown) => void } = {}) {
  const batches: Write[][] = []
  const store = memory()
  const tasks: Pick<TaskStore, 'write'> = {
    write: (batch) => {
      batches.push([...batch])
      return store.tasks.write(batch)
    },
  }
  const queue = new WriteQueue({ tasks: tasks as TaskStore }, null, onFault)
  const state = { slots }
  const arrive = (): Promise<Written> =>
    new Promise((resolve) => {
      const record = buildRecord()
      let isRunning = false
      const arrival: Arrival = {
        claim: () => {
          isRunning = state.slots > 0
          if (isRunning) state.slots -= 1
          return isRunning
        },
        form: () => ({
          previous: null,
          next: isRunning ? { ...record, status: 'running' } : record,
          attempt: null,
          logs: [],
        }),
        settle: resolve,
      }
      queue.arrive(arrival)
    })
  const statuses = () => batches.map((batch) => batch.map(({ next }) => next.status))
  return { queue, arrive, batches, statuses, state, store }
}

function explode(words: string): never {
  throw new Error(words)
}

describe('the way to the store', () => {
  it('brings what was asked for in one turn as one batch', async () => {
    const { arrive, batches, queue } = openQueue()
    const arrived = Promise.all([arrive(), arrive(), arrive()])
    expect(queue.arriving).toBe(3)
    await arrived
    expect(batches.map(({ length }) => length)).toEqual([3])
    expect(queue.arriving).toBe(0)
  })

  it('takes changes of tasks before new tasks', async () => {
    const { arrive, queue, statuses } = openQueue()
    const record = await arrive()
    if (record === null || record instanceof TaskError) throw new Error('not stored')
    const answers = [arrive(), arrive(), queue.saved(transition(record, { status: 'cancelled' }))]
    await Promise.all(answers)
    expect(statuses()).toEqual([['pending'], ['cancelled', 'pending', 'pending']])
  })

  it('leaves new tasks to the next batch while there are many that can start at once', async () => {
    const { arrive, statuses, state } = openQueue({ slots: 40 })
    const first = Array.from({ length: 100 }, arrive)
    await first[0]
    state.slots = 1
    await Promise.all(first)
    expect(statuses().map((batch) => batch.filter((status) => status === 'running').length)).toEqual([40, 1])
    expect(statuses().map(({ length }) => length)).toEqual([40, 60])
  })

  it('bounds a batch', async () => {
    const { arrive, batches } = openQueue()
    await Promise.all(Array.from({ length: 1_200 }, arrive))
    expect(batches.map(({ length }) => length)).toEqual([500, 500, 200])
  })

  it('answers with an error when the store throws, and goes on', async () => {
    const { arrive, store } = openQueue()
    const write = vi.spyOn(store.tasks, 'write').mockRejectedValueOnce(new Error('the disk is gone'))
    expect(await arrive()).toMatchObject({ code: 'store_failed', message: expect.stringContaining('the disk is gone') })
    expect(await arrive()).toMatchObject({ status: 'pending' })
    expect(write).toHaveBeenCalledTimes(2)
  })

  it('goes on after a write that cannot be made and a listener that throws', async () => {
    const faults: unknown[] = []
    const { queue, arrive } = openQueue({ onFault: (error) => void faults.push(error) })
    const refused = new Promise<Written>((resolve) => {
      queue.arrive({ claim: () => false, form: () => explode('no key'), settle: resolve })
    })
    queue.arrive({
      claim: () => false,
      form: () => ({ previous: null, next: buildRecord(), attempt: null, logs: [] }),
      settle: () => explode('a listener'),
    })
    expect(await arrive()).toMatchObject({ status: 'pending' })
    expect(await refused).toMatchObject({ code: 'store_failed', message: expect.stringContaining('no key') })
    expect(faults).toEqual([new Error('a listener')])
    expect(await arrive()).toMatchObject({ status: 'pending' })
    expect(queue.arriving).toBe(0)
  })

  it('says no to a transition that came too late', async () => {
    const { arrive, queue } = openQueue()
    const record = await arrive()
    if (record === null || record instanceof TaskError) throw new Error('not stored')
    expect(await queue.saved(transition(record, { status: 'cancelled' }))).toBe(true)
    expect(await queue.saved(transition(record, { status: 'running' }))).toBe(false)
  })
})

describe('a flood of tasks', () => {
  it('is started in the order it came, as slots become free', async () => {
    const tasks = openManager({ concurrency: 40 })
    const order: number[] = []
    const note = tasks.define('note', (index: number) => void order.push(index))
    await tasks.start()
    await Promise.all(Array.from({ length: 2_000 }, (_, index) => note.enqueue(index)))
    await tasks.idle()
    expect(order).toEqual(Array.from({ length: 2_000 }, (_, index) => index))
  })

  it('is idle only when the last of it was stored and has run', async () => {
    const tasks = openManager()
    const ran: number[] = []
    const note = tasks.define('note', (index: number) => void ran.push(index))
    await tasks.start()
    const enqueued = Array.from({ length: 300 }, (_, index) => note.enqueue(index))
    await tasks.idle()
    expect(ran).toHaveLength(300)
    await Promise.all(enqueued)
  })
})
