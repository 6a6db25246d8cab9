import { AsyncLocalStorage } from 'node:async_hooks'
import { memory, type EnqueueOptions } from '@taskloom/engine'
import { describe, expect, it, vi } from 'vitest'
import { expectExact, openShop } from './host-shop.ts'
import { openManager, withCode } from './open-manager.ts'

function openScene(options: Parameters<typeof openManager>[0] = {}) {
  const store = memory()
  const tasks = openManager({ store, ...options })
  const ran: unknown[] = []
  tasks.define('note', (value: unknown) => void ran.push(value))
  return { store, tasks, ran }
}

describe('enqueueMany', () => {
  it('answers in the order of its requests and runs them in it', async () => {
    const { tasks, ran } = openScene()
    const requests = Array.from({ length: 1_200 }, (_, index) => ({ name: 'note', args: [index] }))
    const answers = await tasks.enqueueMany(requests)
    expect(answers.map(({ id }) => id)).toEqual(answers.map(({ id }) => id).sort())
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1_200)
    await tasks.start()
    await tasks.idle()
    expect(ran).toEqual(requests.map(({ args }) => args[0]))
    expect(await tasks.enqueueMany([])).toEqual([])
  })

  it('brings them to the store together', async () => {
    const { store, tasks } = openScene()
    const write = vi.spyOn(store.tasks, 'writeAll')
    await tasks.enqueueMany(Array.from({ length: 1_000 }, (_, index) => ({ name: 'note', args: [index] })))
    expect(write.mock.calls.map(([batch]) => batch.length)).toEqual([1_000])
  })

  it('finds tasks by their keys, within one call too', async () => {
    const { tasks } = openScene()
    const one = { name: 'note', args: [1], options: { idempotencyKey: 'one' } }
    const [first, second] = await tasks.enqueueMany([one, one])
    expect(second).toEqual({ id: first!.id, deduplicated: true })
  })

  it.each([
    ['not_registered', { name: 'nobody' }],
    ['bad_option', { name: 'note', options: { priority: 0.5 } }],
    ['bad_option', { name: 'note', options: { prioriti: 1 } }],
    ['bad_argument', { name: 'note', args: [() => undefined] }],
  ])('refuses all for one that is wrong: %s', async (code, wrong) => {
    const { store, tasks } = openScene()
    const write = vi.spyOn(store.tasks, 'writeAll')
    const refused = tasks.enqueueMany([{ name: 'note' }, wrong, { name: 'note' }])
    await expect(refused).rejects.toMatchObject({ code, details: { index: 1 } })
    expect(write).not.toHaveBeenCalled()
  })

  it('refuses all when they are too many, for itself or for maxPending', async () => {
    const { tasks } = openScene({ maxPending: 5 })
    const many = (length: number) => tasks.enqueueMany(Array.from({ length }, () => ({ name: 'note' })))
    await expect(many(10_001)).rejects.toEqual(withCode('bad_option'))
    await expect(tasks.enqueueMany('note' as never)).rejects.toEqual(withCode('bad_option'))
    await expect(many(6)).rejects.toEqual(withCode('too_many_pending'))
    expect((await tasks.list()).total).toBe(0)
    expect(await many(5)).toHaveLength(5)
  })

  it('stores all or none, also when a lock is held or the store refuses one of them', async () => {
    const { tasks, db, told } = await openShop()
    await tasks.enqueue('send_mail', [0], { delay: '1h', locks: ['Order 0'] })
    db.exec(
      "CREATE TRIGGER no_tags BEFORE INSERT ON task_tags WHEN NEW.tag_value = 'bad' BEGIN SELECT RAISE(FAIL, 'no'); END",
    )
    const batch = (last: EnqueueOptions) =>
      Array.from({ length: 1_000 }, (_, n) => ({
        name: 'send_mail',
        args: [n],
        options: n === 900 ? last : { idempotencyKey: `order ${n}`, ...(n < 10 ? { locks: [`Lock ${n}`] } : {}) },
      }))
    await expect(tasks.enqueueMany(batch({ locks: ['Order 0'] }))).rejects.toEqual(withCode('conflict_lock'))
    await expect(tasks.enqueueMany(batch({ tags: { a: 'bad' } }))).rejects.toEqual(withCode('store_failed'))
    await tasks.idle()
    expect(told).toHaveLength(1)
    expect(await tasks.list()).toMatchObject({ total: 1 })
    expect(await tasks.locks()).toMatchObject([{ key: 'Order 0' }])
    const answers = await tasks.enqueueMany(batch({ tags: { a: 'good' } }))
    expect(answers.filter(({ deduplicated }) => deduplicated)).toEqual([])
    await tasks.idle()
    expect(await tasks.list()).toMatchObject({ total: 1_001 })
    await expectExact(tasks)
  })

  it('comes behind what was asked for before it', async () => {
    const { tasks, ran } = openScene({ concurrency: 1 })
    await tasks.start()
    const before = Array.from({ length: 700 }, (_, index) => tasks.enqueue('note', [index]))
    const many = tasks.enqueueMany([{ name: 'note', args: [700] }])
    await Promise.all([...before, many])
    await tasks.idle()
    expect(ran).toEqual(Array.from({ length: 701 }, (_, index) => index))
  })

  it('does not lend the context of its caller to the tasks', async () => {
    const { tasks } = openScene()
    const request = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    tasks.define('look', () => void seen.push(request.getStore()))
    await tasks.start()
    await request.run('request 1', () => tasks.enqueueMany([{ name: 'look' }, { name: 'look' }]))
    await tasks.idle()
    expect(seen).toEqual([undefined, undefined])
  })
})
