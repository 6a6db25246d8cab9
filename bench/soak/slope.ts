import { median } from '../figures.ts'

/** A figure at a moment, in milliseconds since the begin. */
export interface Sample {
  readonly atMs: number
  readonly value: number
}

/** How a figure changed, in its unit per millisecond. */
export interface Slope {
  readonly slope: number
  /** With 95 % confidence it is not less. */
  readonly low: number
  /** With 95 % confidence it is not more. */
  readonly high: number
}

/** Of the normal distribution, for 95 % on both sides. */
const deviations = 1.96

/**
 * The Theil–Sen slope: the median of the slopes between all pairs of samples, which a few odd samples do not move (H. Theil,
 * "A rank-invariant method of linear and polynomial regression analysis", 1950), with the confidence interval of P. K. Sen,
 * "Estimates of the regression coefficient based on Kendall's tau", 1968. Not a number for fewer than two moments.
 */
export function theilSen(samples: readonly Sample[]): Slope {
  const slopes = pairSlopes(samples).sort((one, other) => one - other)
  const count = samples.length
  const spread = deviations * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18)
  const lowest = Math.max(0, Math.floor((slopes.length - spread) / 2) - 1)
  const highest = Math.min(slopes.length - 1, Math.ceil((slopes.length + spread) / 2))
  return { slope: median(slopes), low: slopes[lowest] ?? Number.NaN, high: slopes[highest] ?? Number.NaN }
}

function pairSlopes(samples: readonly Sample[]): number[] {
  return samples.flatMap((early, index) =>
    samples
      .slice(index + 1)
      .filter(({ atMs }) => atMs !== early.atMs)
      .map(({ atMs, value }) => (value - early.value) / (atMs - early.atMs)),
  )
}
