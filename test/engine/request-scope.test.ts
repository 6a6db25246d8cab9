import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isHeld } from '@taskloom/protocol'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { openShop } from './host-shop.ts'
import { openManager, withCode } from './open-manager.ts'

let folder: string
let files = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taskloom-request-'))
})
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))

function newFile(): string {
  files += 1
  return join(folder, `${files}.db`)
}

/** A response of which the test says when it is over. */
function openResponse() {
  const listeners: (() => void)[] = []
  return {
    writableFinished: false,
    once: (_event: 'finish' | 'close', listener: () => void) => listeners.push(listener),
    end(): void {
      this.writableFinished = true
      for (const listener of listeners) listener()
    },
    get listeners() {
      return listeners.length
    },
  }
}

/** A started manager with a clock that stands still, one function, and what it was called with. */
async function openScene(options: Parameters<typeof openManager>[0] = {}) {
  const clock = createFakeClock(Date.now())
  const tasks = openManager({ clock, ...options })
  const order: string[] = []
  const note = tasks.define('note', (word: string) => void order.push(word))
  await tasks.start()
  return { clock, tasks, order, note }
}

describe('a request', () => {
  it('holds tasks until its response is over, at most thirty seconds', async () => {
    const { clock, tasks, order, note } = await openScene()
    await tasks.inRequest(openResponse(), () => note.enqueue('first'))
    await clock.advance(29_999)
    expect(order).toEqual([])
    await clock.advance(1)
    expect(order).toEqual(['first'])
  })

  it('is waited for by idle until the time is over, and what it held has run', async () => {
    const { clock, tasks, order, note } = await openScene()
    await tasks.inRequest(openResponse(), () => note.enqueue('held'))
    const idle = tasks.idle().then(() => order.push('idle'))
    await clock.advance(30_000)
    await idle
    expect(order).toEqual(['held', 'idle'])
  })

  it('holds for thirty seconds in all: a stream that goes on does not hold up what comes later', async () => {
    const { clock, tasks, order, note } = await openScene()
    await tasks.inRequest(openResponse(), async () => {
      await note.enqueue('first')
      await clock.advance(20_000)
      await note.enqueue('second')
      await clock.advance(10_000)
      expect(order).toEqual(['first', 'second'])
      await note.enqueue('third')
      await clock.advance(0)
      expect(order).toEqual(['first', 'second', 'third'])
    })
  })

  it('leaves delayed tasks their time, before and after its end', async () => {
    const { clock, tasks, order, note } = await openScene()
    const response = openResponse()
    await tasks.inRequest(response, async () => {
      await note.with({ delay: '5s' }).enqueue('delayed')
      await note.with({ runAt: clock.now() + 20_000 }).enqueue('planned')
      await note.with({ runAt: clock.now() - 1 }).enqueue('of the past')
      await clock.advance(5_000)
      expect(order).toEqual(['delayed'])
    })
    response.end()
    await clock.advance(14_999)
    expect(order).toEqual(['delayed', 'of the past'])
    await clock.advance(1)
    expect(order).toEqual(['delayed', 'of the past', 'planned'])
  })

  it('holds nothing once its response is over', async () => {
    const { clock, tasks, order, note } = await openScene()
    const response = openResponse()
    await tasks.inRequest(response, async () => {
      response.end()
      await note.enqueue('late')
      await clock.advance(0)
      expect(order).toEqual(['late'])
    })
    await tasks.inRequest(response, () => note.enqueue('later'))
    await clock.advance(0)
    expect(order).toEqual(['late', 'later'])
  })

  it('ends while its task is on the way to the store, and loses none', async () => {
    const { clock, tasks, order, note } = await openScene()
    const response = openResponse()
    const stored = tasks.inRequest(response, () => note.enqueue('held'))
    response.end()
    await stored
    await clock.advance(0)
    expect(order).toEqual(['held'])
  })

  it('starts the most urgent first, and equals in the order of arrival', async () => {
    const { clock, tasks, order, note } = await openScene({ concurrency: 1 })
    const response = openResponse()
    await tasks.inRequest(response, async () => {
      await note.enqueue('a')
      await note.enqueue('b')
      await note.with({ priority: 5 }).enqueue('urgent')
    })
    response.end()
    await clock.advance(0)
    expect(order).toEqual(['urgent', 'a', 'b'])
  })

  it('holds once what goes through two of them', async () => {
    const { clock, tasks, order, note } = await openScene()
    const response = openResponse()
    await tasks.inRequest(response, () => tasks.inRequest(response, () => note.enqueue('held')))
    expect(response.listeners).toBe(2)
    response.end()
    await clock.advance(60_000)
    expect(order).toEqual(['held'])
  })

  it('refuses what tells of no end', () => {
    const tasks = openManager()
    expect(() => tasks.inRequest({} as never, () => undefined)).toThrow(withCode('bad_option'))
  })
})

describe('eager', () => {
  it('starts a task at once, of a function or alone, and can be taken back', async () => {
    const { clock, tasks, order, note } = await openScene()
    const eager = tasks.define('eager', { eager: true }, (word: string) => void order.push(word))
    const response = openResponse()
    await tasks.inRequest(response, async () => {
      await note.with({ eager: true }).enqueue('one')
      await tasks.enqueue(note, ['two'], { eager: true })
      await tasks.enqueueMany([{ name: 'note', args: ['three'], options: { eager: true } }])
      await eager.enqueue('four')
      await eager.with({ eager: false }).enqueue('held')
      await tasks.enqueueMany([{ name: 'note', args: ['held, too'] }])
      await clock.advance(0)
    })
    expect(order).toEqual(['one', 'two', 'three', 'four'])
    response.end()
    await clock.advance(0)
    expect(order).toEqual(['one', 'two', 'three', 'four', 'held', 'held, too'])
  })

  it('is shown of the function, and asked of a schedule only when it is enqueued by hand', async () => {
    const { clock, tasks, order, note } = await openScene()
    const every = tasks.schedule('every', { every: '10s' }, () => void order.push('every'))
    const eager = tasks.schedule('eager', { every: '1h', eager: true }, () => void order.push('eager'))
    await tasks.inRequest(openResponse(), async () => {
      await every.enqueue()
      await eager.enqueue()
      await note.enqueue('held')
      await clock.advance(10_000)
    })
    expect(order).toEqual(['eager', 'every'])
    const views = await tasks.source.functions()
    expect(views.map(({ funcName, eager }) => [funcName, eager])).toEqual([
      ['note', false],
      ['every', false],
      ['eager', true],
    ])
  })

  it.each(['yes', 1, null])('is true or false, not %j', async (eager) => {
    const { tasks, note } = await openScene()
    const options = { eager: eager as unknown as boolean }
    await expect(note.with(options).enqueue('x')).rejects.toThrow(withCode('bad_option'))
    expect(() => tasks.define('other', options, () => undefined)).toThrow(withCode('bad_option'))
  })
})

describe('a held task', () => {
  it('is shown as held, not as delayed, until it is let go', async () => {
    const { clock, tasks, note } = await openScene({ store: newFile() })
    const response = openResponse()
    const { id } = await tasks.inRequest(response, () => note.enqueue('held'))
    const delayed = await note.with({ delay: '1h' }).enqueue('delayed')
    const eventsOf = async (taskId: string) => (await tasks.source.detail(taskId)).timeline.map(({ event }) => event)
    expect(isHeld((await tasks.get(id))!)).toBe(true)
    expect(isHeld((await tasks.get(delayed.id))!)).toBe(false)
    expect(await eventsOf(id)).toEqual(['created', 'held'])
    expect(await eventsOf(delayed.id)).toEqual(['created', 'delayed'])
    await clock.advance(2_000)
    response.end()
    await tasks.idle()
    expect(isHeld((await tasks.get(id))!)).toBe(false)
    expect(await eventsOf(id)).toEqual(['created', 'started', 'succeeded'])
  })

  it('is waited for by idle, until it has run', async () => {
    const { tasks, order, note } = await openScene()
    const response = openResponse()
    await tasks.inRequest(response, () => note.enqueue('held'))
    const idle = tasks.idle().then(() => order.push('idle'))
    await note.with({ eager: true }).enqueue('outside')
    await vi.waitFor(() => expect(order).toEqual(['outside']))
    response.end()
    await idle
    expect(order).toEqual(['outside', 'held', 'idle'])
  })

  it('does not hold what it enqueues itself, nor does a request that its function makes a task in', async () => {
    const { clock, tasks, order, note } = await openScene({ carryContext: true })
    const parent = tasks.define('parent', async () => {
      await note.enqueue('child')
      await tasks.inRequest(openResponse(), () => note.enqueue('child of a request'))
    })
    await tasks.inRequest(openResponse(), () => parent.with({ eager: true }).enqueue())
    await clock.advance(0)
    expect(order).toEqual(['child', 'child of a request'])
  })

  it('is what a duplicate gets, which holds nothing', async () => {
    const { clock, tasks, order, note } = await openScene()
    const keyed = note.with({ idempotencyKey: 'k' })
    const [first, second] = [openResponse(), openResponse()]
    const { id } = await tasks.inRequest(first, () => keyed.enqueue('held'))
    expect(await tasks.inRequest(second, () => keyed.enqueue('again'))).toEqual({ id, deduplicated: true })
    second.end()
    await clock.advance(0)
    expect(order).toEqual([])
    first.end()
    await tasks.idle()
    expect(order).toEqual(['held'])
    await tasks.inRequest(openResponse(), () => keyed.enqueue('again'))
    await tasks.idle()
    expect(order).toEqual(['held'])
  })

  it('that is refused leaves nothing to wait for', async () => {
    const { tasks } = await openScene({ maxPending: 1 })
    const note = tasks.define('other', () => undefined)
    const response = openResponse()
    await tasks.inRequest(response, () => note.enqueue())
    const refused = tasks.inRequest(response, () => note.enqueue())
    await expect(refused).rejects.toThrow(withCode('too_many_pending'))
    response.end()
    await tasks.idle()
  })

  it('may be cancelled, or run by hand, before the end', async () => {
    const { clock, tasks, order, note } = await openScene()
    const response = openResponse()
    const [a, b] = await tasks.inRequest(response, async () => [await note.enqueue('a'), await note.enqueue('b')])
    await tasks.cancel(a.id)
    await tasks.source.runNow(b.id, { actor: 'ann', reason: null })
    await clock.advance(0)
    expect(order).toEqual(['b'])
    response.end()
    await clock.advance(60_000)
    expect(order).toEqual(['b'])
    expect(await tasks.get(a.id)).toMatchObject({ status: 'cancelled' })
  })

  it('starts at once beyond ten thousand of them', { timeout: 60_000 }, async () => {
    const { clock, tasks, order, note } = await openScene()
    const response = openResponse()
    const many = Array.from({ length: 10_000 }, (_, index) => ({ name: 'note', args: [String(index)] }))
    await tasks.inRequest(response, async () => {
      await tasks.enqueueMany(many)
      await note.enqueue('one too many')
      await clock.advance(0)
    })
    expect(order).toEqual(['one too many'])
    response.end()
    await tasks.idle()
    expect(order).toHaveLength(10_001)
  })
})

describe('a transaction of the host in a request', () => {
  it('has its task held from its commit on, unless it is eager', async () => {
    const { tasks, sent, sendMail, db } = await openShop()
    const response = openResponse()
    const place = db.transaction(() => [
      sendMail.enqueueIn(db, 1),
      sendMail.with({ eager: true }).enqueueIn(db, 2),
      tasks.enqueueIn(db, sendMail, [3]),
    ])
    const [held] = tasks.inRequest(response, () => place())
    await vi.waitFor(() => expect(sent).toEqual([2]))
    expect(isHeld((await tasks.get(held!.id))!)).toBe(true)
    response.end()
    await tasks.idle()
    expect(sent).toEqual([2, 1, 3])
  })

  it('loses nothing when the response ends before its commit, and holds nothing after a rollback', async () => {
    const { tasks, sent, sendMail, db } = await openShop()
    const response = openResponse()
    db.exec('BEGIN IMMEDIATE')
    tasks.inRequest(response, () => sendMail.enqueueIn(db, 1))
    response.end()
    db.exec('COMMIT')
    await tasks.idle()
    expect(sent).toEqual([1])
    db.exec('BEGIN IMMEDIATE')
    tasks.inRequest(openResponse(), () => sendMail.enqueueIn(db, 2))
    db.exec('ROLLBACK')
    await tasks.idle()
    expect(sent).toEqual([1])
  })
})

describe('between processes', () => {
  it('a held task is left alone by others, and started by one of them when nobody else does', async () => {
    const clock = createFakeClock(Date.now())
    const store = newFile()
    const [a, b] = [await openScene({ clock, store }), await openScene({ clock, store })]
    const response = openResponse()
    await a.tasks.inRequest(response, () => a.note.enqueue('answered'))
    await clock.advance(20_000)
    expect([a.order, b.order]).toEqual([[], []])
    response.end()
    await a.tasks.idle()
    expect([a.order, b.order]).toEqual([['answered'], []])
    await a.tasks.inRequest(openResponse(), () => a.note.enqueue('never answered'))
    await clock.advance(29_999)
    expect([...a.order, ...b.order]).toEqual(['answered'])
    await clock.advance(1)
    await vi.waitFor(() => expect([...a.order, ...b.order]).toEqual(['answered', 'never answered']))
  })

  it('is let go at shutdown, so that another process starts it at its next beat', async () => {
    const clock = createFakeClock(Date.now())
    const store = newFile()
    const [a, b] = [await openScene({ clock, store }), await openScene({ clock, store })]
    const response = openResponse()
    const { id } = await a.tasks.inRequest(response, () => a.note.enqueue('held'))
    await a.tasks.shutdown()
    response.end()
    expect(await b.tasks.get(id)).toMatchObject({ status: 'pending', runAt: null })
    await clock.advance(5_000)
    await vi.waitFor(() => expect(b.order).toEqual(['held']))
    expect(a.order).toEqual([])
  })

  it('kill -9 before the response ends loses nothing', { timeout: 30_000 }, async () => {
    const store = newFile()
    const script = fileURLToPath(new URL('./request-worker.mjs', import.meta.url))
    const child = spawn(process.execPath, [script, store], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [heard] = (await once(child.stdout, 'data')) as [Buffer]
    const id = heard.toString().trim()
    child.kill('SIGKILL')
    await once(child, 'exit')
    const { clock, tasks, order } = await openScene({ store })
    const { runAt } = (await tasks.get(id))!
    expect(runAt! - clock.now()).toBeLessThanOrEqual(30_000)
    await clock.advance(Math.max(0, runAt! - clock.now() - 1))
    expect(order).toEqual([])
    await clock.advance(1)
    await vi.waitFor(() => expect(order).toEqual(['held']))
    await vi.waitFor(async () => expect(await tasks.get(id)).toMatchObject({ status: 'success', attempt: 1 }))
  })
})
