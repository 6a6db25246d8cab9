import { describe, expect, it } from 'vitest'
import { roundInstants, roundTop, roundWords } from '../../packages/dashboard/src/figures/scale.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

describe('the axes of figures', () => {
  it('end at a round number that holds the most', () => {
    expect([0, 2, 7, 11, 130, 901].map((most) => roundTop(most, 'count'))).toEqual([2, 2, 8, 15, 150, 1_000])
    expect([3, 90, 61_000].map((most) => roundTop(most, 'duration'))).toEqual([4, 100, 120_000])
  })

  it('say round durations without what they do not need, in digits of any language', () => {
    expect(['1.0 s', '20m 0s', '1h 0m', '12.3 s', '2m 5s', '١٫٠ ث'].map(roundWords)).toEqual([
      '1 s',
      '20m',
      '1h',
      '12.3 s',
      '2m 5s',
      '١ ث',
    ])
  })

  it('are marked at full hours of the clocks that the reader has', () => {
    const since = Date.UTC(2026, 0, 5, 9, 7)
    const inIndia = 5.5 * hourMs
    expect(
      roundInstants(since, since + 6 * hourMs, 6, 0).map((at) => new Date(at).toISOString().slice(11, 16)),
    ).toEqual(['10:00', '11:00', '12:00', '13:00', '14:00', '15:00'])
    expect(roundInstants(since, since + 2 * hourMs, 2, inIndia).map((at) => (at + inIndia) % hourMs)).toEqual([0, 0])
  })

  it('have no more marks than there is room for, and none outside', () => {
    for (const hours of [0.2, 1, 7, 24, 24 * 30, 24 * 3_650]) {
      const since = Date.UTC(2026, 0, 5, 9, 7)
      const marks = roundInstants(since, since + hours * hourMs, 6, 0)
      expect(marks.length).toBeGreaterThan(0)
      expect(marks.length).toBeLessThanOrEqual(7)
      for (const at of marks) expect(at >= since && at <= since + hours * hourMs).toBe(true)
    }
  })
})
