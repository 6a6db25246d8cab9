import { PermanentError, type EngineFault, type FunctionOptions, type RetryContext } from '@taskloom/engine'
import { describe, expect, it } from 'vitest'
import { settle, take } from '../../packages/engine/src/core/lifecycle.ts'
import { buildRecord } from '../../packages/testkit/src/build-record.ts'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { openManager, withCode } from './open-manager.ts'

const start = Date.UTC(2026, 0, 1)

/** Runs one task of a function that always throws, for two minutes, and says what became of it. */
async function fail(options: FunctionOptions, error: unknown = new Error('no')) {
  const clock = createFakeClock(start)
  const tasks = openManager({ clock })
  const faults: EngineFault[] = []
  tasks.on('error', (fault) => faults.push(fault))
  const calls: number[] = []
  tasks.define('work', options, () => {
    calls.push(clock.now() - start)
    throw error
  })
  await tasks.start()
  const { id } = await tasks.enqueue('work')
  await clock.advance(120_000)
  const record = (await tasks.get(id))!
  const { logs } = await tasks.source.detail(id)
  return { record, calls, faults, words: logs.map(({ message }) => message) }
}

describe('a retry policy', () => {
  it('says how long to wait, in milliseconds or in words, and when it is enough', async () => {
    const asked: RetryContext[] = []
    const answers = [250, '2s', '1m', 'fail'] as const
    const error = new Error('no route')
    const { record, calls, words } = await fail(
      { retryPolicy: (context) => answers[asked.push(context) - 1]!, delay: 500, backoff: 2 },
      error,
    )
    expect(calls).toEqual([0, 250, 2_250, 62_250])
    expect(record).toMatchObject({ status: 'failed', retriesUsed: 3, attempt: 4, error: 'no route' })
    expect(asked[2]).toEqual({
      ...{ error, taskId: record.taskId, funcName: 'work', tags: {}, attempt: 3, retriesUsed: 2 },
      ...{ maxRetries: 1_000, delayMs: 2_000 },
    })
    expect(words.at(-1)).toBe('Not retried: the retry policy says so')
  })

  it('is asked no more than there are retries', async () => {
    const { record, calls } = await fail({ retries: 2, retryPolicy: () => 10 })
    expect(calls).toEqual([0, 10, 20])
    expect(record).toMatchObject({ status: 'failed', retriesUsed: 2, maxRetries: 2 })
  })

  it('may give the usual delay, and wait longer than maxDelay', async () => {
    const usual = await fail({ retries: 2, delay: 100, backoff: 3, retryPolicy: ({ delayMs }) => delayMs })
    expect(usual.calls).toEqual([0, 100, 400])
    const long = await fail({ retries: 1, maxDelay: '1s', retryPolicy: () => '1m' })
    expect(long.calls).toEqual([0, 60_000])
  })

  it('hears of an attempt that took too long', async () => {
    const clock = createFakeClock(start)
    const tasks = openManager({ clock })
    const names: string[] = []
    tasks.define(
      'slow',
      {
        timeout: 100,
        retryPolicy: ({ error }) => {
          names.push((error as Error).name)
          return false
        },
      },
      () => new Promise(() => undefined),
    )
    await tasks.start()
    const { id } = await tasks.enqueue('slow')
    await clock.advance(10_000)
    expect(names).toEqual(['TimeoutError'])
    expect(await tasks.get(id)).toMatchObject({ status: 'failed', errorCode: 'timed_out', retriesUsed: 0 })
  })

  const nonsense: readonly (readonly [string, () => unknown])[] = [
    ['throws', () => { throw new Error('rule broken') }], // prettier-ignore
    ['throws nothing at all', () => { throw undefined }], // prettier-ignore
    ['gives nothing', () => undefined],
    ['gives a word that is none', () => 'soon'],
    ['gives no number', () => Number.NaN],
    ['gives less than nothing', () => -1],
    ['gives true', () => true],
    ['gives a promise', async () => 5],
    ['gives a promise that fails', () => Promise.reject(new Error('late'))],
    ['gives an object that cannot be read', () => new Proxy({}, { get: () => { throw new Error('no') } })], // prettier-ignore
  ]

  it.each(nonsense)('that %s is as if it were not there, and told', async (_name, rule) => {
    const { record, calls, faults, words } = await fail({ retries: 1, delay: 70, retryPolicy: rule as never })
    expect(calls).toEqual([0, 70])
    expect(record).toMatchObject({ status: 'failed', error: 'no', retriesUsed: 1 })
    expect(faults).toMatchObject([{ during: 'the retry rules of work' }])
    expect(words[0]).toMatch(/^The retry rules failed: /)
  })
})

describe('retryIf', () => {
  it('declines errors that are not worth another attempt', async () => {
    const retryIf = (error: unknown) => error instanceof TypeError
    const declined = await fail({ retries: 3, retryIf })
    expect(declined.calls).toHaveLength(1)
    expect(declined.record).toMatchObject({ status: 'failed', retriesUsed: 0 })
    expect(declined.words).toEqual(['Not retried: retryIf declined'])
    const accepted = await fail({ retries: 3, retryIf }, new TypeError('no'))
    expect(accepted.calls).toHaveLength(4)
  })

  it('is asked before the policy', async () => {
    const { calls } = await fail({ retryIf: () => false, retryPolicy: () => 5 })
    expect(calls).toHaveLength(1)
  })

  it.each([
    ['throws', () => { throw new Error('broken') }], // prettier-ignore
    ['gives neither true nor false', () => 'yes'],
    ['gives a promise', () => Promise.reject(new Error('late'))],
  ])('that %s declines nothing, and is told', async (_name, rule) => {
    const { calls, faults } = await fail({ retries: 2, delay: 10, retryIf: rule as never })
    expect(calls).toEqual([0, 10, 20])
    expect(faults).toHaveLength(2)
  })

  it('without retries is refused by name: it would have no effect', () => {
    expect(() => openManager().define('a', { retryIf: () => true }, () => 1)).toThrow(/^retryIf: /)
    expect(() => openManager().define('a', { retryIf: 5 as never, retries: 1 }, () => 1)).toThrow(
      withCode('bad_option'),
    )
    expect(() => openManager().define('a', { retryPolicy: 'often' as never }, () => 1)).toThrow(/^retryPolicy: /)
  })
})

describe('a permanent failure', () => {
  class CardDeclined extends PermanentError {
    override readonly name = 'CardDeclined'
  }

  it.each([
    ['the error itself', new PermanentError('gone')],
    ['one that extends it', new CardDeclined('gone')],
    ['one from another copy of this package', Object.assign(new Error('gone'), { name: 'PermanentError' })],
    ['one that says so', Object.assign(new Error('gone'), { isPermanent: true })],
  ])('ends the task at once: %s', async (_name, error) => {
    let isAsked = false
    const { record, calls, words } = await fail({ retries: 5, retryPolicy: () => ((isAsked = true), 1) }, error)
    expect(calls).toHaveLength(1)
    expect(record).toMatchObject({ status: 'failed', retriesUsed: 0, errorCode: error.name })
    expect(words).toEqual(['Not retried: the error is permanent'])
    expect(isAsked).toBe(false)
  })

  it('is not seen in errors that cannot be read', async () => {
    const hostile = new Proxy(new Error('no'), {
      get: () => {
        throw new Error('do not look')
      },
    })
    const { record, calls } = await fail({ retries: 1, delay: 5 }, hostile)
    expect(calls).toEqual([0, 5])
    expect(record.status).toBe('failed')
  })
})

describe('a crash loop', () => {
  const policy = { retries: 0, delayMs: 0, backoff: 1, maxDelayMs: 0, jitter: false, requeueOnInterrupt: true }

  function crash(interruptions: number, maxInterruptions: number) {
    const running = take(buildRecord({ interruptions }), { workerId: 'w', now: 5 }).next
    const outcome = { kind: 'interrupted', reason: 'The process that ran it is gone' } as const
    const settling = { policy: { ...policy, maxInterruptions }, now: 9, startedAt: 5, random: 0 }
    return settle(running, outcome, settling).next
  }

  it.each([
    [0, 1, 'interrupted'],
    [1, 3, 'pending'],
    [2, 3, 'interrupted'],
    [8, 10, 'pending'],
    [9, 10, 'interrupted'],
  ] as const)('after %i interruptions, with a cap of %i, leaves it %s', (interruptions, cap, status) => {
    expect(crash(interruptions, cap)).toMatchObject({ status, interruptions: interruptions + 1 })
  })

  it('says why it is not queued again', () => {
    expect(crash(2, 3)).toMatchObject({
      error: 'The process that ran it is gone. It was interrupted 3 times and is not queued again by itself',
      errorCode: 'crash_loop',
    })
  })

  it('has a cap within reason', () => {
    for (const maxInterruptions of [0, 1.5, 1_001]) {
      expect(() => openManager().define('a', { maxInterruptions }, () => 1)).toThrow(/^maxInterruptions: /)
    }
  })
})
