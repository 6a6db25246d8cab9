import { hostname } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { memory, TaskManager, type Store, type TaskRecord } from '@taskloom/engine'
import { insertTask, saveTask } from '@taskloom/engine/store'
import { buildRecord } from '../../packages/testkit/src/build-record.ts'
import { aroundCalls, guardParts } from '../faults/faulty-store.ts'
import { createFakeClock, type FakeClock } from '../../packages/testkit/src/fake-clock.ts'

const open: TaskManager[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((tasks) => tasks.shutdown({ timeoutMs: 0 })))
})

/** A process id that no process has: the largest ones are not given out here. */
const deadPid = 4_194_303

async function leftBehind(
  clock: FakeClock,
  worker: { hostname: string; pid: number },
  changes: Partial<TaskRecord> = {},
) {
  const store = memory()
  await store.open()
  const now = clock.now()
  const state = { workerId: 'other', ...worker, startedAt: now, heartbeatAt: now, leaseUntil: now + 15_000 }
  await store.workers.beat(state)
  const record = buildRecord({ status: 'running', workerId: 'other', attempt: 1, startTime: now, ...changes })
  await insertTask(store.tasks, record)
  return { store, taskId: record.taskId }
}

async function boot(store: Store, clock: FakeClock, requeueOnInterrupt = false): Promise<TaskManager> {
  const tasks = new TaskManager({ store, clock })
  open.push(tasks)
  tasks.define('work', { requeueOnInterrupt }, () => 'again')
  await tasks.start()
  return tasks
}

describe('recovery', () => {
  it('interrupts at boot what a dead process of this machine ran', async () => {
    const clock = createFakeClock()
    const { store, taskId } = await leftBehind(clock, { hostname: hostname(), pid: deadPid })
    const tasks = await boot(store, clock)
    expect(await tasks.get(taskId)).toMatchObject({
      status: 'interrupted',
      error: 'The process that ran it is gone',
      interruptions: 1,
    })
    const { attempts } = await tasks.source.detail(taskId)
    expect(attempts).toMatchObject([{ attempt: 1, outcome: 'interrupted' }])
    expect((await store.workers.list()).map(({ workerId }) => workerId)).not.toContain('other')
  })

  it('knows an earlier life of its own process id, as containers have', async () => {
    const clock = createFakeClock()
    const { store, taskId } = await leftBehind(clock, { hostname: hostname(), pid: process.pid })
    const tasks = await boot(store, clock)
    expect((await tasks.get(taskId))?.status).toBe('interrupted')
  })

  it('leaves the tasks of a live worker alone until its lease ends', async () => {
    const clock = createFakeClock()
    const { store, taskId } = await leftBehind(clock, { hostname: 'elsewhere', pid: 1 })
    const tasks = await boot(store, clock)
    expect((await tasks.get(taskId))?.status).toBe('running')
    await clock.advance(10_000)
    expect((await tasks.get(taskId))?.status).toBe('running')
    await clock.advance(10_000)
    expect((await tasks.get(taskId))?.status).toBe('interrupted')
  })

  it.each([
    ['five minutes ahead', 5 * 60_000],
    ['five minutes behind', -5 * 60_000],
  ])('takes nobody’s tasks when its clock is %s of another machine’s', async (_, offsetMs) => {
    const clock = createFakeClock()
    const { store, taskId } = await leftBehind(clock, { hostname: 'elsewhere', pid: 1 })
    const beat = async () => {
      const [other] = (await store.workers.list()).filter(({ workerId }) => workerId === 'other')
      const now = clock.now()
      if (other) await store.workers.beat({ ...other, heartbeatAt: now, leaseUntil: now + 15_000 })
    }
    const off = { now: () => clock.now() + offsetMs, after: clock.after }
    const tasks = new TaskManager({ store, clock: off })
    open.push(tasks)
    await tasks.start()
    for (let beats = 0; beats < 12; beats += 1) {
      expect((await tasks.get(taskId))?.status).toBe('running')
      await clock.advance(5_000)
      await beat()
    }
    // And finds it dead when it is.
    await clock.advance(25_000)
    expect((await tasks.get(taskId))?.status).toBe('interrupted')
  })

  it('recovers at boot what another machine left long ago', async () => {
    const clock = createFakeClock()
    const { store, taskId } = await leftBehind(clock, { hostname: 'elsewhere', pid: 1 })
    await clock.advance(11 * 60_000)
    const tasks = await boot(store, clock)
    expect((await tasks.get(taskId))?.status).toBe('interrupted')
  })

  it('never takes another manager of this process for dead', async () => {
    const clock = createFakeClock()
    const store = memory()
    const first = new TaskManager({ store, clock })
    open.push(first)
    let end: () => void = () => undefined
    first.define('long', () => new Promise<void>((resolve) => (end = resolve)))
    await first.start()
    const { id } = await first.enqueue('long')
    const second = await boot(store, clock)
    await clock.advance(60_000)
    expect((await second.get(id))?.status).toBe('running')
    end()
  })

  it('lets a task wait again if its function says so, but not in a crash loop', async () => {
    const clock = createFakeClock()
    const dead = { hostname: hostname(), pid: deadPid }
    const once = await leftBehind(clock, dead)
    const again = await boot(once.store, clock, true)
    await clock.advance(1)
    expect(await again.get(once.taskId)).toMatchObject({ status: 'success', attempt: 2, interruptions: 1 })
    const looping = await leftBehind(clock, dead, { interruptions: 2, attempt: 3 })
    const tasks = await boot(looping.store, clock, true)
    expect(await tasks.get(looping.taskId)).toMatchObject({ status: 'interrupted', interruptions: 3 })
  })

  it('rejects the result of a worker that was given up', async () => {
    const clock = createFakeClock()
    const store = memory()
    const tasks = new TaskManager({ store, clock })
    open.push(tasks)
    const faults: string[] = []
    tasks.on('error', ({ during }) => faults.push(during))
    let end: (value: string) => void = () => undefined
    tasks.define('work', () => new Promise<string>((resolve) => (end = resolve)))
    await tasks.start()
    const { id } = await tasks.enqueue('work')
    await clock.advance(1)
    const record = (await store.tasks.get(id))!
    await saveTask(store.tasks, {
      previous: record,
      next: { ...record, status: 'interrupted', version: record.version + 1, endTime: clock.now() },
      attempt: null,
      logs: [],
    })
    end('late')
    await clock.advance(1)
    expect(await tasks.get(id)).toMatchObject({ status: 'interrupted', result: null })
    expect(faults).toEqual(['a result came too late'])
  })

  it('starts nothing after its lease was over before others have heard of it again', async () => {
    const clock = createFakeClock()
    const { store, network } = shared()
    const tasks = new TaskManager({ store, clock })
    open.push(tasks)
    tasks.define('work', () => undefined)
    await tasks.start()
    const { id } = await tasks.enqueue('work', [], { delay: '21s' })
    await clock.advance(4_000)
    network.isCut = true
    await clock.advance(16_500)
    network.isCut = false
    network.calls.length = 0
    await clock.advance(1_000)
    expect(await tasks.get(id)).toMatchObject({ status: 'success', attempt: 1 })
    expect(network.calls.slice(0, 2)).toEqual(['workers.beat', 'tasks.write'])
  })
})

/** A store that several processes share; while it is cut off nothing can be asked of it. */
function shared() {
  const base = memory()
  const network = { isCut: false, calls: [] as string[] }
  const store = guardParts(
    base,
    (name, part) =>
      aroundCalls(part, async (verb, call) => {
        if (network.isCut) throw new Error('The network is gone')
        if (verb === 'beat' || verb === 'write') network.calls.push(`${name}.${verb}`)
        return call()
      }),
    { supports: { ...base.supports, sharing: true } },
  )
  return { store, network }
}
