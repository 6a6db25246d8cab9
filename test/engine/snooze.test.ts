import { snooze, taskContext } from '@taskloom/engine'
import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { openManager, withCode } from './open-manager.ts'

describe('snooze', () => {
  it('ends the attempt and uses up no retry, however often', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock })
    let calls = 0
    const poll = tasks.define('poll', () => {
      calls += 1
      if (calls <= 3) snooze('5m')
      return 'done'
    })
    await tasks.start()
    const { id } = await poll.enqueue()
    await clock.advance(0)
    expect(await tasks.get(id)).toMatchObject({
      status: 'pending',
      retriesUsed: 0,
      error: null,
      runAt: clock.now() + 300_000,
    })
    await clock.advance(299_999)
    expect(calls).toBe(1)
    await clock.advance(1 + 2 * 300_000)
    expect(await tasks.get(id)).toMatchObject({ status: 'success', attempt: 4, retriesUsed: 0, maxRetries: 0 })
    const detail = await tasks.source.detail(id)
    expect(detail.attempts.map(({ outcome, error }) => [outcome, error])).toEqual([
      ['snoozed', null],
      ['snoozed', null],
      ['snoozed', null],
      ['success', null],
    ])
    expect(detail.logs.map(({ level, message }) => [level, message])).toEqual([
      ['info', 'Attempt 1 was snoozed for 5m'],
      ['info', 'Attempt 2 was snoozed for 5m'],
      ['info', 'Attempt 3 was snoozed for 5m'],
    ])
    expect(detail.timeline.map(({ event }) => event)).toEqual([
      ...['created', 'started', 'snoozed', 'started', 'snoozed', 'started', 'snoozed', 'started', 'succeeded'],
    ])
  })

  it('is told with when the task is due again, also from the context', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock })
    const later = tasks.define('later', { retries: 2 }, async () => taskContext()!.snooze(1_500))
    await tasks.start()
    const { id } = await later.enqueue()
    await clock.advance(0)
    const { timeline } = await tasks.source.detail(id)
    expect(timeline.at(-1)).toEqual({
      at: clock.now(),
      event: 'snoozed',
      detail: `due ${new Date(clock.now() + 1_500).toISOString()}`,
    })
  })

  it('counts failures only', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock })
    let calls = 0
    const work = tasks.define('work', { retries: 1, delay: 0 }, () => {
      calls += 1
      if (calls % 2 === 1) snooze(10)
      throw new Error(`call ${calls}`)
    })
    await tasks.start()
    const { id } = await work.enqueue()
    await clock.advance(1_000)
    expect(await tasks.get(id)).toMatchObject({ status: 'failed', error: 'call 4', attempt: 4, retriesUsed: 1 })
  })

  it('fails the attempt with the reason when the delay is none', async () => {
    const tasks = openManager()
    const work = tasks.define('work', () => snooze('soon'))
    await tasks.start()
    const { id } = await work.enqueue()
    expect(await tasks.wait(id)).toMatchObject({ status: 'failed', error: expect.stringContaining('delay') })
  })

  it('waits as a cancelled task does, and reaches the caller outside of a task', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock })
    const work = tasks.define('work', () => snooze('1h'))
    await tasks.start()
    const { id } = await work.enqueue()
    await clock.advance(0)
    expect(await tasks.cancel(id)).toMatchObject({ status: 'cancelled' })
    await clock.advance(3_600_000)
    expect(await tasks.get(id)).toMatchObject({ status: 'cancelled', attempt: 1 })
    expect(() => work()).toThrow('Snoozed for 1h')
    expect(() => snooze(-1)).toThrow(withCode('bad_option'))
  })

  it.each(['thread', 'process'] as const)('crosses the boundary of a %s', async (executor) => {
    const tasks = openManager()
    const module = new URL('./fixtures/snoozing-task.mjs', import.meta.url)
    const work = tasks.define<() => string>('work', { executor }, { module, export: 'putOff' })
    await tasks.start()
    const { id } = await work.enqueue()
    expect(await tasks.wait(id)).toMatchObject({ status: 'success', attempt: 3, retriesUsed: 0, errorCode: null })
    const { attempts } = await tasks.source.detail(id)
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['snoozed', 'snoozed', 'success'])
  })
})
