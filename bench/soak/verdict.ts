import { formatTable, median } from '../figures.ts'
import { theilSen, type Sample } from './slope.ts'

/** What is watched of the host, said before it runs: by how many percent in ten minutes it may rise at most. */
export const metrics = [
  { key: 'heapMb', name: 'heap after collection, MB', boundPercent: 1 },
  { key: 'rssMb', name: 'resident memory, MB', boundPercent: 2 },
  { key: 'descriptors', name: 'open descriptors', boundPercent: 1 },
  { key: 'walMb', name: 'write-ahead log, MB', boundPercent: 5 },
  { key: 'p50Ms', name: 'enqueue to end p50, ms', boundPercent: 5 },
  { key: 'p99Ms', name: 'enqueue to end p99, ms', boundPercent: 10 },
] as const
export type MetricKey = (typeof metrics)[number]['key']

/** All figures of one moment. */
export type Reading = { readonly atMs: number } & Readonly<Record<MetricKey, number>>

/** One line of the report. Percentages are of the median, per ten minutes. */
export interface MetricVerdict {
  readonly key: MetricKey
  readonly name: string
  readonly first: number
  readonly median: number
  readonly last: number
  readonly percent: number
  readonly lowPercent: number
  readonly highPercent: number
  readonly boundPercent: number
  /** Whether it rises by more than the bound even if all doubt is in its favour. */
  readonly isOut: boolean
}

const tenMinutesMs = 600_000
/**
 * Retention has its first full turn after a minute and a half, the file is as large as it gets after four, and SQLite has
 * read each of its pages once after five: that is how long resident memory rises.
 */
const leastWarmUpMs = 300_000
const warmUpShare = 0.2
/** Fewer moments say nothing. */
const leastReadings = 8

/** What is left out at the begin: until code is compiled and caches, the log and the history are as large as they get. */
export function warmUpOf(lengthMs: number): number {
  return Math.min(lengthMs / 2, Math.max(leastWarmUpMs, warmUpShare * lengthMs))
}

/** The slope of each figure after the warm-up, and whether it is out of its bound. Throws where there is too little to judge. */
export function judgeSlopes(readings: readonly Reading[], warmUpMs: number): readonly MetricVerdict[] {
  const steady = readings.filter(({ atMs }) => atMs >= warmUpMs)
  if (steady.length < leastReadings) {
    throw new Error(`${steady.length} readings after the warm-up are too few: ${leastReadings} are needed`)
  }
  return metrics.map(({ key, name, boundPercent }) => {
    const samples = steady.map((reading) => ({ atMs: reading.atMs, value: reading[key] }))
    return { key, name, boundPercent, ...describeSamples(samples, boundPercent) }
  })
}

export function formatVerdicts(verdicts: readonly MetricVerdict[]): string {
  return formatTable(
    ['after the warm-up', 'first', 'median', 'last', '% in 10 min', '95 % from', 'to', 'bound', ''],
    verdicts.map(({ name, first, median, last, percent, lowPercent, highPercent, boundPercent, isOut }) => [
      ...[name, first, median, last, percent, lowPercent, highPercent, boundPercent],
      isOut ? 'out' : '',
    ]),
  )
}

function describeSamples(samples: readonly Sample[], boundPercent: number) {
  const values = samples.map(({ value }) => value)
  const level = median(values)
  const { slope, low, high } = theilSen(samples)
  const percentOf = (perMs: number): number => (perMs === 0 ? 0 : ((perMs * tenMinutesMs) / level) * 100)
  const lowPercent = percentOf(low)
  return {
    first: values[0] ?? Number.NaN,
    median: level,
    last: values.at(-1) ?? Number.NaN,
    percent: percentOf(slope),
    lowPercent,
    highPercent: percentOf(high),
    isOut: lowPercent > boundPercent,
  }
}
