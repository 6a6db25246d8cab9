import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  memory,
  progress,
  taskContext,
  taskLog,
  TaskManager,
  type Store,
  type TaskManagerOptions,
} from '@taskloom/engine'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'

const open: TaskManager[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((tasks) => tasks.shutdown({ timeoutMs: 0 })))
})

function manager(options: TaskManagerOptions = {}): TaskManager {
  const tasks = new TaskManager(options)
  open.push(tasks)
  return tasks
}

const code = (word: string) => expect.objectContaining({ code: word })

describe('enqueue', () => {
  it('runs a task and keeps what it returned', async () => {
    const tasks = manager()
    const add = tasks.define('add', (a: number, b: number) => a + b)
    await tasks.start()
    const { id, deduplicated } = await add.enqueue(2, 3)
    expect(deduplicated).toBe(false)
    expect(await tasks.wait(id)).toMatchObject({
      status: 'success',
      result: '5',
      attempt: 1,
      executor: 'async',
      source: 'manual',
    })
    expect(add(2, 3)).toBe(5)
    expect(add.name).toBe('add')
  })

  it('is typed by the function', () => {
    const tasks = manager()
    const mail = tasks.define('mail', async (to: string, copies: number) => `${to}${copies}`)
    const wrong = () => {
      // @ts-expect-error the first argument is a text
      void mail.enqueue(1, 2)
      // @ts-expect-error the second argument is missing
      void mail.with({}).enqueue('a')
      // @ts-expect-error there is no such option
      void mail.with({ pririty: 1 })
      // @ts-expect-error the second argument is a number
      void tasks.enqueue(mail, ['a', 'b'])
    }
    expect(wrong).toBeTypeOf('function')
  })

  it('before start only stores', async () => {
    const tasks = manager()
    const work = scriptedTask([{ returns: 1 }])
    tasks.define('work', work.run)
    const { id } = await tasks.enqueue('work', ['x'])
    expect((await tasks.get(id))?.status).toBe('pending')
    expect(work.calls).toEqual([])
    await tasks.start()
    await tasks.wait(id)
    expect(work.calls).toEqual([['x']])
  })

  it('gives the task that holds the same key, until that has failed', async () => {
    const tasks = manager()
    const work = tasks.define('work', (fail: boolean) => {
      if (fail) throw new Error('no')
    })
    await tasks.start()
    const keyed = work.with({ idempotencyKey: 'order-1' })
    const first = await keyed.enqueue(true)
    await tasks.wait(first.id)
    const second = await keyed.enqueue(false)
    expect(second).toMatchObject({ deduplicated: false })
    await tasks.wait(second.id)
    expect(await keyed.enqueue(false)).toEqual({ id: second.id, deduplicated: true })
    const both = await tasks.enqueueMany(
      Array.from({ length: 2 }, () => ({ name: 'work', args: [false], options: { idempotencyKey: 'k' } })),
    )
    expect(new Set(both.map(({ id }) => id)).size).toBe(1)
  })

  it('refuses what it does not know, by name', async () => {
    expect(() => manager({ encryption: {} } as TaskManagerOptions)).toThrow(/encryption/)
    const tasks = manager()
    expect(() => tasks.define('a', { executor: 'thread' } as object, () => 1)).toThrow(/executor/)
    const work = tasks.define('a', () => 1)
    expect(() => tasks.define('a', () => 1)).toThrow(code('duplicate_function'))
    await expect(work.with({ locks: [] } as object).enqueue()).rejects.toThrow(/locks/)
    await expect(tasks.enqueue('b')).rejects.toEqual(code('not_registered'))
    await expect(tasks.enqueue('a', [() => 1])).rejects.toEqual(code('bad_argument'))
    await expect(tasks.wait('nothing')).rejects.toEqual(code('unknown_task'))
  })

  it('gives each run its own arguments', async () => {
    const tasks = manager()
    const seen: string[][] = []
    const work = tasks.define('work', (list: string[]) => void seen.push(list))
    const list = ['before']
    const { id } = await work.enqueue(list)
    list.push('after')
    await tasks.start()
    await tasks.wait(id)
    expect(seen).toEqual([['before']])
  })
})

describe('order', () => {
  it('is priority, then age, whatever else waits', async () => {
    const tasks = manager({ concurrency: 1 })
    const order: string[] = []
    const note = tasks.define('note', (name: string) => void order.push(name))
    const other = tasks.define('other', { priority: 5 }, (name: string) => void order.push(name))
    for (const [name, priority] of [
      ['a', 0],
      ['b', 10],
      ['c', 0],
      ['d', -1],
      ['e', 10],
    ] as const)
      await note.with({ priority }).enqueue(name)
    await other.enqueue('f')
    await tasks.start()
    await tasks.idle()
    expect(order).toEqual(['b', 'e', 'f', 'a', 'c', 'd'])
  })

  it('holds with more tasks than fit into memory', async () => {
    const tasks = manager({ concurrency: 2 })
    const order: number[] = []
    const gate = scriptedTask([{ holds: true }])
    tasks.define('gate', gate.run)
    const note = tasks.define('note', (priority: number) => void order.push(priority))
    await tasks.start()
    await Promise.all([tasks.enqueue('gate'), tasks.enqueue('gate')])
    await vi.waitFor(() => expect(gate.held).toBe(2))
    await Promise.all(
      Array.from({ length: 12_000 }, (_, index) => note.with({ priority: index % 3 }).enqueue(index % 3)),
    )
    gate.release()
    gate.release()
    await tasks.idle()
    expect(order).toHaveLength(12_000)
    expect(order).toEqual([...order].sort((a, b) => b - a))
  })

  it('respects the limits of manager and function', async () => {
    const tasks = manager({ concurrency: 3 })
    const narrow = scriptedTask([{ holds: true }])
    const wide = scriptedTask([{ holds: true }])
    tasks.define('narrow', { concurrency: 1 }, narrow.run)
    tasks.define('wide', wide.run)
    await tasks.start()
    await tasks.enqueueMany(['narrow', 'narrow', 'wide', 'wide', 'wide'].map((name) => ({ name })))
    await vi.waitFor(() => expect([narrow.held, wide.held]).toEqual([1, 2]))
    narrow.release()
    await vi.waitFor(() => expect([narrow.calls.length, narrow.held + wide.held]).toEqual([2, 3]))
    while (narrow.held + wide.held > 0) {
      if (narrow.held > 0) narrow.release()
      if (wide.held > 0) wide.release()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await tasks.idle()
    expect([narrow.calls.length, wide.calls.length]).toEqual([2, 3])
  })
})

describe('time', () => {
  it('delays, retries with growing pauses and gives up', async () => {
    const clock = createFakeClock()
    const tasks = manager({ clock })
    const work = scriptedTask([
      { throws: new Error('first') },
      { throws: new Error('second') },
      { throws: new Error('third') },
    ])
    const flaky = tasks.define('flaky', { retries: 2, delay: '10s', backoff: 3 }, work.run)
    await tasks.start()
    const { id } = await flaky.with({ delay: '1m' }).enqueue()
    await clock.advance(59_999)
    expect(work.calls).toHaveLength(0)
    await clock.advance(1)
    expect(work.calls).toHaveLength(1)
    expect(await tasks.get(id)).toMatchObject({ status: 'pending', retriesUsed: 1, error: 'first' })
    await clock.advance(9_999)
    expect(work.calls).toHaveLength(1)
    await clock.advance(1)
    expect(work.calls).toHaveLength(2)
    await clock.advance(30_000)
    expect(await tasks.get(id)).toMatchObject({
      status: 'failed',
      attempt: 3,
      error: 'third',
      durationMs: 40_000,
      waitMs: 0,
    })
    const detail = await tasks.source.detail(id)
    expect(detail.attempts.map(({ outcome, error }) => [outcome, error])).toEqual([
      ['failed', 'first'],
      ['failed', 'second'],
      ['failed', 'third'],
    ])
    expect(detail.timeline.map(({ event }) => event)).toEqual([
      'created',
      'delayed',
      'started',
      'failed',
      'retrying',
      'started',
      'failed',
      'retrying',
      'started',
      'failed',
      'gave_up',
    ])
  })

  it('times out a function that listens, and one that does not', async () => {
    const clock = createFakeClock()
    const tasks = manager({ clock })
    const aborted: string[] = []
    const listens = tasks.define(
      'listens',
      { timeout: '5s' },
      () =>
        new Promise((_resolve, reject) => {
          const { signal } = taskContext()!
          signal.addEventListener('abort', () => {
            aborted.push((signal.reason as Error).name)
            reject(signal.reason)
          })
        }),
    )
    const deaf = tasks.define('deaf', { timeout: '5s' }, () => new Promise(() => undefined))
    await tasks.start()
    const ids = [(await listens.enqueue()).id, (await deaf.enqueue()).id]
    await clock.advance(5_000)
    expect(await tasks.get(ids[0]!)).toMatchObject({ status: 'failed', errorCode: 'timed_out' })
    await clock.advance(2_000)
    expect(await tasks.get(ids[1]!)).toMatchObject({ status: 'failed', error: 'Timed out after 5s' })
    expect(aborted).toEqual(['TimeoutError'])
  })

  it('runs a delayed task now when asked', async () => {
    const clock = createFakeClock()
    const tasks = manager({ clock })
    const work = tasks.define('work', () => 'done')
    await tasks.start()
    const { id } = await work.with({ delay: '30d' }).enqueue()
    await tasks.source.runNow(id, { actor: 'ann', reason: null })
    expect(await tasks.wait(id)).toMatchObject({ status: 'success', runAt: null })
  })
})

describe('cancel', () => {
  it('keeps a waiting task from ever running', async () => {
    const tasks = manager({ concurrency: 1 })
    const work = scriptedTask([{ holds: true }, { returns: 1 }])
    tasks.define('work', work.run)
    await tasks.start()
    const { id: first } = await tasks.enqueue('work', ['first'])
    const { id: second } = await tasks.enqueue('work', ['second'])
    expect(await tasks.source.cancel(second, { actor: 'ann', reason: 'wrong file' })).toMatchObject({
      status: 'cancelled',
    })
    work.release()
    await tasks.wait(first)
    await tasks.idle()
    expect(work.calls).toEqual([['first']])
    const detail = await tasks.source.detail(second)
    expect(detail.logs.map(({ message }) => message)).toEqual(['Cancelled by ann: wrong file'])
    await expect(tasks.cancel(second)).rejects.toEqual(code('wrong_status'))
  })

  it('aborts the signal of a running one, and says who asked', async () => {
    const tasks = manager()
    tasks.define(
      'work',
      () =>
        new Promise((_resolve, reject) => {
          const { signal } = taskContext()!
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
    )
    await tasks.start()
    const { id } = await tasks.enqueue('work')
    await tasks.cancel(id, 'enough')
    expect(await tasks.wait(id)).toMatchObject({ status: 'cancelled', error: 'Cancelled by the application: enough' })
  })

  it('ends the task of a deaf function after a grace, and hears it no more', async () => {
    const clock = createFakeClock()
    const tasks = manager({ clock })
    let end: () => void = () => undefined
    tasks.define('deaf', { retries: 3 }, async () => {
      await new Promise<void>((resolve) => (end = resolve))
      taskLog('after the end')
    })
    await tasks.start()
    const { id } = await tasks.enqueue('deaf')
    await clock.advance(0)
    await tasks.cancel(id)
    expect((await tasks.get(id))?.status).toBe('running')
    await clock.advance(2_000)
    expect((await tasks.get(id))?.status).toBe('cancelled')
    end()
    await clock.advance(1_000)
    const { logs } = await tasks.source.logs({ taskId: id, after: 0, minLevel: null, text: 'after', limit: 10 })
    expect(logs).toEqual([])
  })
})

describe('retry', () => {
  it('mints a new task of the same kind and links both', async () => {
    const tasks = manager()
    const work = scriptedTask([{ throws: new Error('no') }, { returns: 'yes' }])
    tasks.define('work', work.run)
    await tasks.start()
    const options = { tags: { order: 7 }, priority: 4, queue: 'mail', user: 'bea' }
    const { id } = await tasks.enqueue('work', [{ a: 1 }], options)
    await tasks.wait(id)
    const minted = await tasks.source.retry(id, { actor: 'ann', reason: null })
    expect(minted).toMatchObject({
      retriedFrom: id,
      source: 'retry',
      tags: { order: '7' },
      priority: 4,
      queue: 'mail',
      userLabel: 'bea',
    })
    expect(await tasks.wait(minted.taskId)).toMatchObject({ status: 'success', result: '"yes"' })
    expect(work.calls).toEqual([[{ a: 1 }], [{ a: 1 }]])
    const original = await tasks.source.detail(id)
    expect(original).toMatchObject({ status: 'failed', retryCount: 1, retries: [minted.taskId] })
    expect(original.timeline.map(({ event }) => event)).toContain('retried')
    await expect(tasks.retry(minted.taskId)).rejects.toEqual(code('wrong_status'))
    await expect(tasks.retry('nothing')).rejects.toEqual(code('unknown_task'))
  })

  it('in bulk does not double the work at a second click', async () => {
    const tasks = manager()
    let isOpen = false
    tasks.define('work', () => {
      if (!isOpen) throw new Error('closed')
    })
    await tasks.start()
    const made = await tasks.enqueueMany(Array.from({ length: 30 }, () => ({ name: 'work' })))
    await tasks.idle()
    isOpen = true
    const question = { since: null, funcName: null, again: false }
    const act = { actor: 'ann', reason: null }
    expect(await tasks.source.retryFailed(question, act)).toMatchObject({ dispatched: 30, skipped: 0 })
    await tasks.idle()
    const second = await tasks.source.retryFailed(question, act)
    expect(second).toMatchObject({ dispatched: 0, skipped: 30 })
    expect(new Set(second.results.map(({ reason }) => reason))).toEqual(new Set(['already_retried']))
    const [first] = made
    const bulk = await tasks.source.bulkRetry([first!.id, first!.id, 'unknown'], { again: true }, act)
    expect(bulk.results.map(({ reason }) => reason)).toEqual([null, 'unknown'])
    expect(await tasks.source.clearHistory({ olderThanMs: -1_000, statuses: [] }, act)).toBe(61)
    expect((await tasks.list()).total).toBe(0)
  })
})

describe('what a task says', () => {
  it('is kept and told after it was kept', async () => {
    const tasks = manager()
    const kinds: string[] = []
    const events: string[] = []
    tasks.source.subscribe((change) =>
      kinds.push(change.kind === 'task' ? `${change.previous?.status ?? 'new'}>${change.task.status}` : change.kind),
    )
    for (const name of ['create', 'complete', 'fail', 'cleanup'] as const) tasks.on(name, () => events.push(name))
    tasks.on('complete', () => {
      throw new Error('a listener of the host')
    })
    const work = tasks.define('work', async () => {
      taskLog('one', { level: 'warning', row: 1 })
      progress({ current: 1, total: 2, message: 'half' })
      await new Promise((resolve) => setImmediate(resolve))
      await new Promise((resolve) => setImmediate(resolve))
      taskLog('two')
    })
    await tasks.start()
    await tasks.idle()
    const { id } = await work.enqueue()
    const record = await tasks.wait(id)
    expect(record).toMatchObject({ status: 'success', hasLogs: true, progress: { percent: 50, message: 'half' } })
    const { logs } = await tasks.source.detail(id)
    expect(logs.map(({ line, message, level }) => [line, message, level])).toEqual([
      [1, 'one', 'warning'],
      [2, 'two', 'info'],
    ])
    expect(kinds).toEqual(['new>running', 'running>running', 'log', 'running>success', 'log'])
    expect(events).toEqual(['create', 'complete', 'cleanup'])
  })

  it('ends after ten thousand lines', async () => {
    const tasks = manager()
    const work = tasks.define('work', () => {
      for (let line = 0; line < 50_000; line += 1) taskLog(`line ${line}`)
    })
    await tasks.start()
    const { id } = await work.enqueue()
    expect(await tasks.wait(id)).toMatchObject({ status: 'success', truncated: ['logs'] })
    const page = await tasks.source.logs({ taskId: id, after: 9_999, minLevel: null, text: null, limit: 10 })
    expect(page.logs.map(({ level }) => level)).toEqual(['info', 'warning'])
  })
})

describe('shutdown', () => {
  it('drains, then interrupts, and refuses afterwards', async () => {
    const tasks = manager()
    const work = scriptedTask([{ holds: true }])
    tasks.define('work', work.run)
    await tasks.start()
    const store = await tasks.enqueue('work')
    const waiting = tasks.wait('x').catch((error: unknown) => error)
    await waiting
    const ends: string[] = []
    tasks.on('fail', ({ status }) => ends.push(status))
    await tasks.shutdown({ timeoutMs: 10 })
    expect(ends).toEqual(['interrupted'])
    expect(store.id).toBeTypeOf('string')
    await expect(tasks.enqueue('work')).rejects.toEqual(code('shut_down'))
    await expect(tasks.start()).resolves.toBeUndefined()
  })

  it('lets running tasks end', async () => {
    const tasks = manager()
    const work = scriptedTask([{ holds: true }])
    tasks.define('work', work.run)
    await tasks.start()
    await tasks.enqueue('work')
    const ends: string[] = []
    tasks.on('complete', ({ status }) => ends.push(status))
    const ending = tasks.shutdown({ timeoutMs: 60_000 })
    work.release()
    await ending
    expect(ends).toEqual(['success'])
  })

  it('resolves although the store hangs', async () => {
    const clock = createFakeClock()
    const store = hanging(memory())
    const tasks = manager({ clock, store })
    const work = scriptedTask([{ holds: true }])
    tasks.define('work', work.run)
    await tasks.start()
    await tasks.enqueue('work')
    store.hang()
    let isDone = false
    void tasks.shutdown({ timeoutMs: 1_000 }).then(() => (isDone = true))
    await clock.advance(1_000 + 250 + 3 * 1_000)
    expect(isDone).toBe(true)
  })

  it('may come before start, twice, and during start', async () => {
    const tasks = new TaskManager()
    await Promise.all([tasks.shutdown(), tasks.shutdown()])
    const other = new TaskManager()
    const starting = other.start().catch((error: unknown) => error)
    await other.shutdown()
    await starting
    await expect(other.enqueue('x')).rejects.toBeDefined()
  })
})

function hanging(store: Store): Store & { hang(): void } {
  let isHanging = false
  const never = new Promise<never>(() => undefined)
  const guard = <T extends object>(part: T): T =>
    new Proxy(part, {
      get(target, key) {
        const member: unknown = Reflect.get(target, key)
        return typeof member === 'function'
          ? (...args: unknown[]) => (isHanging ? never : (member as (...all: unknown[]) => unknown).apply(target, args))
          : member
      },
    })
  return {
    ...store,
    tasks: guard(store.tasks),
    workers: guard(store.workers),
    close: () => never,
    hang: () => void (isHanging = true),
  }
}
