import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { paceAfter, remainingMs, roundedMs, type Pace } from '../../packages/dashboard/src/siblings/pace.ts'

const steady = (count: number, stepMs: number, step: number): Pace =>
  Array.from({ length: count }).reduce<Pace>((pace, _, index) => paceAfter(pace, index * stepMs, index * step), [])

describe('the guess of how long it takes', () => {
  it('is silent until it has seen enough', () => {
    expect(remainingMs([], 0)).toBe(null)
    expect(remainingMs(steady(2, 500, 10), 500)).toBe(null)
  })

  it('goes on at the pace of late, and counts down in between', () => {
    const pace = steady(5, 1_000, 10)
    expect(remainingMs(pace, 4_000)).toBe(6_000)
    expect(remainingMs(pace, 7_000)).toBe(3_000)
    expect(remainingMs(pace, 60_000)).toBe(0)
  })

  it('begins anew with the task', () => {
    expect(paceAfter(steady(5, 1_000, 10), 9_000, 5)).toEqual([{ at: 9_000, percent: 5 }])
  })

  it('is never negative, endless or longer in memory, whatever a task says', () => {
    const said = fc.array(fc.tuple(fc.integer({ min: 0, max: 1e7 }), fc.double({ min: 0, max: 100, noNaN: true })))
    fc.assert(
      fc.property(said, (steps) => {
        let now = 0
        let pace: Pace = []
        for (const [laterMs, percent] of steps) pace = paceAfter(pace, (now += laterMs), percent)
        const left = remainingMs(pace, now)
        expect(pace.length).toBeLessThanOrEqual(12)
        expect(left === null || (left >= 0 && !Number.isNaN(left))).toBe(true)
      }),
    )
  })

  it('does not look exact', () => {
    expect([3_200, 42_000, 61_000, 3_700_000].map(roundedMs)).toEqual([5_000, 45_000, 120_000, 3_900_000])
  })
})
