import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory, TaskError } from '@taskloom/engine'
import { afterAll, describe, expect, it } from 'vitest'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { openManager, withCode } from './open-manager.ts'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-retry-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('retry', () => {
  it('mints a new task of the same kind and links both', async () => {
    const tasks = openManager()
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
    await expect(tasks.retry(minted.taskId)).rejects.toEqual(withCode('wrong_status'))
    await expect(tasks.retry('nothing')).rejects.toEqual(withCode('unknown_task'))
  })

  it('gives the retry that still waits or runs, and a new one once that has ended', async () => {
    const tasks = openManager()
    const work = scriptedTask([{ throws: new Error('no') }, { holds: true }, { returns: 'yes' }, { returns: 'again' }])
    tasks.define('work', work.run)
    await tasks.start()
    const { id } = await tasks.enqueue('work')
    await tasks.wait(id)
    const first = await tasks.retry(id)
    expect((await tasks.retry(id)).taskId).toBe(first.taskId)
    await expect.poll(() => work.held).toBe(1)
    expect((await tasks.retry(id)).taskId).toBe(first.taskId)
    work.release({ throws: new Error('no') })
    await tasks.wait(first.taskId)
    const second = await tasks.retry(id)
    expect(second.taskId).not.toBe(first.taskId)
    await tasks.wait(second.taskId)
    expect((await tasks.retry(id)).taskId).not.toBe(second.taskId)
    expect(await tasks.get(id)).toMatchObject({ status: 'failed', retryCount: 3 })
  })

  it('mints one task when two processes are asked at once', async () => {
    const file = join(folder, 'two.db')
    const [first, second] = [openManager({ store: file }), openManager({ store: file })]
    let isOpen = false
    for (const tasks of [first, second]) {
      tasks.define('work', () => {
        if (!isOpen) throw new Error('closed')
      })
      await tasks.start()
    }
    const made = await first.enqueueMany(Array.from({ length: 20 }, () => ({ name: 'work' })))
    await first.idle()
    isOpen = true
    for (const { id } of made) {
      const [one, two] = await Promise.all([first.retry(id), second.retry(id)])
      expect(one.taskId).toBe(two.taskId)
      expect(await first.get(id)).toMatchObject({ retryCount: 1 })
    }
    await Promise.all([first.idle(), second.idle()])
    const ids = made.map(({ id }) => id)
    const act = { actor: 'ann', reason: null }
    const both = await Promise.all([first, second].map(({ source }) => source.bulkRetry(ids, { again: true }, act)))
    const minted = both.reduce((sum, { dispatched }) => sum + dispatched, 0)
    expect((await first.list()).total).toBe(40 + minted)
    const counts = await Promise.all(ids.map(async (id) => (await first.get(id))?.retryCount ?? 0))
    expect(counts.reduce((sum, count) => sum + count)).toBe(20 + minted)
  })

  it('stores the new task and the count of its original in one write', async () => {
    const store = memory()
    const tasks = openManager({ store })
    tasks.define('work', () => {
      throw new Error('no')
    })
    await tasks.start()
    const { id } = await tasks.enqueue('work')
    await tasks.wait(id)
    const write = store.tasks.write.bind(store.tasks)
    store.tasks.write = async (batch) => {
      const written = await write(batch)
      return written.map(() => new TaskError('store_failed', { message: 'The process ends here' }))
    }
    await expect(tasks.retry(id)).rejects.toEqual(withCode('store_failed'))
    expect(await tasks.get(id)).toMatchObject({ retryCount: 1 })
    expect((await tasks.list()).total).toBe(2)
  })

  it('in bulk does not double the work at a second click', async () => {
    const tasks = openManager()
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
    await tasks.idle()
    expect(await tasks.source.clearHistory({ olderThanMs: -1_000, statuses: [] }, act)).toBe(61)
    expect((await tasks.list()).total).toBe(0)
  })
})
