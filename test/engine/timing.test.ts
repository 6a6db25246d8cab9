import { taskContext } from '@taskloom/engine'
import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { openManager } from './open-manager.ts'

describe('time', () => {
  it('delays, retries with growing pauses and gives up', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock })
    const work = scriptedTask([
      { throws: new Error('first') },
      { throws: new Error('second') },
      { throws: new Error('third') },
    ])
    const flaky = tasks.define('flaky', { retries: 2, delay: '10s', backoff: 3 }, work.run)
    await tasks.start()
    const { id } = await flaky.with({ delay: '1m' }).enqueue()
    await clock.advance(59_999)
    expect(work.calls).toHaveLength(0)
    await clock.advance(1)
    expect(work.calls).toHaveLength(1)
    expect(await tasks.get(id)).toMatchObject({ status: 'pending', retriesUsed: 1, error: 'first' })
    await clock.advance(9_999)
    expect(work.calls).toHaveLength(1)
    await clock.advance(1)
    expect(work.calls).toHaveLength(2)
    await clock.advance(30_000)
    expect(await tasks.get(id)).toMatchObject({
      status: 'failed',
      attempt: 3,
      error: 'third',
      durationMs: 40_000,
      waitMs: 0,
    })
    const detail = await tasks.source.detail(id)
    expect(detail.attempts.map(({ outcome, error }) => [outcome, error])).toEqual([
      ['failed', 'first'],
      ['failed', 'second'],
      ['failed', 'third'],
    ])
    expect(detail.timeline.map(({ event }) => event)).toEqual([
      'created',
      'delayed',
      'started',
      'failed',
      'retrying',
      'started',
      'failed',
      'retrying',
      'started',
      'failed',
      'gave_up',
    ])
  })

  it('times out a function that listens, and one that does not', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock })
    const aborted: string[] = []
    const listens = tasks.define(
      'listens',
      { timeout: '5s' },
      () =>
        new Promise((_resolve, reject) => {
          const { signal } = taskContext()!
          signal.addEventListener('abort', () => {
            aborted.push((signal.reason as Error).name)
            reject(signal.reason)
          })
        }),
    )
    const deaf = tasks.define('deaf', { timeout: '5s' }, () => new Promise(() => undefined))
    await tasks.start()
    const ids = [(await listens.enqueue()).id, (await deaf.enqueue()).id]
    await clock.advance(5_000)
    expect(await tasks.get(ids[0]!)).toMatchObject({ status: 'failed', errorCode: 'timed_out' })
    await clock.advance(2_000)
    expect(await tasks.get(ids[1]!)).toMatchObject({ status: 'failed', error: 'Timed out after 5s' })
    expect(aborted).toEqual(['TimeoutError'])
  })

  it('runs a delayed task now when asked', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock })
    const work = tasks.define('work', () => 'done')
    await tasks.start()
    const { id } = await work.with({ delay: '30d' }).enqueue()
    await tasks.source.runNow(id, { actor: 'ann', reason: null })
    expect(await tasks.wait(id)).toMatchObject({ status: 'success', runAt: null })
  })
})
