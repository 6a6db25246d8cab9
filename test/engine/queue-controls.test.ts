import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory, TaskManager, type Store, type TaskManagerOptions } from '@taskloom/engine'
import { createFakeClock } from '@taskloom/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { startPeer } from '../faults/processes.ts'
import { openManager, withCode } from './open-manager.ts'
import { workerTasks } from './worker-manager.ts'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-queues-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const newFile = () => join(folder, `${(files += 1)}.db`)

const act = { actor: 'ann', reason: null }
const turn = () => new Promise((resolve) => setImmediate(resolve))
const settled = async () => {
  for (let turns = 0; turns < 20; turns += 1) await turn()
}

/** A manager whose functions say what they ran. */
async function openSpeaking(options: TaskManagerOptions = {}) {
  const tasks = openManager(options)
  const ran: string[] = []
  tasks.define('one', { queue: 'a' }, (name: string) => void ran.push(name))
  tasks.define('two', { queue: 'b' }, (name: string) => void ran.push(name))
  await tasks.start()
  const { source } = tasks
  const pause = (name: string) => source.pauseQueue(name, act)
  const resume = (name: string) => source.resumeQueue(name, act)
  const status = async (id: string) => (await tasks.get(id))?.status
  return { tasks, ran, pause, resume, status }
}

describe('a paused queue', () => {
  it('starts nothing until it is resumed; other queues go on', async () => {
    const { tasks, ran, pause, resume, status } = await openSpeaking()
    await pause('a')
    const { id } = await tasks.enqueue('one', ['held'])
    const other = await tasks.enqueue('two', ['free'])
    await tasks.wait(other.id)
    await settled()
    expect(ran).toEqual(['free'])
    expect(await status(id)).toBe('pending')
    await resume('a')
    await tasks.wait(id)
    expect(ran).toEqual(['free', 'held'])
  })

  it('holds back tasks of any function in it, and no task of theirs in another', async () => {
    const { tasks, ran, pause, resume } = await openSpeaking()
    await pause('a')
    await tasks.enqueue('two', ['moved here'], { queue: 'a' })
    await tasks.wait((await tasks.enqueue('one', ['moved away'], { queue: 'b' })).id)
    await tasks.wait((await tasks.enqueue('two', ['stayed'])).id)
    await settled()
    expect(ran).toEqual(['moved away', 'stayed'])
    await resume('a')
    await tasks.idle()
    expect(ran).toEqual(['moved away', 'stayed', 'moved here'])
  })

  it('keeps what waited in memory in the store, in order', async () => {
    const tasks = openManager({ concurrency: 1 })
    const work = scriptedTask([{ holds: true }])
    const ran: string[] = []
    tasks.define('first', { queue: 'b' }, work.run)
    tasks.define('one', { queue: 'a' }, (name: string) => void ran.push(name))
    await tasks.start()
    await tasks.enqueue('first')
    const ids = await tasks.enqueueMany(['x', 'y', 'z'].map((name) => ({ name: 'one', args: [name] })))
    await tasks.enqueue('one', ['urgent'], { priority: 9 })
    await settled()
    await tasks.source.pauseQueue('a', act)
    work.release()
    await tasks.idle()
    expect(ran).toEqual([])
    expect((await tasks.get(ids[0]!.id))?.status).toBe('pending')
    await tasks.source.resumeQueue('a', act)
    await tasks.idle()
    expect(ran).toEqual(['urgent', 'x', 'y', 'z'])
  })

  it('lets run what runs', async () => {
    const tasks = openManager()
    const work = scriptedTask([{ holds: true }])
    tasks.define('work', { queue: 'a' }, work.run)
    await tasks.start()
    const { id } = await tasks.enqueue('work')
    await settled()
    await tasks.source.pauseQueue('a', act)
    await settled()
    expect((await tasks.get(id))?.status).toBe('running')
    work.release()
    expect((await tasks.wait(id)).status).toBe('success')
  })

  it('with limits of its own is as limited afterwards', async () => {
    const { tasks, pause, resume, ran } = await openSpeaking({ queues: { a: { concurrency: 1 } } })
    const work = scriptedTask([{ holds: true }, { holds: true }])
    tasks.define('slow', { queue: 'a' }, work.run)
    const first = await tasks.enqueue('slow')
    await settled()
    await pause('a')
    const second = await tasks.enqueue('slow')
    work.release()
    await tasks.wait(first.id)
    await resume('a')
    await settled()
    await tasks.enqueue('one', ['behind'])
    await settled()
    expect(ran).toEqual([])
    work.release()
    await tasks.wait(second.id)
    await tasks.idle()
    expect(ran).toEqual(['behind'])
  })

  it('gives back what lies in a worker and was not begun', { timeout: 60_000 }, async () => {
    // No time passes here, so that no worker is taken for a stalled one, however busy the machine is.
    const tasks = openManager({ threads: 1, clock: createFakeClock() })
    await tasks.start()
    tasks.define('compute', { executor: 'thread', queue: 'a' }, { module: workerTasks, export: 'compute' })
    const warm = () =>
      tasks.enqueueMany(Array.from({ length: 20 }, () => ({ name: 'compute', args: ['warm', 0, null] })))
    for (let round = 0; round < 2; round += 1) {
      await warm()
      await tasks.idle()
    }
    const [hasBegun, isPaused] = [newFile(), newFile()]
    const long = ['long', 0, hasBegun, isPaused]
    const requests = [long, ...Array.from({ length: 30 }, (_, index) => [`short ${index}`, 0, null])]
    const ids = (await tasks.enqueueMany(requests.map((args) => ({ name: 'compute', args })))).map(({ id }) => id)
    const statuses = async () => (await Promise.all(ids.map((id) => tasks.get(id)))).map((task) => task?.status)
    // Several were given to the only worker, which is at work on the first.
    await expect.poll(() => existsSync(hasBegun)).toBe(true)
    expect((await statuses()).filter((status) => status === 'running').length).toBeGreaterThan(1)
    await tasks.source.pauseQueue('a', act)
    writeFileSync(isPaused, '')
    await tasks.idle()
    const after = await Promise.all(ids.slice(1).map((id) => tasks.get(id)))
    expect(after.filter((task) => task?.status === 'pending' && task.attempt === 0).length).toBeGreaterThan(20)
    await tasks.source.resumeQueue('a', act)
    await tasks.idle()
    expect(await statuses()).toEqual(ids.map(() => 'success'))
  })

  it('gives back what is stored as running and waits for its turn here', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock, concurrency: 1 })
    const ran: string[] = []
    const busy = () => {
      ran.push('busy')
      // The turn is over: those that were taken with it wait for another.
      void clock.advance(0)
    }
    tasks.define('busy', { queue: 'a' }, busy)
    await tasks.start()
    await tasks.enqueueMany(Array.from({ length: 40 }, () => ({ name: 'busy' })))
    await tasks.source.pauseQueue('a', act)
    await settled()
    const [queue] = await tasks.source.queues()
    expect(queue?.counts['running'] ?? 0).toBe(0)
    expect(queue?.counts['pending']).toBe(40 - ran.length)
    await tasks.source.resumeQueue('a', act)
    await tasks.idle()
    expect(ran).toHaveLength(40)
  })
})

describe('pausing', () => {
  it('is told once, and remembers who was first and when', async () => {
    const clock = createFakeClock()
    const { tasks, pause, resume } = await openSpeaking({ clock })
    let told = 0
    tasks.source.subscribe(({ kind }) => void (told += Number(kind === 'queues')))
    const pausedAt = clock.now()
    expect(await pause('a')).toMatchObject({ queue: 'a', total: 0, paused: true, pausedAt, pausedBy: 'ann' })
    await clock.advance(5)
    expect(await tasks.source.pauseQueue('a', { ...act, actor: 'ben' })).toMatchObject({ pausedAt, pausedBy: 'ann' })
    expect(told).toBe(1)
    expect(await resume('a')).toMatchObject({ queue: 'a', paused: false })
    expect(await resume('a')).toMatchObject({ paused: false })
    expect(told).toBe(2)
  })

  it('is refused for what can be no queue, and for more than 1,000', async () => {
    const store = memory()
    const { tasks, pause } = await openSpeaking({ store })
    await expect(pause('x'.repeat(101))).rejects.toEqual(withCode('bad_option'))
    await expect(pause('a\0b')).rejects.toEqual(withCode('bad_option'))
    for (let index = 0; index < 1_000; index += 1) {
      await store.queueControls.pause({ queue: `q${index}`, since: 1, by: 'ben' })
    }
    await expect(pause('one more')).rejects.toEqual(withCode('bad_option'))
    expect(await pause('q7')).toMatchObject({ paused: true })
    expect(await tasks.source.queues()).toHaveLength(1_000)
  })

  it('outlives the process', async () => {
    const store = newFile()
    const first = openManager({ store })
    first.define('one', { queue: 'a' }, () => 1)
    await first.start()
    await first.source.pauseQueue('a', act)
    const { id } = await first.enqueue('one')
    await first.shutdown()
    const { tasks, resume, status } = await openSpeaking({ store })
    await tasks.idle()
    await settled()
    expect(await status(id)).toBe('pending')
    await resume('a')
    expect((await tasks.wait(id)).status).toBe('success')
  })

  it('that the store does not answer is told, and asked for again', async () => {
    const clock = createFakeClock()
    const store = memory()
    let refusals = 0
    const paused = async () => {
      if (refusals > 0) throw new Error(`no ${(refusals -= 1)}`)
      return store.queueControls.paused()
    }
    const shared: Store = {
      ...store,
      supports: { ...store.supports, sharing: true },
      queueControls: { ...methodsOf(store), paused },
    }
    const { tasks, status } = await openSpeaking({ clock, store: shared })
    const faults: string[] = []
    tasks.on('error', ({ during }) => faults.push(during))
    refusals = 2
    await store.queueControls.pause({ queue: 'a', since: 1, by: 'another process' })
    await clock.advance(2_000)
    expect(faults).toEqual(['looking for paused queues', 'looking for paused queues'])
    await clock.advance(1_000)
    const { id } = await tasks.enqueue('one', ['held'])
    await settled()
    expect(await status(id)).toBe('pending')
  })
})

describe('two processes on one store', () => {
  it('start nothing of a queue that either of them paused', { timeout: 30_000 }, async () => {
    const script = '../engine/pausing-worker.mjs'
    const path = newFile()
    const [one, other] = [startPeer(script, [path, 'a']), startPeer(script, [path, 'a'])]
    await Promise.all([one.hear('started'), other.hear('started')])
    other.say('enqueue before')
    await other.hear('ran before')
    one.say('pause a')
    await Promise.all([one.hear('did pause a'), one.hear('told'), other.hear('told')])
    for (const peer of [one, other]) for (let count = 0; count < 20; count += 1) peer.say(`enqueue held-${count}`)
    await Promise.all([one.hear('did enqueue held-19'), other.hear('did enqueue held-19')])
    const reader = new TaskManager({ store: path })
    await reader.open()
    expect(await reader.source.queues()).toMatchObject([{ queue: 'a', counts: { pending: 40 }, paused: true }])
    expect([...one.lines, ...other.lines].filter((line) => line.startsWith('ran held'))).toEqual([])
    other.say('resume a')
    await other.hear('did resume a')
    await expect
      .poll(() => [...one.lines, ...other.lines].filter((line) => line.startsWith('ran held')).length, {
        timeout: 15_000,
      })
      .toBe(40)
    await reader.shutdown()
    for (const peer of [one, other]) peer.say('end')
    await Promise.all([one.exited, other.exited])
  })
})

function methodsOf({ queueControls }: Store): Store['queueControls'] {
  return {
    paused: () => queueControls.paused(),
    pause: (queue) => queueControls.pause(queue),
    resume: (queue) => queueControls.resume(queue),
  }
}
