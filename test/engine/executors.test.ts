import { describe, expect, it, vi } from 'vitest'
import { memory } from '@taskloom/engine'
import { createFakeClock } from '@taskloom/testkit'
import { openManager, withCode } from './open-manager.ts'
import { openWorkers, resultOf, workerTasks } from './worker-manager.ts'

interface Place {
  readonly isMainThread: boolean
  readonly threadId: number
  readonly pid: number
}

describe.each(['thread', 'process'] as const)('a function with executor %s', (executor) => {
  it('runs in a worker that stays warm, and its record says so', async () => {
    const { tasks, run } = await openWorkers(executor)
    const first = await run('where')
    const second = await run('where')
    const place = resultOf(first) as Place
    expect(executor === 'thread' ? place.isMainThread : place.pid === process.pid).toBe(false)
    expect(resultOf(second)).toEqual(place)
    expect(first).toMatchObject({ status: 'success', executor })
    const [view] = await tasks.source.functions()
    expect(view).toMatchObject({ funcName: 'where_1', executor })
  })

  it('gets its arguments as they were given, and gives its result back so', async () => {
    const { run } = await openWorkers(executor)
    const { result } = await run('mirror', [new Date(0), new Map([['a', new Set([1n])]]), undefined, -0, '\ud800'])
    const inline = openManager()
    const mirror = inline.define('mirror', async (...values: unknown[]) => values)
    await inline.start()
    const { id } = await mirror.enqueue(new Date(0), new Map([['a', new Set([1n])]]), undefined, -0, '\ud800')
    expect(result).toBe((await inline.wait(id)).result)
  })

  it('logs, reports progress and knows its task', async () => {
    const { tasks, logs } = await openWorkers(executor)
    const task = tasks.define('tell', { executor, queue: 'letters' }, { module: workerTasks.href, export: 'tell' })
    const { id } = await task.with({ tags: { of: 'test' } }).enqueue('you')
    const record = await tasks.wait(id)
    expect(resultOf(record)).toEqual({
      taskId: id,
      funcName: 'tell',
      attempt: 1,
      tags: { of: 'test' },
      queue: 'letters',
      retriedFrom: null,
      traceparent: null,
      tracestate: null,
      aborted: false,
    })
    expect(record.progress).toEqual({ percent: 25, message: 'a quarter' })
    expect(JSON.parse(record.progressPayload!)).toEqual({ current: 1, total: 4, page: 'A4' })
    expect(await logs(id)).toEqual([
      expect.objectContaining({ message: 'hello you', level: 'warning', extra: { size: 3 }, attempt: 1 }),
    ])
  })

  it('shows progress while it runs, the newest last', async () => {
    const { tasks, begin } = await openWorkers(executor)
    const id = await begin('tellOften', [1_000])
    await vi.waitFor(async () => expect((await tasks.get(id))?.progress?.percent).toBe(100), 10_000)
    expect((await tasks.get(id))?.status).toBe('running')
    await tasks.cancel(id)
    expect((await tasks.wait(id)).status).toBe('success')
  })

  it('fails with the words, the code and the stack of where it threw', async () => {
    const { run } = await openWorkers(executor)
    const failed = await run('failDeep')
    expect(failed).toMatchObject({ status: 'failed', errorCode: 'E_PAPER', error: 'TypeError: no paper' })
    expect(failed.stacktrace).toMatch(/failDeeper \(.*worker-tasks\.mjs:\d+:\d+\)[^]*Caused by: Error: empty tray/)
    expect(await run('throwText')).toMatchObject({ error: 'just a text', errorCode: null, stacktrace: null })
  })

  it('is retried in the same worker', async () => {
    const { run, tasks } = await openWorkers(executor)
    const record = await run('failDeep', [], { retries: 2, delay: 0 })
    expect(record).toMatchObject({ status: 'failed', attempt: 3, retriesUsed: 2 })
    const detail = await tasks.source.detail(record.taskId)
    expect(detail.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed'])
  })

  it('is not retried after a permanent error, nor when its rule declines', async () => {
    const { run } = await openWorkers(executor)
    const hopeless = await run('failForGood', [], { retries: 2, delay: 0 })
    expect(hopeless).toMatchObject({ status: 'failed', attempt: 1, error: 'PermanentError: no such paper' })
    const seen: unknown[] = []
    const retryIf = (error: unknown) => seen.push(error) < 1
    expect(await run('failDeep', [], { retries: 2, delay: 0, retryIf })).toMatchObject({ attempt: 1 })
    expect(seen).toEqual([expect.objectContaining({ name: 'TypeError', message: 'no paper', code: 'E_PAPER' })])
  })

  it('gets encrypted arguments in the clear, and its result is encrypted', async () => {
    const store = memory()
    const { run } = await openWorkers(executor, { store, encryption: { keys: [new Uint8Array(32).fill(7)] } })
    const record = await run('mirror', ['canary'])
    expect(resultOf(record)).toEqual(['canary'])
    expect(JSON.stringify(await store.tasks.get(record.taskId))).not.toContain('canary')
  })

  it('says in its log what it prints', async () => {
    const { run, logs } = await openWorkers(executor)
    const { taskId } = await run('print')
    expect(await logs(taskId)).toEqual([
      expect.objectContaining({ level: 'debug', message: 'printed 1', extra: { stream: 'stdout' } }),
      expect.objectContaining({ level: 'warning', message: 'complained', extra: { stream: 'stderr' } }),
    ])
  })

  it('runs no more tasks at once than the pool has workers; the rest stays pending', async () => {
    const { tasks, begin } = await openWorkers(executor, { threads: 2, processes: 2 })
    const ids = await Promise.all([1, 2, 3, 4].map(() => begin('untilStopped')))
    const statuses = async () => (await Promise.all(ids.map((id) => tasks.get(id)))).map((record) => record?.status)
    await vi.waitFor(async () => expect((await statuses()).filter((word) => word === 'running')).toHaveLength(2))
    expect((await statuses()).filter((word) => word === 'pending')).toHaveLength(2)
    const beside = tasks.define('beside', async () => 'not bound by the pool')
    expect((await tasks.wait((await beside.enqueue()).id)).status).toBe('success')
    for (const id of ids) {
      await tasks.cancel(id)
      expect((await tasks.wait(id)).status).toBe('cancelled')
    }
  })

  it('is imported and run here when it is called directly', async () => {
    const tasks = openManager()
    const where = tasks.define<() => Place>('where', { executor }, { module: workerTasks, export: 'where' })
    expect(await where()).toMatchObject({ pid: process.pid })
    const byDefault = tasks.define('by_default', { executor }, { module: workerTasks })
    expect(await byDefault()).toBe('the default')
  })

  it('refuses at enqueue what cannot be cloned', async () => {
    const tasks = openManager()
    const task = tasks.define('mirror', { executor }, { module: workerTasks, export: 'mirror' })
    for (const argument of [() => 1, Symbol('s'), new WeakMap(), Promise.resolve(), new (class Own {})()]) {
      await expect(task.enqueue(argument)).rejects.toThrow(withCode('bad_argument'))
    }
  })

  it('can be the function of a schedule', async () => {
    const tasks = openManager({ threads: 1, processes: 1 })
    const nightly = { every: '1h', runOnStartup: true, executor } as const
    tasks.schedule('nightly', nightly, { module: workerTasks, export: 'where' })
    await tasks.start()
    await vi.waitFor(
      async () => expect((await tasks.list()).tasks[0]).toMatchObject({ status: 'success', executor }),
      10_000,
    )
  })

  it('has its idle worker ended after a while, and gets another', async () => {
    const clock = createFakeClock()
    const { run } = await openWorkers(executor, { clock })
    const before = resultOf(await run('where')) as Place
    await clock.advance(31_000)
    const after = resultOf(await run('where')) as Place
    expect([after.pid, after.threadId]).not.toEqual([before.pid, before.threadId])
  })
})

describe('define', () => {
  const module = workerTasks
  it.each([
    ['fn', () => openManager().define('x', { executor: 'thread' } as never, () => 1)],
    ['fn', () => openManager().define('x', { executor: 'process' }, null as never)],
    ['executor', () => openManager().define('x', {} as never, { module })],
    ['executor', () => openManager().define('x', { executor: 'fiber' } as never, { module })],
    ['module', () => openManager().define('x', { executor: 'thread' }, { module: './render.js' })],
    ['module', () => openManager().define('x', { executor: 'thread' }, { module: 'https://example.com/render.js' })],
    ['export', () => openManager().define('x', { executor: 'thread' }, { module, export: '' })],
    ['exports', () => openManager().define('x', { executor: 'thread' }, { module, exports: 'x' } as never)],
    ['threads', () => openManager({ threads: 0 })],
    ['processes', () => openManager({ processes: 1.5 })],
    ['workerMemoryMb', () => openManager({ workerMemoryMb: 1 })],
  ])('refuses a wrong %s', (option, act) => {
    expect(act).toThrow(expect.objectContaining({ code: 'bad_option', details: expect.objectContaining({ option }) }))
  })
})
