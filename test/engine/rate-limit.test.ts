import { join } from 'node:path'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { nextTokenAt, returnToken, takeToken } from '../../packages/engine/src/core/rate-limit.ts'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { openManager, withCode } from './open-manager.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

describe('a bucket of tokens', () => {
  it('gives its whole content at once and then one after the other', () => {
    const limit = { max: 3, perMs: 1_000 }
    const taken: number[] = []
    let fullAt = Number.NEGATIVE_INFINITY
    for (let now = 5_000; taken.length < 6; now = Math.max(now, nextTokenAt(limit, fullAt, now))) {
      taken.push(now)
      fullAt = takeToken(limit, fullAt, now)
    }
    expect(taken).toEqual([5_000, 5_000, 5_000, 5_334, 5_667, 6_000])
  })

  it('never gives more than was in it and has fallen into it, over any stretch of time', () => {
    const limits = fc.record({ max: fc.integer({ min: 1, max: 50 }), perMs: fc.integer({ min: 1, max: 5_000 }) })
    fc.assert(
      fc.property(limits, fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 120 }), (limit, pauses) => {
        const taken: number[] = []
        let now = 1_700_000_000_000
        let fullAt = Number.NEGATIVE_INFINITY
        for (const pause of pauses) {
          now += pause
          if (nextTokenAt(limit, fullAt, now) > now) continue
          fullAt = takeToken(limit, fullAt, now)
          taken.push(now)
        }
        for (const [from, start] of taken.entries()) {
          for (let to = from; to < taken.length; to += 1) {
            const fallen = ((taken[to]! - start) * limit.max) / limit.perMs
            expect(to - from + 1).toBeLessThanOrEqual(limit.max + fallen + 0.1)
          }
        }
      }),
    )
  })

  it('takes a token back, and waits no longer than one period for a clock that was set back', () => {
    const limit = { max: 1, perMs: 1_000 }
    const empty = takeToken(limit, Number.NEGATIVE_INFINITY, 90_000)
    expect(nextTokenAt(limit, empty, 90_000)).toBe(91_000)
    expect(nextTokenAt(limit, returnToken(limit, empty), 90_000)).toBeLessThanOrEqual(90_000)
    expect(nextTokenAt(limit, empty, 10_000)).toBe(11_000)
  })
})

describe('the rate of a function', () => {
  it('lets a burst through and then one task after the other, each attempt counted', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock })
    const starts: [number, number][] = []
    const begun = clock.now()
    const call = tasks.define('call', { rateLimit: { max: 2, per: '1s' }, retries: 1, delay: 0 }, (index: number) => {
      starts.push([index, clock.now() - begun])
      if (starts.length === 1) throw new Error('once')
    })
    await tasks.start()
    await Promise.all([0, 1, 2].map((index) => call.enqueue(index)))
    await clock.advance(499)
    expect(starts.map(([index]) => index)).toEqual([0, 1])
    await clock.advance(1_501)
    await tasks.idle()
    expect(starts).toEqual([
      [0, 0],
      [1, 0],
      [2, 500],
      [0, 1_000],
    ])
  })

  it('holds up no other function, and keeps priority and age', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock })
    const order: string[] = []
    const slow = tasks.define('slow', { rateLimit: { max: 1, per: '10s' } }, (name: string) => void order.push(name))
    const free = tasks.define('free', (name: string) => void order.push(name))
    await tasks.start()
    await slow.enqueue('first')
    await clock.advance(0)
    await slow.enqueue('old')
    await slow.enqueue('older than urgent')
    await slow.with({ priority: 5 }).enqueue('urgent')
    await free.enqueue('free')
    await clock.advance(9_999)
    expect(order).toEqual(['first', 'free'])
    await clock.advance(20_001)
    expect(order).toEqual(['first', 'free', 'urgent', 'old', 'older than urgent'])
  })

  it('takes no token for a task that was there already', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock })
    const ran: string[] = []
    const call = tasks.define('call', { rateLimit: { max: 2, per: '1h' } }, (name: string) => void ran.push(name))
    await tasks.start()
    await clock.advance(0)
    await call.with({ idempotencyKey: 'one' }).enqueue('a')
    expect(await call.with({ idempotencyKey: 'one' }).enqueue('a')).toMatchObject({ deduplicated: true })
    await call.enqueue('b')
    await clock.advance(0)
    expect(ran).toEqual(['a', 'b'])
  })
})

describe('the limits of a queue', () => {
  it('count its tasks of all functions, and of none other', async () => {
    const tasks = openManager({ queues: { mail: { concurrency: 2 } } })
    const letter = scriptedTask([{ holds: true }])
    const note = scriptedTask([{ holds: true }])
    tasks.define('letter', { queue: 'mail' }, letter.run)
    tasks.define('note', { queue: 'mail' }, note.run)
    await tasks.start()
    const names = ['letter', 'note', 'letter', 'note']
    await tasks.enqueueMany(names.map((name) => ({ name })))
    await tasks.enqueue('letter', [], { queue: 'elsewhere' })
    await vi.waitFor(() => expect([letter.held, note.held]).toEqual([2, 1]))
    letter.release()
    await vi.waitFor(() => expect(letter.calls.length + note.calls.length).toBe(4))
    while (letter.held + note.held > 0) {
      if (letter.held > 0) letter.release()
      if (note.held > 0) note.release()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await tasks.idle()
    expect([letter.calls.length, note.calls.length]).toEqual([3, 2])
  })

  it.each(['memory', 'sqlite'])('slow it down over all functions, on %s', async (kind) => {
    const folder = mkdtempSync(join(tmpdir(), 'taskloom-rate-'))
    folders.push(folder)
    const clock = createFakeClock()
    const store = kind === 'sqlite' ? { store: join(folder, 'tasks.db') } : {}
    const tasks = openManager({ ...store, clock, queues: { api: { rateLimit: { max: 1, per: '1s' } } } })
    const begun = clock.now()
    const starts: [string, number][] = []
    const note = (name: string) => () => void starts.push([name, clock.now() - begun])
    tasks.define('a', { queue: 'api' }, note('a'))
    tasks.define('b', { queue: 'api' }, note('b'))
    for (const name of ['a', 'b', 'b', 'a']) await tasks.enqueue(name)
    await tasks.start()
    for (const [passed, count] of [
      [0, 1],
      [1_000, 2],
      [1_000, 3],
      [1_000, 4],
    ] as const) {
      await clock.advance(passed)
      await vi.waitFor(() => expect(starts).toHaveLength(count))
    }
    expect(starts.map(([name]) => name)).toEqual(['a', 'b', 'b', 'a'])
    expect(starts.map(([, at]) => at)).toEqual([0, 1_000, 2_000, 3_000])
  })

  it('leave a function’s tasks in other queues alone, however many wait', async () => {
    const tasks = openManager({ queues: { narrow: { concurrency: 1 } } })
    const work = scriptedTask([{ holds: true }])
    const call = tasks.define('call', { queue: 'narrow' }, work.run)
    await tasks.start()
    await Promise.all(Array.from({ length: 1_500 }, () => call.with({ priority: 9 }).enqueue('narrow')))
    await call.with({ queue: 'wide' }).enqueue('wide')
    await vi.waitFor(() => expect(work.calls).toEqual([['narrow'], ['wide']]))
  })
})

describe('limits that are none', () => {
  it.each([
    [{ rateLimit: { max: 0, per: '1s' } }, 'rateLimit.max'],
    [{ rateLimit: { max: 1, per: 0 } }, 'rateLimit.per'],
    [{ rateLimit: { max: 1, per: '2d' } }, 'rateLimit.per'],
    [{ rateLimit: { max: 1, per: '1s', burst: 3 } }, 'burst'],
    [{ rateLimit: 5 }, 'options'],
  ])('are refused by define: %j', (options, option) => {
    const tasks = openManager()
    expect(() => tasks.define('call', options as never, () => undefined)).toThrow(withCode('bad_option'))
    expect(() => tasks.define('call', options as never, () => undefined)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ option }) }),
    )
  })

  it.each([[[]], [{ mail: 5 }], [{ mail: { concurrency: 0 } }], [{ mail: { speed: 1 } }], [{ '': {} }]])(
    'are refused by the manager: %j',
    (queues) => {
      expect(() => openManager({ queues: queues as never })).toThrow(withCode('bad_option'))
    },
  )
})
