import { afterAll, describe, expect, it } from 'vitest'
import { Places } from './place.ts'
import { runSeed } from './run-seed.ts'
import { planRun } from './timetable.ts'

const places = new Places('sqlite')
afterAll(() => places.close())

/** Between them they have each kind of fault. Two at a time, as the machine of CI has two cores. */
const pairs = [
  [4, 6],
  [8, 9],
  [2, 10],
] as const

describe('the fault suite by chance, in short', () => {
  it('has each kind of fault in its seeds', () => {
    const faults = pairs.flat().flatMap((seed) => planRun(seed, 'sqlite').steps.map((step) => step.do))
    expect(new Set(faults).size).toBe(10)
  })

  it.each(pairs)('loses nothing and doubles nothing: seeds %i and %i', { timeout: 120_000 }, async (...seeds) => {
    const outcomes = await Promise.all(
      seeds.map(async (seed) => ({ seed, ...(await runSeed(planRun(seed, 'sqlite'), await places.next())) })),
    )
    for (const { seed, lost, doubled, wrong, tasks } of outcomes) {
      expect({ seed, lost, doubled, wrong }).toEqual({ seed, lost: [], doubled: [], wrong: [] })
      expect(tasks).toBeGreaterThan(10)
    }
  })
})
