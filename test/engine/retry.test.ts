import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../../packages/engine/src/core/duration.ts'
import { IdSource, instantOf } from '../../packages/engine/src/core/ids.ts'
import { retryDelay, type RetryPolicy } from '../../packages/engine/src/core/retry.ts'

const policy: RetryPolicy = { retries: 9, delayMs: 1_000, backoff: 2, maxDelayMs: 10_000, jitter: false }

describe('retryDelay', () => {
  it('grows by the factor up to the cap', () => {
    expect([1, 2, 3, 4, 5, 600].map((retry) => retryDelay(policy, retry, 0))).toEqual([
      1_000, 2_000, 4_000, 8_000, 10_000, 10_000,
    ])
  })

  it('stays with a factor of one', () => {
    expect([1, 2, 9].map((retry) => retryDelay({ ...policy, backoff: 1 }, retry, 0))).toEqual([1_000, 1_000, 1_000])
  })

  it('is drawn from the upper half with jitter, and never leaves its range', () => {
    const jittered = { ...policy, jitter: true }
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (retry, random) => {
        const full = retryDelay(policy, retry, 0)
        const delay = retryDelay(jittered, retry, random)
        expect(delay).toBeGreaterThanOrEqual(full / 2 - 1)
        expect(delay).toBeLessThanOrEqual(full)
      }),
    )
  })
})

describe('durations', () => {
  it.each([
    [250, 250],
    ['250ms', 250],
    ['2s', 2_000],
    ['1.5s', 1_500],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1h 30m', 5_400_000],
    ['7d', 604_800_000],
    ['0s', 0],
  ])('reads %s', (input, ms) => expect(parseDuration(input, 'delay')).toBe(ms))

  it.each([['2'], ['s'], [''], ['2 years'], ['-1s'], [-1], [Number.NaN], [Infinity], [null], [{}], ['9'.repeat(60)]])(
    'refuses %s and names the option',
    (input) => expect(() => parseDuration(input, 'delay')).toThrow(/^delay: /),
  )

  it('reads back what it writes', () => {
    fc.assert(fc.property(fc.nat(1e12), (ms) => parseDuration(formatDuration(ms), 'x') === ms))
  })
})

describe('ids', () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  const filled = (fill: number) => new IdSource((bytes) => void bytes.fill(fill))

  it('are UUIDs of version 7 that begin with their instant', () => {
    const id = filled(7).next(1_795_000_000_123)
    expect(id).toMatch(uuid)
    expect(instantOf(id)).toBe(1_795_000_000_123)
  })

  it.each([[0], [255]])('grow always, whatever chance and clock do (%i)', (fill) => {
    const ids = filled(fill)
    const instants = [5, 5, 5, 4, 3, 6, 6, 1_795_000_000_123, 2]
    const made = [...instants, ...Array.from({ length: 50_000 }, () => 9)].map((now) => ids.next(now))
    expect(made.every((id) => uuid.test(id))).toBe(true)
    expect(new Set(made).size).toBe(made.length)
    expect(made.every((id, index) => index === 0 || id > made[index - 1]!)).toBe(true)
  })
})
