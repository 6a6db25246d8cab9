import { Writable } from 'node:stream'
import {
  memory,
  memoryLogger,
  progress,
  stdoutLogger,
  taskContext,
  taskLog,
  type EngineFault,
  type Observer,
  type ObserverEvent,
} from '@taskloom/engine'
import { createFakeClock } from '@taskloom/testkit'
import { describe, expect, it, vi } from 'vitest'
import { openManager, withCode } from './open-manager.ts'

describe('observers', () => {
  it('hear of a task from its creation to its cleanup, which is the last', async () => {
    const memory = memoryLogger()
    const tasks = openManager({ observers: [memory] })
    const work = tasks.define('work', async () => {
      taskLog('begun')
      progress(50)
      await new Promise((resolve) => setImmediate(resolve))
      await new Promise((resolve) => setImmediate(resolve))
      taskLog('nearly there')
      return { rows: 3 }
    })
    await tasks.start()
    await work.with({ affected: ['Book 1'] }).enqueue()
    await expect.poll(() => memory.events.at(-1)?.kind).toBe('cleanup')
    expect(memory.events.map(({ kind }) => kind)).toEqual(['create', 'log', 'progress', 'log', 'complete', 'cleanup'])
    expect(memory.events.at(-1)).toMatchObject({ affected: ['Book 1'], result: '{"rows":3}' })
    expect(memory.events[1]).toMatchObject({ funcName: 'work', entries: [{ line: 1, message: 'begun' }] })
  })

  it('hear of a failure and of a waiting task that was cancelled', async () => {
    const memory = memoryLogger()
    const tasks = openManager({ observers: [memory] })
    const fail = tasks.define('fail', () => {
      throw new Error('no')
    })
    await tasks.start()
    const failed = await fail.enqueue()
    const waiting = await fail.with({ delay: '1h' }).enqueue()
    await tasks.cancel(waiting.id)
    await expect.poll(() => memory.events.filter(({ kind }) => kind === 'cleanup')).toHaveLength(2)
    const kindsOf = (id: string) => memory.events.filter((event) => idOf(event) === id).map(({ kind }) => kind)
    expect(kindsOf(failed.id)).toEqual(['create', 'fail', 'cleanup'])
    expect(kindsOf(waiting.id)).toEqual(['create', 'log', 'fail', 'cleanup'])
  })

  it('hear the end of a task behind lines that the store took late', async () => {
    const clock = createFakeClock()
    const store = memory()
    const append = store.tasks.appendLogs.bind(store.tasks)
    let refusals = 1
    store.tasks.appendLogs = (...lines) => {
      refusals -= 1
      return refusals < 0 ? append(...lines) : Promise.reject(new Error('not now'))
    }
    const observed = memoryLogger()
    const tasks = openManager({ clock, store, observers: [observed] })
    const work = tasks.define('work', async () => {
      taskLog('late')
      await new Promise((resolve) => setImmediate(resolve))
      await new Promise((resolve) => setImmediate(resolve))
    })
    await tasks.start()
    const kinds = () => observed.events.map(({ kind }) => kind)
    await tasks.wait((await work.enqueue()).id)
    await expect.poll(kinds).toEqual(['create'])
    await clock.advance(250)
    await expect.poll(kinds).toEqual(['create', 'log', 'complete', 'cleanup'])

    refusals = Number.POSITIVE_INFINITY
    await tasks.wait((await work.enqueue()).id)
    await tasks.shutdown()
    expect(kinds().slice(4)).toEqual(['create', 'complete', 'cleanup'])
  })

  it('hear what an operator notes before the end, and nothing behind it', async () => {
    const observed = memoryLogger()
    const tasks = openManager({ observers: [observed] })
    const work = tasks.define('work', () => {
      const { signal } = taskContext()!
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))
    })
    const fail = tasks.define('fail', () => {
      throw new Error('no')
    })
    await tasks.start()
    const kindsOf = (id: string) => observed.events.filter((event) => idOf(event) === id).map(({ kind }) => kind)
    const { id } = await work.enqueue()
    await expect.poll(async () => (await tasks.get(id))?.status).toBe('running')
    await tasks.cancel(id)
    await tasks.wait(id)
    await expect.poll(() => kindsOf(id)).toEqual(['create', 'log', 'fail', 'cleanup'])
    const failed = await fail.enqueue()
    await tasks.wait(failed.id)
    const again = await tasks.retry(failed.id)
    await expect.poll(() => kindsOf(again.taskId).at(-1)).toBe('cleanup')
    expect(kindsOf(failed.id)).toEqual(['create', 'fail', 'cleanup'])
    expect((await tasks.source.detail(failed.id)).logs).toHaveLength(1)
  })

  it('hurt nobody when they throw, reject or hang', async () => {
    const clock = createFakeClock()
    const memory = memoryLogger()
    const hanging = observer('hanging', () => new Promise<void>(() => undefined))
    const throwing = observer('throwing', () => {
      throw new Error('thrown')
    })
    const rejecting = observer('rejecting', () => Promise.reject(new Error('rejected')))
    const tasks = openManager({ clock, observers: [throwing, rejecting, hanging, memory] })
    const faults: EngineFault[] = []
    tasks.on('error', (fault) => faults.push(fault))
    const work = tasks.define('work', () => 1)
    await tasks.start()
    const { id } = await work.enqueue()
    expect((await tasks.wait(id)).status).toBe('success')
    await expect.poll(() => memory.events.map(({ kind }) => kind)).toEqual(['create', 'complete', 'cleanup'])
    const failures = () => tasks.observers().map(({ failed }) => failed)
    await expect.poll(failures).toEqual([3, 3, 0, 0])
    expect(faults).toContainEqual({ during: 'observer throwing', error: new Error('thrown'), taskId: id })
    expect(tasks.observers()[2]).toMatchObject({ name: 'hanging', waiting: 3 })
    await clock.advance(30_000)
    await expect.poll(failures).toEqual([3, 3, 1, 0])
    expect(tasks.observers()[2]).toMatchObject({ waiting: 2 })
    const stopping = tasks.shutdown({ timeoutMs: 0 })
    await clock.advance(10_000)
    await stopping
  })

  it('that fall behind lose events, details first, and it is counted and told once', async () => {
    let letGo: () => void = () => undefined
    const heard: ObserverEvent[] = []
    const gate = new Promise<void>((resolve) => (letGo = resolve))
    const slow = observer('slow', async (event) => {
      heard.push(event)
      await gate
    })
    const tasks = openManager({ observers: [slow] })
    const faults: EngineFault[] = []
    tasks.on('error', (fault) => faults.push(fault))
    const noisy = tasks.define('noisy', () => {
      for (let line = 0; line < 5_000; line += 1) taskLog(`line ${line}`)
    })
    await tasks.start()
    for (let count = 0; count < 3; count += 1) await tasks.wait((await noisy.enqueue()).id)
    expect(tasks.observers()[0]).toMatchObject({ dropped: 5_000 })
    expect(faults.map(({ during }) => during)).toEqual(['observer slow'])
    letGo()
    await expect.poll(() => tasks.observers()[0]?.waiting).toBe(0)
    expect(heard.filter(({ kind }) => kind === 'cleanup')).toHaveLength(3)
    expect(heard.filter(({ kind }) => kind === 'log')).toHaveLength(2)
  })

  it('get the rest and are closed at shutdown', async () => {
    const heard: string[] = []
    const polite: Observer = {
      name: 'polite',
      hears: ['complete'],
      observe: async ({ kind }) => {
        await new Promise((resolve) => setImmediate(resolve))
        heard.push(kind)
      },
      close: () => void heard.push('closed'),
    }
    const tasks = openManager({ observers: [polite] })
    const work = tasks.define('work', () => undefined)
    await tasks.start()
    for (const { id } of await Promise.all([work.enqueue(), work.enqueue()])) await tasks.wait(id)
    await tasks.shutdown()
    expect(heard).toEqual(['complete', 'complete', 'closed'])
  })

  it('are refused when they are none', () => {
    const fine = observer('fine', () => undefined)
    for (const observers of [[{}], 'file', [{ ...fine, hears: ['everything'] }], [fine, fine]]) {
      expect(() => openManager({ observers: observers as unknown as Observer[] })).toThrow(withCode('bad_option'))
    }
    expect(() => memoryLogger({ limit: 0 })).toThrow(withCode('bad_option'))
  })
})

describe('the memory logger', () => {
  it('keeps the newest', async () => {
    const memory = memoryLogger({ limit: 4 })
    const tasks = openManager({ observers: [memory] })
    const work = tasks.define('work', () => undefined)
    await tasks.start()
    for (let count = 0; count < 5; count += 1) await tasks.wait((await work.enqueue()).id)
    await expect.poll(() => tasks.observers()[0]?.waiting).toBe(0)
    expect(memory.events.map(({ kind }) => kind)).toEqual(['cleanup', 'create', 'complete', 'cleanup'])
    memory.clear()
    expect(memory.events).toEqual([])
  })
})

describe('the stdout logger', () => {
  it('writes lines that no task can forge, and waits for a stream that is full', async () => {
    const chunks: string[] = []
    const release: (() => void)[] = []
    const stream = new Writable({
      highWaterMark: 1,
      write(chunk, _encoding, done) {
        chunks.push(String(chunk))
        release.push(done)
      },
    })
    const tasks = openManager({ observers: [stdoutLogger({ stream, minLevel: 'warning' })] })
    const work = tasks.define('work', () => {
      taskLog('quiet')
      taskLog('evil\n2026 INFO forged \u001b[2J', { level: 'warning', row: 1 })
      throw new Error('broken')
    })
    await tasks.start()
    const { id } = await work.enqueue()
    await vi.waitFor(() => expect(chunks).toHaveLength(1))
    expect(chunks[0]).toContain(`WARNING work ${id} evil\\n2026 INFO forged \\u001b[2J {"row":1}\n`)
    expect(chunks[0]?.split('\n')).toHaveLength(2)
    release.shift()?.()
    await vi.waitFor(() => expect(chunks).toHaveLength(2))
    expect(chunks[1]).toMatch(/ ERROR work \S+ failed after \d+ ms: broken\n$/)
    release.shift()?.()
  })

  it('does not take a closed pipe for the end of the world', async () => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) })
    const tasks = openManager({ observers: [stdoutLogger({ stream, format: 'json' })] })
    const faults: EngineFault[] = []
    tasks.on('error', (fault) => faults.push(fault))
    const work = tasks.define('work', () => undefined)
    await tasks.start()
    await work.enqueue()
    await vi.waitFor(() => expect(faults.map(({ during }) => during)).toContain('observer stdout'))
    expect((await tasks.wait((await work.enqueue()).id)).status).toBe('success')
  })
})

function observer(name: string, observe: Observer['observe']): Observer {
  return { name, observe }
}

function idOf(event: ObserverEvent): string {
  return event.kind === 'log' ? event.taskId : event.task.taskId
}
