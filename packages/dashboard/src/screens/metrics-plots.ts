import type { Histogram, HistogramBucket, Latency } from '@taskloom/protocol'
import type { PlotData } from '../figures/plot.ts'
import { roundInstants, roundWords } from '../figures/scale.ts'
import type { Formats } from '../format.ts'
import { offsetMs } from '../zone.ts'

const tickCount = 6

/** How many tasks ended in each step of time, and how many of them failed. */
export function throughputPlot(latency: Latency, formats: Formats): PlotData {
  const { say, count } = formats
  const { buckets } = latency
  return {
    ...overTime(latency, formats),
    kind: 'bars',
    title: say('Throughput'),
    series: [
      { name: say('failed'), look: 'failed', values: buckets.map(({ failed }) => failed) },
      { name: say('ended well'), look: 'plain', values: buckets.map(({ ended, failed }) => ended - failed) },
    ],
    scale: 'count',
    format: (value) => count(Math.round(value)),
  }
}

/** How long tasks ran. */
export function durationPlot(latency: Latency, formats: Formats): PlotData {
  const { buckets } = latency
  return {
    ...overTime(latency, formats),
    kind: 'lines',
    title: formats.say('Duration'),
    series: [
      { name: 'p50', look: 'plain', values: buckets.map(({ p50DurationMs }) => p50DurationMs) },
      { name: 'p95', look: 'main', values: buckets.map(({ p95DurationMs }) => p95DurationMs) },
      { name: 'p99', look: 'far', values: buckets.map(({ p99DurationMs }) => p99DurationMs) },
    ],
    scale: 'duration',
    format: (value) => formats.duration(value),
  }
}

/** How long they waited for their start. */
export function waitPlot(latency: Latency, formats: Formats): PlotData {
  const { buckets } = latency
  return {
    ...overTime(latency, formats),
    kind: 'lines',
    title: formats.say('Wait'),
    series: [
      { name: 'p50', look: 'plain', values: buckets.map(({ p50WaitMs }) => p50WaitMs) },
      { name: 'p95', look: 'main', values: buckets.map(({ p95WaitMs }) => p95WaitMs) },
    ],
    scale: 'duration',
    format: (value) => formats.duration(value),
  }
}

/** How durations, or waits, are spread: each bar is wider than the one before by the same factor. */
export function spreadPlot(title: string, buckets: Histogram['duration'], formats: Formats): PlotData {
  const { say, count, duration } = formats
  const edges = buckets.map(({ fromMs }) => fromMs)
  const steps = Math.max(1, Math.ceil(edges.length / tickCount))
  const last = buckets.at(-1)
  return {
    kind: 'bars',
    title,
    series: [{ name: say('tasks'), look: 'plain', values: buckets.map(({ count: n }) => n) }],
    places: buckets.map((bucket) => spanWords(bucket, formats)),
    placeWord: title,
    ticks: [
      ...edges.flatMap((ms, index) =>
        index % steps === 0 && index + steps / 2 < edges.length
          ? [{ word: roundWords(duration(ms)), at: index / edges.length }]
          : [],
      ),
      ...(last ? [{ word: roundWords(duration(last.toMs)), at: 1 }] : []),
    ],
    scale: 'count',
    format: (value) => count(Math.round(value)),
  }
}

function spanWords({ fromMs, toMs }: HistogramBucket, { duration, say }: Formats): string {
  return say('{from} to {to}', { from: duration(fromMs), to: duration(toMs) })
}

function overTime({ since, until, bucketMs, buckets }: Latency, { axis, say, timeZone }: Formats) {
  const span = until - since
  // The bars stand from the first bucket to the end of the last one, which is later than now.
  const from = buckets[0]?.at ?? since
  const width = Math.max(1, buckets.length * bucketMs)
  return {
    places: buckets.map(({ at }) => `${axis(at, span)} – ${axis(at + bucketMs, span)}`),
    placeWord: say('Time'),
    ticks: roundInstants(from, from + width, tickCount, offsetMs(from, timeZone)).map((at) => ({
      word: axis(at, span),
      at: (at - from) / width,
    })),
  }
}
