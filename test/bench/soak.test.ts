import { describe, expect, it } from 'vitest'
import { parseOptions } from '../../bench/soak/options.ts'
import { theilSen, type Sample } from '../../bench/soak/slope.ts'
import { formatVerdicts, judgeSlopes, metrics, warmUpOf, type Reading } from '../../bench/soak/verdict.ts'
import { seededRandom } from '../engine/seeded-random.ts'

const tenSeconds = 10_000
const minute = 60_000

function samplesOf(count: number, valueAt: (index: number) => number): readonly Sample[] {
  return Array.from({ length: count }, (_, index) => ({ atMs: index * tenSeconds, value: valueAt(index) }))
}

describe('the Theil–Sen slope', () => {
  it('of a straight line is its own, without doubt', () => {
    const { slope, low, high } = theilSen(samplesOf(20, (index) => 5 + 3 * index))
    for (const found of [slope, low, high]) expect(found).toBeCloseTo(3 / tenSeconds, 12)
  })

  it('is the one of a worked example', () => {
    // Pairs of (0, 1), (1, 3), (2, 2), (3, 7): slopes 2, 0.5, 2, −1, 2, 5.
    const samples = [1, 3, 2, 7].map((value, atMs) => ({ atMs, value }))
    expect(theilSen(samples)).toEqual({ slope: 2, low: -1, high: 5 })
  })

  it('is not moved by a third of odd samples', () => {
    const odd = samplesOf(30, (index) => (index % 3 === 1 ? 1_000 * index : 40))
    expect(theilSen(odd).slope).toBe(0)
  })

  it('has an interval that holds the true one in 19 of 20 noisy lines', () => {
    const chance = seededRandom(7)
    const truth = 0.002 / tenSeconds
    const held = Array.from({ length: 400 }, () => {
      const { low, high } = theilSen(samplesOf(30, (index) => 10 + 0.002 * index + chance() - 0.5))
      return low <= truth && truth <= high
    })
    const share = held.filter(Boolean).length / held.length
    expect(share).toBeGreaterThan(0.92)
    expect(share).toBeLessThan(0.99)
  })

  it('is no number where there is one moment', () => {
    expect(theilSen([{ atMs: 0, value: 1 }]).slope).toBeNaN()
    expect(theilSen([0, 0].map((atMs) => ({ atMs, value: 1 }))).slope).toBeNaN()
  })
})

describe('the verdict of a soak', () => {
  const steady = { heapMb: 20, rssMb: 150, descriptors: 60, walMb: 16, p50Ms: 1, p99Ms: 5 }
  const readingsOf = (minutes: number, at: (minutes: number) => Partial<Reading>): readonly Reading[] =>
    Array.from({ length: minutes * 6 }, (_, index) => {
      const atMs = (index + 1) * tenSeconds
      return { ...steady, atMs, ...at(atMs / minute) }
    })

  it('is in bounds where nothing changes', () => {
    const verdicts = judgeSlopes(
      readingsOf(10, () => ({})),
      2 * minute,
    )
    expect(verdicts.map(({ key, percent, isOut }) => [key, percent, isOut])).toEqual(
      metrics.map(({ key }) => [key, 0, false]),
    )
  })

  it('says which figure grows too fast, in percent of its median for ten minutes', () => {
    const leaking = readingsOf(30, (minutes) => ({
      heapMb: 20 + minutes * 0.05,
      descriptors: 60 + Math.floor(minutes),
    }))
    const verdicts = judgeSlopes(leaking, 6 * minute)
    expect(verdicts.filter(({ isOut }) => isOut).map(({ key }) => key)).toEqual(['heapMb', 'descriptors'])
    // Half a MB in ten minutes, of 20.9 in the middle.
    expect(verdicts[0]?.percent).toBeCloseTo((0.5 / 20.9) * 100, 1)
    expect(formatVerdicts(verdicts).split('\n')[1]).toMatch(/^heap after collection, MB .* out$/)
  })

  it('does not blame what shrinks, what swings, or what grew while it warmed up', () => {
    const chance = seededRandom(3)
    const readings = readingsOf(20, (minutes) => ({
      heapMb: minutes < 4 ? 10 + minutes * 3 : 22,
      rssMb: 200 - minutes,
      p99Ms: 5 + chance() * 10,
    }))
    expect(judgeSlopes(readings, warmUpOf(20 * minute)).filter(({ isOut }) => isOut)).toEqual([])
    expect(judgeSlopes(readings, 0).find(({ key }) => key === 'heapMb')?.first).toBeCloseTo(10.5)
  })

  it('is refused where there is too little to judge', () => {
    const few = readingsOf(3, () => ({}))
    expect(() => judgeSlopes(few, 2 * minute)).toThrow('7 readings after the warm-up are too few: 8 are needed')
  })

  it('leaves out a fifth, at least five minutes, at most half', () => {
    expect([30, 12, 6].map((minutes) => warmUpOf(minutes * minute) / minute)).toEqual([6, 5, 3])
  })
})

describe('the options of a soak', () => {
  it('are half an hour at 200 tasks a second, which is kept', () => {
    expect(parseOptions([])).toEqual({ minutes: 30, perSecond: 200, isSaved: true })
    expect(parseOptions(['--minutes=5', '--per-second=50'])).toEqual({ minutes: 5, perSecond: 50, isSaved: false })
    expect(parseOptions(['--minutes=5', '--save']).isSaved).toBe(true)
  })

  it.each(['--minutes=2', '--minutes=x', '--per-second=0', '--hours=1'])('refuse %s', (word) => {
    expect(() => parseOptions([word])).toThrow(word)
  })
})
