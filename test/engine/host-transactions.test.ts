import { AsyncLocalStorage } from 'node:async_hooks'
import { symlinkSync } from 'node:fs'
import { ConflictError, webhooks } from '@taskloom/engine'
import type Database from 'better-sqlite3'
import { describe, expect, it, vi } from 'vitest'
import { connect, expectExact, nextFile, openShop, turn } from './host-shop.ts'
import { openManager, withCode } from './open-manager.ts'

describe('a commit', () => {
  it('keeps the task with the rows of the host, and it runs at once', async () => {
    const { tasks, sent, told, faults, sendMail, db, order, orders } = await openShop()
    const place = db.transaction((id: number) => {
      order(id)
      return sendMail.enqueueIn(db, id)
    })
    const beganMs = performance.now()
    const { id, deduplicated } = place(7)
    expect(deduplicated).toBe(false)
    expect(told).toEqual([])
    await tasks.idle()
    // Far less than the five seconds of a heartbeat, which would find it, too.
    expect(performance.now() - beganMs).toBeLessThan(2_500)
    expect(sent).toEqual([7])
    expect(told).toEqual([id])
    expect(orders()).toEqual([7])
    expect(await tasks.get(id)).toMatchObject({ status: 'success', args: '[7]', source: 'manual' })
    await expectExact(tasks)
    expect(faults).toEqual([])
  })

  it('takes all that one transaction enqueued, in their order', async () => {
    const { tasks, sent, told, sendMail, db } = await openShop({ concurrency: 3 })
    const numbers = Array.from({ length: 700 }, (_, index) => index)
    const answers = db.transaction(() => numbers.map((n) => tasks.enqueueIn(db, sendMail, [n])))()
    await tasks.idle()
    expect(sent).toEqual(numbers)
    expect(told).toEqual(answers.map(({ id }) => id))
    await expectExact(tasks)
  })

  it('takes every option', async () => {
    const { tasks, sendMail, db, sent } = await openShop()
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const runAt = new Date(Date.now() + 3_600_000)
    const { id } = db.transaction(() =>
      sendMail
        .with({
          priority: 5,
          queue: 'mail',
          tags: { shop: 'x' },
          user: 'ann',
          affected: ['Order 1'],
          runAt,
          traceparent,
        })
        .enqueueIn(db, 1),
    )()
    await tasks.idle()
    expect(sent).toEqual([])
    expect(await tasks.get(id)).toMatchObject({
      status: 'pending',
      priority: 5,
      queue: 'mail',
      tags: { shop: 'x' },
      userLabel: 'ann',
      affected: ['Order 1'],
      runAt: runAt.getTime(),
      traceparent,
    })
    await expectExact(tasks)
  })

  it('wakes a delayed task when its time comes', async () => {
    const { tasks, sendMail, db, sent } = await openShop()
    const { id } = db.transaction(() => sendMail.with({ delay: 50 }).enqueueIn(db, 1))()
    expect(await tasks.wait(id)).toMatchObject({ status: 'success' })
    expect(sent).toEqual([1])
  })

  it('is noticed, too, when the transaction stays open over turns of the event loop', async () => {
    const { tasks, sendMail, db, told, sent } = await openShop()
    db.exec('BEGIN IMMEDIATE')
    const { id } = sendMail.enqueueIn(db, 1)
    for (let turns = 0; turns < 5; turns += 1) await turn()
    expect(told).toEqual([])
    expect(await tasks.get(id)).toBeUndefined()
    const meanwhile = Array.from({ length: 100 }, (_, n) => sendMail.enqueue(n + 2))
    let isStored = false
    void Promise.race(meanwhile).then(() => (isStored = true))
    for (let turns = 0; turns < 5; turns += 1) await turn()
    expect(isStored).toBe(false)
    db.exec('COMMIT')
    const ids = (await Promise.all(meanwhile)).map((answer) => answer.id)
    await tasks.idle()
    expect(sent.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 101 }, (_, n) => n + 1))
    expect([...told].sort()).toEqual([id, ...ids].sort())
    await expectExact(tasks)
  })

  it('stores what webhooks want to hear with the task, and a rollback takes it back', async () => {
    // Nobody listens there.
    const secret = 'a secret of more than enough length'
    const hook = webhooks({ url: 'http://127.0.0.1:9/', secret, name: 'hook', events: ['create'] })
    const { db, tasks } = await openShop({ observers: [hook] })
    const messages = db.prepare("SELECT task_id FROM outbox WHERE event = 'create'").pluck()
    const later = db.transaction((fails: boolean) => {
      const { id } = tasks.enqueueIn(db, 'send_mail', [1], { delay: '1h' })
      expect(messages.all()).toEqual([id])
      if (fails) throw new Error('taken back')
      return id
    })
    expect(() => later(true)).toThrow('taken back')
    expect(messages.all()).toEqual([])
    const id = later(false)
    expect(messages.all()).toEqual([id])
  })

  it('is found by the heartbeat where nobody looked', async () => {
    const { file, tasks, db, sent } = await openShop()
    const other = openManager({ store: file })
    other.define('send_mail', () => undefined)
    await other.open()
    const { id } = db.transaction(() => other.enqueueIn(db, 'send_mail', [9]))()
    expect(await tasks.wait(id)).toMatchObject({ status: 'success' })
    expect(sent).toEqual([9])
    await expectExact(tasks)
  }, 15_000)
})

describe('a rollback', () => {
  it('leaves nothing behind: no row, no count, no key, no lock, no event, no start', async () => {
    const { tasks, sent, told, faults, sendMail, db, order, orders } = await openShop()
    const options = { idempotencyKey: 'order 1', locks: ['Order 1'], tags: { a: 'b' } }
    const changes: unknown[] = []
    const place = db.transaction((fails: boolean) => {
      order(1)
      const answer = sendMail.with(options).enqueueIn(db, 1)
      if (fails) throw new Error('no money')
      return answer
    })
    const stop = tasks.source.subscribe((change) => void changes.push(change))
    expect(() => place(true)).toThrow('no money')
    await tasks.idle()
    await turn()
    expect([sent, told, changes, orders()]).toEqual([[], [], [], []])
    expect(db.prepare('SELECT count(*) FROM rollups').pluck().get()).toBe(0)
    expect(db.prepare('SELECT count(*) FROM task_tags').pluck().get()).toBe(0)
    expect(await tasks.locks()).toEqual([])
    expect(await tasks.list()).toMatchObject({ total: 0 })
    expect(place(false)).toMatchObject({ deduplicated: false })
    await tasks.idle()
    expect(sent).toEqual([1])
    await expectExact(tasks)
    expect(faults).toEqual([])
    stop()
  })

  it('of a savepoint takes back only what was enqueued in it', async () => {
    const { tasks, sent, told, sendMail, db } = await openShop()
    const inner = db.transaction((n: number) => {
      sendMail.enqueueIn(db, n)
      if (n % 2 === 0) throw new Error('even')
    })
    db.transaction(() => {
      sendMail.enqueueIn(db, 10)
      for (const n of [1, 2, 3, 4]) {
        try {
          inner(n)
        } catch {
          // Only the savepoint is gone.
        }
      }
    })()
    await tasks.idle()
    expect(sent).toEqual([10, 1, 3])
    expect(told).toHaveLength(3)
    await expectExact(tasks)
  })

  it('after several turns is noticed, too', async () => {
    const { tasks, told, sendMail, db } = await openShop({ maxPending: 1 })
    db.exec('BEGIN IMMEDIATE')
    sendMail.enqueueIn(db, 1)
    expect(() => sendMail.enqueueIn(db, 2)).toThrow(withCode('too_many_pending'))
    for (let turns = 0; turns < 3; turns += 1) await turn()
    db.exec('ROLLBACK')
    await tasks.idle()
    expect(told).toEqual([])
    db.transaction(() => sendMail.enqueueIn(db, 3))()
    await tasks.idle()
    expect(told).toHaveLength(1)
  })

  it('by closing the connection is noticed, too', async () => {
    const { file, tasks, told, sendMail } = await openShop()
    const other = connect(file)
    other.exec('BEGIN IMMEDIATE')
    sendMail.enqueueIn(other, 1)
    await turn()
    other.close()
    await tasks.idle()
    expect(told).toEqual([])
    expect(await tasks.list()).toMatchObject({ total: 0 })
  })
})

describe('inside the transaction', () => {
  it('finds a task by its key: committed, uncommitted, hashed', async () => {
    const { tasks, sent, sendMail, db } = await openShop()
    const bound = sendMail.with({ idempotencyKey: 'order 1' })
    const [first, second] = db.transaction(() => [bound.enqueueIn(db, 1), bound.enqueueIn(db, 1)])()
    expect(second).toEqual({ id: first!.id, deduplicated: true })
    expect(await bound.enqueue(1)).toEqual(second)
    expect(db.transaction(() => bound.enqueueIn(db, 1))()).toEqual(second)
    await tasks.idle()
    expect(sent).toEqual([1])
    expect(db.prepare('SELECT idempotency_key FROM tasks').pluck().all()).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ])
    await expectExact(tasks)
  })

  it('refuses a lock that another task holds, and the host may go on', async () => {
    const { tasks, sendMail, db, order, orders, sent } = await openShop()
    const held: (() => void)[] = []
    const hold = tasks.define('hold', () => new Promise<void>((resolve) => held.push(resolve)))
    const { id } = await hold.with({ locks: ['Order 1'] }).enqueue()
    db.transaction(() => {
      order(1)
      const enqueue = () => sendMail.with({ locks: ['Order 1'], tags: { a: 'b' } }).enqueueIn(db, 1)
      expect(enqueue).toThrow(ConflictError)
      expect(enqueue).toThrow(withCode('conflict_lock'))
      sendMail.with({ locks: ['Order 2'] }).enqueueIn(db, 2)
    })()
    await vi.waitFor(() => expect(sent).toEqual([2]))
    expect(orders()).toEqual([1])
    expect(await tasks.locks()).toMatchObject([{ key: 'Order 1', taskId: id }])
    await vi.waitFor(() => expect(held).toHaveLength(1))
    held[0]?.()
    await tasks.idle()
    await expectExact(tasks)
  })

  it('keeps nothing of a task that could not be written, although the host goes on and commits', async () => {
    const { tasks, sendMail, db, order, orders, told } = await openShop()
    db.exec(
      `CREATE TRIGGER no_tags BEFORE INSERT ON task_tags WHEN NEW.tag_value = 'bad' BEGIN SELECT RAISE(FAIL, 'no'); END`,
    )
    db.transaction(() => {
      order(1)
      expect(() => sendMail.with({ tags: { a: 'bad' }, locks: ['x'] }).enqueueIn(db, 1)).toThrow(
        withCode('store_failed'),
      )
      sendMail.with({ tags: { a: 'good' } }).enqueueIn(db, 2)
    })()
    await tasks.idle()
    expect(orders()).toEqual([1])
    expect(told).toHaveLength(1)
    expect(await tasks.list()).toMatchObject({ total: 1 })
    await expectExact(tasks)
  })

  it('encrypts, redacts and checks as always', async () => {
    const key = Buffer.alloc(32, 7)
    const { tasks, db } = await openShop({ encryption: { keys: [key] } })
    const seen: unknown[] = []
    const charge = tasks.define(
      'charge',
      { redact: ['0.card'], args: numbersOnly() },
      (to: unknown) => void seen.push(to),
    )
    const { id } = db.transaction(() => charge.enqueueIn(db, { card: 4242424242 }))()
    await tasks.idle()
    expect(seen).toEqual([{ card: 4242424242 }])
    const stored = db.prepare('SELECT args, redact FROM tasks').get() as { args: string; redact: string }
    expect(stored.args).toMatch(/^sealed:1:/)
    expect(stored.redact).toBe('["0.card"]')
    expect((await tasks.get(id))?.args).toContain('4242424242')
    expect(() => db.transaction(() => charge.enqueueIn(db, { card: 'text' }))()).toThrow(withCode('bad_argument'))
    await expectExact(tasks)
  })

  it('refuses what cannot be known at once, and what is not right', async () => {
    const { tasks, db, order } = await openShop()
    const slow = { '~standard': { ...numbersOnly()['~standard'], validate: () => Promise.reject(new Error('late')) } }
    tasks.define('slow', { args: slow }, () => undefined)
    const inside = (act: () => unknown) => db.transaction(act)
    expect(inside(() => tasks.enqueueIn(db, 'slow'))).toThrow(withCode('unsupported'))
    expect(inside(() => tasks.enqueueIn(db, 'nobody'))).toThrow(withCode('not_registered'))
    expect(inside(() => tasks.enqueueIn(db, 'send_mail', [() => 1]))).toThrow(withCode('bad_argument'))
    expect(inside(() => tasks.enqueueIn(db, 'send_mail', [1], { priority: 0.5 }))).toThrow(withCode('bad_option'))
    inside(() => order(1))()
    expect(await tasks.list()).toMatchObject({ total: 0 })
  })

  it('counts towards maxPending before the commit is known', async () => {
    const { tasks, sendMail, db } = await openShop({ maxPending: 3 })
    const later = { delay: '1h' } as const
    db.transaction(() => {
      for (const n of [1, 2, 3]) sendMail.with(later).enqueueIn(db, n)
      expect(() => sendMail.with(later).enqueueIn(db, 4)).toThrow(withCode('too_many_pending'))
    })()
    await tasks.idle()
    await expect(sendMail.with(later).enqueue(5)).rejects.toEqual(withCode('too_many_pending'))
    expect(await tasks.list()).toMatchObject({ total: 3 })
  })

  it('is part of what the caller does: his context, his trace, his locks', async () => {
    const { tasks, db } = await openShop({ carryContext: true })
    const request = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const child = tasks.define('child', () => void seen.push(request.getStore()))
    const parent = tasks.define('parent', () => {
      request.run('request 1', () => db.transaction(() => child.enqueueIn(db))())
    })
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await parent.with({ traceparent, locks: ['Order 1'] }).enqueue()
    await tasks.idle()
    expect(seen).toEqual(['request 1'])
    const { tasks: rows } = await tasks.list({ sort: 'created_at', order: 'asc' })
    expect(await tasks.get(rows[1]!.taskId)).toMatchObject({
      funcName: 'child',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      locks: ['Order 1'],
      status: 'success',
    })
    expect(await tasks.locks()).toEqual([])
  })

  it.each([
    ['safe integers', (db: Database.Database) => db.defaultSafeIntegers(true)],
    ['foreign keys', (db: Database.Database) => db.pragma('foreign_keys = ON')],
    ['another journal', (db: Database.Database) => db.pragma('journal_mode = WAL')],
    ['another synchronous', (db: Database.Database) => db.pragma('synchronous = FULL')],
    ['recursive triggers', (db: Database.Database) => db.pragma('recursive_triggers = ON')],
    ['unsafe mode', (db: Database.Database) => db.unsafeMode(true)],
  ])('does not mind what the host has set: %s', async (_, set) => {
    const { tasks, sent, sendMail, db } = await openShop()
    set(db)
    for (const n of [1, 2]) {
      db.transaction(() => sendMail.with({ idempotencyKey: `order ${n}`, locks: [`Order ${n}`] }).enqueueIn(db, n))()
      await tasks.idle()
    }
    expect(db.transaction(() => sendMail.with({ idempotencyKey: 'order 1' }).enqueueIn(db, 1))()).toMatchObject({
      deduplicated: true,
    })
    expect(sent).toEqual([1, 2])
    db.defaultSafeIntegers(false)
    await expectExact(tasks)
  })

  it('takes the file by a symbolic link, too', async () => {
    const { file, tasks, sent, sendMail } = await openShop()
    const link = nextFile()
    symlinkSync(file, link)
    const linked = connect(link)
    linked.transaction(() => sendMail.enqueueIn(linked, 1))()
    await tasks.idle()
    expect(sent).toEqual([1])
  })
})

/** A schema of one argument whose members are all numbers; it answers at once. */
function numbersOnly() {
  return {
    '~standard': {
      version: 1 as const,
      vendor: 'test',
      validate: (value: unknown) => {
        const [first] = value as [object]
        const isFine = Object.values(first).every((member) => typeof member === 'number')
        return isFine ? { value } : { issues: [{ message: 'no number' }] }
      },
    },
  }
}
