import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { memory, TaskManager, type Store } from '@taskloom/engine'
import type { WorkerFunctions } from '@taskloom/engine/store'
import { afterAll, describe, expect, it } from 'vitest'
import { createHandler } from '../../packages/engine/src/server/handler.ts'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { openManager, withCode } from './open-manager.ts'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-shutdown-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('shutdown', () => {
  it('drains, then interrupts, and refuses afterwards', async () => {
    const tasks = openManager()
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
    await expect(tasks.enqueue('work')).rejects.toEqual(withCode('shut_down'))
    await expect(tasks.start()).resolves.toBeUndefined()
  })

  it('lets running tasks end', async () => {
    const tasks = openManager()
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
    const tasks = openManager({ clock, store })
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

  it('does its steps in order', async () => {
    const steps: string[] = []
    const store = memory()
    const { workers } = store
    const tasks = openManager({
      store: {
        ...store,
        workers: {
          beat: (worker) => workers.beat(worker),
          list: () => workers.list(),
          register: (functions) => workers.register(functions),
          functions: () => workers.functions(),
          remove: (id) => {
            steps.push('leave')
            return workers.remove(id)
          },
        },
        close: async () => void steps.push('close'),
      },
    })
    const work = scriptedTask([{ holds: true }])
    tasks.define('work', work.run)
    await tasks.start()
    await tasks.enqueue('work')
    tasks.source.onClose?.(() => steps.push('streams'))
    tasks.on('complete', () => steps.push('drained'))
    const idle = tasks.idle().then(() => steps.push('idle'))
    const ending = tasks.shutdown({ timeoutMs: 60_000 })
    expect(steps).toEqual(['streams'])
    work.release()
    await ending
    await idle
    expect(steps).toEqual(['streams', 'drained', 'leave', 'close', 'idle'])
  })

  it('starts nothing any more, and stores what running tasks still ask for', async () => {
    const store = { ...memory(), close: () => Promise.resolve() }
    const tasks = openManager({ store })
    const gate = scriptedTask([{ holds: true }])
    const child = scriptedTask([{ returns: 1 }])
    tasks.define('child', child.run)
    tasks.define('work', async () => {
      await gate.run()
      return (await tasks.enqueue('child')).id
    })
    await tasks.start()
    const { id } = await tasks.enqueue('work')
    const ending = tasks.shutdown({ timeoutMs: 60_000 })
    gate.release()
    await ending
    const work = await store.tasks.get(id)
    expect(work?.status).toBe('success')
    expect(await store.tasks.get(JSON.parse(work?.result ?? '""') as string)).toMatchObject({ status: 'pending' })
    expect(child.calls).toEqual([])
  })

  it('ends the live streams', async () => {
    const tasks = openManager()
    await tasks.start()
    const handle = createHandler(tasks.source)
    const request = new Request('http://localhost/tasks/stream')
    const response = await handle(request, { basePath: '/tasks' })
    expect(response.status).toBe(200)
    const text = response.text()
    await tasks.shutdown({ timeoutMs: 0 })
    expect(await text).toContain('event: bye')
  })

  it('needs no handler of signals, nor leaves one', async () => {
    const count = () => process.eventNames().map((name) => [name, process.listenerCount(name)])
    const before = count()
    const tasks = openManager({ store: join(folder, 'signals.db') })
    await tasks.start()
    await tasks.list()
    expect(count()).toEqual(before)
    await tasks.shutdown()
    expect(count()).toEqual(before)
  })

  it('calls every timer off', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock, retention: { days: 1 } })
    tasks.schedule('tick', { every: '1h' }, () => undefined)
    tasks.define('later', () => undefined)
    await tasks.start()
    await tasks.enqueue('later', [], { delay: '1h' })
    await clock.advance(10)
    expect(clock.pending).toBeGreaterThan(0)
    await tasks.shutdown({ timeoutMs: 0 })
    expect(clock.pending).toBe(0)
  })

  it('closes a store that opens too late', async () => {
    const clock = createFakeClock()
    let open: () => void = () => undefined
    let closed = 0
    const store: Store = {
      ...memory(),
      open: () => new Promise<void>((resolve) => (open = resolve)),
      close: async () => void (closed += 1),
    }
    const tasks = openManager({ clock, store })
    const starting = tasks.start().catch((error: unknown) => error)
    let isDone = false
    void tasks.shutdown({ timeoutMs: 0 }).then(() => (isDone = true))
    await clock.advance(2_000)
    expect([isDone, closed]).toEqual([true, 0])
    open()
    expect(await starting).toEqual(withCode('shut_down'))
    expect(closed).toBe(1)
    await expect(tasks.enqueue('x')).rejects.toBeDefined()
    expect(clock.pending).toBe(0)
  })

  it('does not go on with a start that it overtakes', async () => {
    const clock = createFakeClock()
    let beat: () => void = () => undefined
    const store = memory()
    const workers = {
      beat: () => new Promise<void>((resolve) => (beat = resolve)),
      list: () => store.workers.list(),
      register: (functions: WorkerFunctions) => store.workers.register(functions),
      functions: () => store.workers.functions(),
      remove: (id: string) => store.workers.remove(id),
    }
    const tasks = openManager({ clock, store: { ...store, workers }, retention: { days: 1 } })
    const work = scriptedTask([{ returns: 1 }])
    tasks.schedule('tick', { every: '1s', runOnStartup: true }, work.run)
    const starting = tasks.start()
    await clock.advance(0)
    const ending = tasks.shutdown({ timeoutMs: 0 })
    beat()
    await Promise.all([ending, starting])
    await clock.advance(60_000)
    expect(work.calls).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it.each(['rejects', 'throws', 'never answers'] as const)(
    'resolves although every call of the store %s',
    async (how) => {
      const clock = createFakeClock()
      const { store, breakDown } = breaking(how)
      const tasks = openManager({ clock, store })
      const work = scriptedTask([{ holds: true }])
      tasks.define('work', work.run)
      await tasks.start()
      await tasks.enqueue('work')
      const waiting = tasks.wait((await tasks.list()).tasks[0]?.taskId ?? '').catch((error: unknown) => error)
      breakDown()
      const asked = tasks.enqueue('work').catch((error: unknown) => error)
      const faults: string[] = []
      tasks.on('error', ({ during }) => faults.push(during))
      let isDone = false
      const both = [tasks.shutdown({ timeoutMs: 1_000 }), tasks.shutdown({ timeoutMs: 1 })]
      void Promise.all(both).then(() => (isDone = true))
      await clock.advance(1_000 + 250 + 3 * 1_000)
      expect(isDone).toBe(true)
      expect(await waiting).toBeInstanceOf(Error)
      if (how !== 'never answers') {
        expect(await asked).toEqual(withCode('store_failed'))
        expect(faults).toContain('shutting down')
      }
      await clock.advance(60_000)
      expect(clock.pending).toBe(0)
    },
  )

  it('resolves although its file is gone', async () => {
    const file = join(folder, 'gone.db')
    const tasks = openManager({ store: file })
    const work = scriptedTask([{ holds: true }])
    tasks.define('work', work.run)
    await tasks.start()
    await tasks.enqueue('work')
    for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true })
    await tasks.shutdown({ timeoutMs: 0 })
    await expect(tasks.enqueue('work')).rejects.toEqual(withCode('shut_down'))
  })

  it('reads its option at the door', async () => {
    const tasks = openManager()
    for (const timeoutMs of [-1, Number.NaN, Number.POSITIVE_INFINITY, '5' as unknown as number]) {
      await expect(tasks.shutdown({ timeoutMs })).rejects.toEqual(withCode('bad_option'))
    }
    await expect(tasks.shutdown({ timeout: 5 } as never)).rejects.toEqual(withCode('bad_option'))
    await tasks.start()
  })

  it.each(['ends', 'stops_while_starting', 'never_starts', 'starts_too_late'])(
    'lets a process end by itself: %s',
    async (story) => {
      const script = join(import.meta.dirname, 'shutdown-script.mjs')
      const host = promisify(execFile)(process.execPath, [script, story, join(folder, `${story}.db`)], {
        timeout: 20_000,
      })
      expect(await host).toMatchObject({ stdout: 'done\n', stderr: '' })
    },
    30_000,
  )
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

function breaking(how: 'rejects' | 'throws' | 'never answers'): { readonly store: Store; breakDown(): void } {
  const store = memory()
  let isBroken = false
  const fail = (): Promise<never> => {
    if (how === 'never answers') return new Promise(() => undefined)
    if (how === 'throws') throw new Error('broken')
    return Promise.reject(new Error('broken'))
  }
  const guard = <T extends object>(part: T): T =>
    new Proxy(part, {
      get(target, key) {
        const member: unknown = Reflect.get(target, key)
        if (typeof member !== 'function') return member
        const call = member as (...all: unknown[]) => unknown
        return (...args: unknown[]) => (isBroken ? fail() : call.apply(target, args))
      },
    })
  const { tasks, schedules, workers, locks, views } = store
  return {
    store: {
      ...store,
      tasks: guard(tasks),
      schedules: guard(schedules),
      workers: guard(workers),
      locks: guard(locks),
      views: guard(views),
      close: () => (isBroken ? fail() : store.close()),
    },
    breakDown: () => void (isBroken = true),
  }
}
