import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory, sqlite, taskLog, type Store } from '@taskloom/engine'
import { anyTask } from '@taskloom/protocol'
import { afterAll, describe, expect, it } from 'vitest'
import { createHandler } from '../../packages/engine/src/server/handler.ts'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { openManager, withCode } from './open-manager.ts'

/** What the programs this one follows got wrong: one test each, with the right behaviour. */
const folder = mkdtempSync(join(tmpdir(), 'taskloom-defects-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const act = { actor: 'ann', reason: null }
let files = 0

function newFile(): string {
  return join(folder, `defects-${(files += 1)}.db`)
}

describe('tasks', () => {
  it('that are cancelled while they wait never run', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock, concurrency: 1 })
    const work = scriptedTask([{ holds: true }])
    tasks.define('work', work.run)
    await tasks.start()
    await tasks.enqueue('work', ['first'])
    const waiting = await tasks.enqueue('work', ['waiting'])
    const delayed = await tasks.enqueue('work', ['delayed'], { delay: '1m' })
    await tasks.cancel(waiting.id)
    await tasks.cancel(delayed.id)
    work.release()
    await clock.advance(120_000)
    expect(work.calls).toEqual([['first']])
    for (const { id } of [waiting, delayed]) {
      expect(await tasks.get(id)).toMatchObject({ status: 'cancelled', attempt: 0, startTime: null })
    }
  })

  it('that were cancelled while they ran write no line after their end', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock })
    let goOn: () => void = () => undefined
    tasks.define('deaf', async () => {
      taskLog('before')
      await new Promise<void>((resolve) => (goOn = resolve))
      taskLog('after')
    })
    await tasks.start()
    const { id } = await tasks.enqueue('deaf')
    await clock.advance(1)
    await tasks.cancel(id)
    await clock.advance(60_000)
    const before = await tasks.source.detail(id)
    goOn()
    await clock.advance(60_000)
    const { logs, status } = await tasks.source.detail(id)
    expect(status).toBe('cancelled')
    expect(logs).toEqual(before.logs)
    expect(logs.map(({ message }) => message)).not.toContain('after')
  })

  it('keep their tags, arguments and priority in the file and in a retry', async () => {
    const path = newFile()
    const args = [1, 'two', { k: 3, at: new Date(5) }]
    const tags = { order: '7' }
    const first = openManager({ store: path })
    first.define('work', () => Promise.reject(new Error('no')))
    await first.start()
    const { id } = await first.enqueue('work', args, { tags, priority: 9 })
    await first.wait(id)
    await first.shutdown()

    const second = openManager({ store: path })
    const work = scriptedTask([{ returns: 'yes' }])
    second.define('work', work.run)
    await second.start()
    expect((await second.list()).tasks).toMatchObject([{ taskId: id, tags, priority: 9 }])
    const { taskId } = await second.retry(id)
    expect(await second.wait(taskId)).toMatchObject({ status: 'success', tags, priority: 9, retriedFrom: id })
    expect(work.calls).toEqual([args])
  })

  it('of a function with a name of its own can be retried', async () => {
    const tasks = openManager()
    const work = scriptedTask([{ throws: new Error('no') }, { returns: 1 }])
    const sendWelcome = tasks.define('mail/welcome v2', work.run)
    await tasks.start()
    const { id } = await sendWelcome.enqueue()
    await tasks.wait(id)
    const { taskId } = await tasks.retry(id)
    expect(await tasks.wait(taskId)).toMatchObject({ status: 'success', funcName: 'mail/welcome v2' })
  })

  it('that failed are not doubled by replaying them again and again', async () => {
    const tasks = openManager()
    const gate = scriptedTask([{ throws: new Error('no') }, { throws: new Error('no') }, { holds: true }])
    tasks.define('gated', gate.run)
    await tasks.start()
    for (let count = 0; count < 2; count += 1) await tasks.wait((await tasks.enqueue('gated')).id)
    const gated = { since: null, funcName: 'gated', again: false }
    const clicks = [4, 3, 2, 1].map(() => tasks.source.retryFailed(gated, act))
    const sum = (await Promise.all(clicks)).reduce((total, answer) => total + answer.dispatched, 0)
    expect(sum).toBe(2)
    expect((await tasks.source.retryFailed(gated, act)).dispatched).toBe(0)
    gate.release()
    gate.release()
  })
})

describe('what is kept', () => {
  it('is pending, running and failed tasks as well, without any end of the process', async () => {
    const path = newFile()
    const tasks = openManager({ store: path })
    const work = scriptedTask([{ throws: new Error('no') }, { holds: true }])
    tasks.define('work', work.run)
    await tasks.start()
    const failed = await tasks.enqueue('work')
    await tasks.wait(failed.id)
    const running = await tasks.enqueue('work')
    const pending = await tasks.enqueue('work', ['x'], { delay: '1h' })
    // Another connection sees what a process that starts after kill -9 would find.
    const other = sqlite(path)
    await other.open()
    const stored = await Promise.all([failed, running, pending].map(({ id }) => other.tasks.get(id)))
    await other.close()
    expect(stored.map((record) => record?.status)).toEqual(['failed', 'running', 'pending'])
    expect(stored[2]?.args).toBe('["x"]')
    work.release()
  })

  it('is left alone by the shutdown of another instance', async () => {
    const path = newFile()
    const [first, second] = [openManager({ store: path }), openManager({ store: path })]
    for (const tasks of [first, second]) {
      tasks.define('work', (value: number) => value)
      await tasks.start()
    }
    const mine = await first.enqueue('work', [1])
    const yours = await second.enqueue('work', [2])
    await Promise.all([first.wait(mine.id), second.wait(yours.id)])
    await second.shutdown()
    await first.shutdown()
    const third = openManager({ store: path })
    await third.start()
    expect((await third.list()).total).toBe(2)
  })

  it('is not read again and again by a manager that has nothing to do', async () => {
    const clock = createFakeClock()
    const reads = new Map<string, number>()
    const tasks = openManager({ clock, store: countReads(memory(), reads) })
    tasks.define('work', () => 1)
    await tasks.start()
    for (let count = 0; count < 20; count += 1) await tasks.wait((await tasks.enqueue('work')).id)
    await tasks.idle()
    reads.clear()
    await clock.advance(120_000)
    for (const read of ['list', 'metrics', 'timeline', 'types', 'detail', 'logs'])
      expect(reads.get(read)).toBeUndefined()
  })
})

describe('shutdown', () => {
  it('does not wait for a task of 300 seconds', async () => {
    const tasks = openManager({ store: newFile() })
    const work = scriptedTask([{ holds: true }])
    tasks.define('long', work.run)
    await tasks.start()
    await tasks.enqueue('long')
    await expect.poll(() => work.held).toBe(1)
    const before = performance.now()
    await tasks.shutdown({ timeoutMs: 100 })
    expect(performance.now() - before).toBeLessThan(5_000)
  })

  it('leaves such a task interrupted in the store, not running for ever', async () => {
    const path = newFile()
    const tasks = openManager({ store: path })
    tasks.define('long', () => new Promise(() => undefined))
    await tasks.start()
    const { id } = await tasks.enqueue('long')
    await tasks.shutdown({ timeoutMs: 50 })
    const other = sqlite(path)
    await other.open()
    expect(await other.tasks.get(id)).toMatchObject({ status: 'interrupted', error: 'The process was stopped' })
    await other.close()
  })
})

describe('what is told', () => {
  it('has its zone in every instant', async () => {
    const tasks = openManager()
    tasks.define('work', () => 1)
    await tasks.start()
    await tasks.wait((await tasks.enqueue('work')).id)
    const handler = createHandler(tasks.source)
    const answer = await handler(new Request('http://localhost/tasks/'), { basePath: '/tasks', rawPath: '/' })
    const text = await answer.text()
    const instants = text.match(/"\d{4}-\d\d-\d\dT[^"]*"/g) ?? []
    expect(instants.length).toBeGreaterThanOrEqual(3)
    expect(instants.every((instant) => instant.endsWith('Z"'))).toBe(true)
    handler.close()
  })

  it('of a creation comes before everything else, and never undoes what is stored', async () => {
    const tasks = openManager()
    const events: string[] = []
    for (const name of ['create', 'complete', 'cleanup'] as const) {
      tasks.on(name, ({ status }) => void events.push(`${name} ${status}`))
    }
    const late: (() => void)[] = []
    tasks.on('create', () => void new Promise<void>((resolve) => late.push(resolve)))
    tasks.define('work', () => 1)
    await tasks.start()
    const { id } = await tasks.enqueue('work')
    await tasks.wait(id)
    for (const goOn of late) goOn()
    expect(events.map((event) => event.split(' ')[0])).toEqual(['create', 'complete', 'cleanup'])
    expect(await tasks.get(id)).toMatchObject({ status: 'success' })
  })

  it('of the progress of a failure is a failure', async () => {
    const tasks = openManager()
    tasks.define('work', () => Promise.reject(new Error('no route')))
    await tasks.start()
    const { id } = await tasks.enqueue('work')
    await tasks.wait(id)
    expect(await tasks.source.progress(id)).toMatchObject({ status: 'failed', error: 'no route' })
  })

  it('in the figures adds up, with what was cancelled', async () => {
    const tasks = openManager()
    tasks.define('work', (fail: boolean) => (fail ? Promise.reject(new Error('no')) : 1))
    await tasks.start()
    for (const fail of [true, false, false]) await tasks.wait((await tasks.enqueue('work', [fail])).id)
    await tasks.cancel((await tasks.enqueue('work', [true], { delay: '1h' })).id)
    const { total, success, failed, running, pending, interrupted, cancelled } = await tasks.source.metrics(anyTask)
    expect({ success, failed, cancelled }).toEqual({ success: 2, failed: 1, cancelled: 1 })
    expect(success + failed + running + pending + interrupted + cancelled).toBe(total)
  })
})

describe('locks', () => {
  it('are let go by who holds them alone', async () => {
    const tasks = openManager()
    const work = scriptedTask([{ holds: true }])
    tasks.define('held', work.run)
    tasks.define('quick', () => 1)
    await tasks.start()
    const options = { locks: ['Book:1'] }
    await tasks.enqueue('held', [], options)
    const refused = tasks.enqueue('quick', [], options)
    await expect(refused).rejects.toEqual(withCode('conflict_lock'))
    await tasks.wait((await tasks.enqueue('quick', [], { locks: ['Book:2'] })).id)
    expect((await tasks.locks()).map(({ key }) => key)).toEqual(['Book:1'])
    await expect(tasks.enqueue('quick', [], options)).rejects.toEqual(withCode('conflict_lock'))
    work.release()
  })
})

/** Counts the calls of a store's views. */
function countReads(store: Store, reads: Map<string, number>): Store {
  const views = new Proxy(store.views, {
    get(target, name) {
      const verb: unknown = Reflect.get(target, name)
      if (typeof verb !== 'function') return verb
      return (...args: unknown[]) => {
        reads.set(String(name), (reads.get(String(name)) ?? 0) + 1)
        return Reflect.apply(verb, target, args) as unknown
      }
    },
  })
  return { ...store, views }
}
