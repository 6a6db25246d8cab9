import { describe, expect, it } from 'vitest'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { openManager, withCode } from './open-manager.ts'

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
    expect(await tasks.source.clearHistory({ olderThanMs: -1_000, statuses: [] }, act)).toBe(61)
    expect((await tasks.list()).total).toBe(0)
  })
})
