import { addToBin } from '../histogram.ts'
import { isNothing, placeOf, summed, type RollupChange, type Tally } from '../rollup-changes.ts'
import { covers, noBounds } from '../time-bounds.ts'

/** A kept count that is wrong, and by what it is mended. */
export interface Difference {
  /** The length of the bucket; 0 for all time. */
  readonly level: number
  /** Added to what is kept it makes it what was counted. */
  readonly change: RollupChange
  readonly kept: number
  readonly counted: number
}

/** Where counts that are kept are not what was counted, both of one moment. */
export function differencesOf(
  level: number,
  kept: readonly RollupChange[],
  counted: readonly RollupChange[],
): readonly Difference[] {
  const keptAt = new Map(summed(kept).map((change) => [placeOf(change), change]))
  const countedAt = new Map(summed(counted).map((change) => [placeOf(change), change]))
  const missing = [...keptAt].filter(([place]) => !countedAt.has(place)).map(([, change]) => change)
  return [...countedAt.values(), ...missing].flatMap((at) => {
    const [before, after] = [keptAt.get(placeOf(at)), countedAt.get(placeOf(at))]
    const change = between(at, before, after)
    return isNothing(change) ? [] : [{ level, change, kept: before?.tasks ?? 0, counted: after?.tasks ?? 0 }]
  })
}

function between(at: RollupChange, before: RollupChange | undefined, after: RollupChange | undefined): RollupChange {
  // Bounds that are kept may be wider than those that were counted, and stay so.
  const bounds = covers(before ?? noBounds, after ?? noBounds) ? noBounds : (after ?? noBounds)
  const { earliest, latest } = bounds
  return {
    ...at,
    earliest,
    latest,
    tasks: (after?.tasks ?? 0) - (before?.tasks ?? 0),
    duration: tallyBetween(before?.duration, after?.duration),
    wait: tallyBetween(before?.wait, after?.wait),
  }
}

/** Sums that were added to and subtracted from for long are not exact to the last digit: such a difference is none. */
function tallyBetween(before: Tally | undefined, after: Tally | undefined): Tally {
  const [from, to] = [before?.sum ?? 0, after?.sum ?? 0]
  const isClose = Math.abs(to - from) <= 0.001 + 1e-6 * Math.max(Math.abs(from), Math.abs(to))
  const bins = new Map(after?.bins)
  before?.bins.forEach((count, bin) => addToBin(bins, bin, -count))
  return { count: (after?.count ?? 0) - (before?.count ?? 0), sum: isClose ? 0 : to - from, bins }
}
