import { memory } from '@taskloom/engine'
import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { openManager } from './open-manager.ts'

const act = { actor: 'ann', reason: null }
const hour = 3_600_000

/** Behaviours of the program this one follows that no other test here says in so many words. */
describe('as in the original', () => {
  it('a function has no retries, no priority and no limit unless it says so', async () => {
    const tasks = openManager()
    tasks.define('plain', () => 1)
    tasks.define('urgent', { priority: 5 }, () => 1)
    const [view] = await tasks.source.functions()
    expect(view).toMatchObject({ funcName: 'plain', retries: 0, delay: 1_000, backoff: 1, timeout: null })
    const plain = await tasks.enqueue('plain')
    const urgent = await tasks.enqueue('urgent')
    const lower = await tasks.enqueue('urgent', [], { priority: 2 })
    const records = await Promise.all([plain, urgent, lower].map(({ id }) => tasks.get(id)))
    expect(records.map((record) => record?.priority)).toEqual([null, 5, 2])
    expect(records.map((record) => record?.source)).toEqual(['manual', 'manual', 'manual'])
  })

  it('retries are counted from the second attempt on', async () => {
    const tasks = openManager()
    const work = scriptedTask([{ throws: new Error('no') }, { returns: 1 }])
    tasks.define('work', { retries: 3, delay: 0 }, work.run)
    await tasks.start()
    const second = await tasks.wait((await tasks.enqueue('work')).id)
    const first = await tasks.wait((await tasks.enqueue('work')).id)
    expect([first, second].map(({ status, retriesUsed }) => [status, retriesUsed])).toEqual([
      ['success', 0],
      ['success', 1],
    ])
  })

  it('an interrupted task can be retried, and its idempotency key is free', async () => {
    const store = memory()
    const first = openManager({ store })
    first.define('work', () => new Promise(() => undefined))
    await first.start()
    const options = { idempotencyKey: 'once' }
    const { id } = await first.enqueue('work', [], options)
    await first.shutdown({ timeoutMs: 0 })
    const second = openManager({ store })
    second.define('work', () => 'done')
    await second.start()
    expect((await second.get(id))?.status).toBe('interrupted')
    const again = await second.enqueue('work', [], options)
    expect(again.deduplicated).toBe(false)
    await second.wait(again.id)
    expect((await second.retry(id)).taskId).toBe(again.id)
  })

  it('a replay takes its window and its function alone, and a clearing leaves what is recent', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock })
    for (const name of ['a', 'b']) tasks.define(name, () => Promise.reject(new Error('no')))
    await tasks.start()
    await tasks.enqueue('a')
    await clock.advance(5 * hour)
    await tasks.enqueue('a')
    await tasks.enqueue('b')
    await clock.advance(hour)
    const question = { since: clock.now() - 2 * hour, funcName: 'a', again: false }
    expect(await tasks.source.retryFailed(question, act)).toMatchObject({ dispatched: 1 })
    await tasks.idle()
    expect(await tasks.source.clearHistory({ olderThanMs: 2 * hour, statuses: [] }, act)).toBe(1)
    expect((await tasks.list()).total).toBe(3)
  })

  it('a task whose function is not defined here waits for a process that knows it', async () => {
    const store = memory()
    const first = openManager({ store })
    first.define('known', () => 1)
    const { id } = await first.enqueue('known')
    const other = openManager({ store })
    other.define('another', () => 1)
    await other.start()
    await other.idle()
    expect((await other.get(id))?.status).toBe('pending')
    await first.start()
    expect((await first.wait(id)).status).toBe('success')
  })
})
