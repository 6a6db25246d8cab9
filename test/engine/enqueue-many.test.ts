import { memory } from '@taskloom/engine'
import { describe, expect, it, vi } from 'vitest'
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
    const write = vi.spyOn(store.tasks, 'write')
    await tasks.enqueueMany(Array.from({ length: 300 }, (_, index) => ({ name: 'note', args: [index] })))
    expect(write.mock.calls.map(([batch]) => batch.length)).toEqual([300])
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
    const write = vi.spyOn(store.tasks, 'write')
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
})
