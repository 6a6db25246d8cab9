import { memory, TaskError, TaskManager, type Store } from '@taskloom/engine'
import { saveTask, transition, type Write, type Written } from '@taskloom/engine/store'
import { afterEach, describe, expect, it } from 'vitest'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'

const open: TaskManager[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((tasks) => tasks.shutdown({ timeoutMs: 0 })))
})

/**
 * A store over a network: it keeps what it is told to, but the answer is lost for as long as `isCut`; `meanwhile` is what
 * others do before the next answer arrives.
 */
function distant() {
  const base = memory()
  const network: { isCut: boolean; meanwhile?: (batch: readonly Write[]) => Promise<readonly Written[] | void> } = {
    isCut: false,
  }
  const { tasks } = base
  const write: typeof tasks.write = async (batch) => {
    const written = await tasks.write(batch)
    const { meanwhile } = network
    delete network.meanwhile
    const known = await meanwhile?.(batch)
    if (known) return known
    if (!network.isCut) return written
    return written.map(() => new TaskError('store_failed', { message: 'No answer came' }))
  }
  const store = new Proxy(base, {
    get: (target, key) => {
      if (key === 'tasks')
        return new Proxy(tasks, { get: (part, name) => (name === 'write' ? write : bound(part, name)) })
      return bound(target, key)
    },
  })
  return { store, network }
}

function bound(target: object, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key)
  return typeof value === 'function' ? (value.bind(target) as unknown) : value
}

async function boot(store: Store) {
  const clock = createFakeClock()
  const tasks = new TaskManager({ store, clock, concurrency: 1 })
  open.push(tasks)
  const faults: string[] = []
  tasks.on('error', ({ during }) => faults.push(during))
  const runs: string[] = []
  tasks.define('work', (name: string) => void runs.push(name))
  await tasks.start()
  return { tasks, clock, runs, faults }
}

describe('a store that keeps a start and cannot say so', () => {
  it('has it given back: a new task that was refused runs once after all', async () => {
    const { store, network } = distant()
    const { tasks, clock, runs } = await boot(store)
    network.isCut = true
    await expect(tasks.enqueue('work', ['new'])).rejects.toMatchObject({ code: 'store_failed' })
    network.isCut = false
    const [task] = (await tasks.list()).tasks
    expect(task).toMatchObject({ status: 'running' })
    await clock.advance(6_000)
    expect(await tasks.get(task?.taskId ?? '')).toMatchObject({ status: 'success', attempt: 1, interruptions: 0 })
    expect(runs).toEqual(['new'])
  })

  it('has a task given back that waited', async () => {
    const { store, network } = distant()
    const { tasks, clock, runs } = await boot(store)
    const { id } = await tasks.enqueue('work', ['late'], { delay: '1s' })
    network.isCut = true
    await clock.advance(1_500)
    expect(await tasks.get(id)).toMatchObject({ status: 'running' })
    network.isCut = false
    expect(runs).toEqual([])
    await clock.advance(10_000)
    expect(await tasks.get(id)).toMatchObject({ status: 'success', attempt: 1, interruptions: 0 })
    expect(runs).toEqual(['late'])
  })
})

describe('an end that a store keeps and cannot say so', () => {
  it('is told as what it is, not as one that came too late', async () => {
    const { store, network } = distant()
    const { tasks, clock, faults } = await boot(store)
    tasks.define('cut', () => void (network.isCut = true))
    const completed: string[] = []
    tasks.on('complete', ({ taskId }) => completed.push(taskId))
    const { id } = await tasks.enqueue('cut')
    await clock.advance(50)
    expect(await tasks.get(id)).toMatchObject({ status: 'success' })
    expect(completed).toEqual([])
    network.isCut = false
    await clock.advance(10_000)
    expect(completed).toEqual([id])
    expect(faults).toEqual(['saving a task'])
  })

  it('is known by its attempt when another process has the task since', async () => {
    const { store, network } = distant()
    const { tasks, clock, faults } = await boot(store)
    tasks.define('again', { retries: 2, delay: 0 }, () => {
      network.isCut = true
      throw new Error('no')
    })
    const { id } = await tasks.enqueue('again')
    network.meanwhile = async () => {
      const waiting = (await store.tasks.get(id))!
      const start = { status: 'running', attempt: 2, workerId: 'other', runAt: null } as const
      await saveTask(store.tasks, transition(waiting, start))
    }
    await clock.advance(50)
    expect(await tasks.get(id)).toMatchObject({ status: 'running', workerId: 'other' })
    network.isCut = false
    await clock.advance(1_000)
    expect(faults).toEqual(['saving a task'])
    expect((await tasks.source.detail(id)).attempts[0]).toMatchObject({ attempt: 1, outcome: 'failed' })
  })
})

describe('a new task that others have by the time the store finds it again', () => {
  it('is the own of who enqueued it, and is not begun here', async () => {
    const { store, network } = distant()
    const { tasks, clock, runs, faults } = await boot(store)
    network.meanwhile = async ([write]) => {
      const lost = write!.next
      const over = { status: 'interrupted', endTime: clock.now() } as const
      await saveTask(store.tasks, transition(lost, over))
      return [{ ...lost, ...over, version: lost.version + 1 }]
    }
    const { id, deduplicated } = await tasks.enqueue('work', ['new'])
    expect(deduplicated).toBe(false)
    await clock.advance(6_000)
    expect(await tasks.get(id)).toMatchObject({ status: 'interrupted' })
    expect([runs, faults]).toEqual([[], []])
    // Its slot is free.
    await tasks.enqueue('work', ['next'])
    await clock.advance(10)
    expect(runs).toEqual(['next'])
  })
})
