import {
  isTerminal,
  maxHistogramBuckets,
  type Histogram,
  type HistogramBucket,
  type LatencyBucket,
  type Metrics,
  type TaskFilter,
  type TaskStatus,
  type TypeStats,
} from '@taskloom/protocol'
import { barsOf, binCount, binOf, readBins, valueOf } from './histogram.ts'

/** What a task adds to the figures of the sets it belongs to. */
export interface Countable {
  readonly status: TaskStatus
  readonly durationMs: number | null
  readonly waitMs: number | null
}

/** The duration that counts: only a task that is over has one. */
export function countedDuration({ status, durationMs }: Countable): number | null {
  return isTerminal(status) ? durationMs : null
}

/** The wait that counts, by the same rule: what still runs is counted when it is over. */
export function countedWait({ status, waitMs }: Countable): number | null {
  return isTerminal(status) ? waitMs : null
}

/** The time a filter speaks of: its own bounds, else those of the history; at least a minute. */
export function spanOf(filter: TaskFilter, first: number | null, last: number | null): number | null {
  const since = filter.since ?? first
  const until = filter.until ?? last
  return since === null || until === null ? null : Math.max(60_000, until - since)
}

/** Counts, sums and bins of a set of tasks; every view's numbers are read from here, whatever the store. */
export class Figures {
  readonly counts: Record<TaskStatus, number> = {
    pending: 0,
    running: 0,
    success: 0,
    failed: 0,
    interrupted: 0,
    cancelled: 0,
  }
  readonly duration = new Spread()
  readonly wait = new Spread()

  get total(): number {
    const { pending, running, success, failed, interrupted, cancelled } = this.counts
    return pending + running + success + failed + interrupted + cancelled
  }

  add(task: Countable): void {
    this.counts[task.status] += 1
    this.duration.add(countedDuration(task))
    this.wait.add(countedWait(task))
  }

  get ended(): number {
    const { success, failed, interrupted, cancelled } = this.counts
    return success + failed + interrupted + cancelled
  }

  histogram(isCapped: boolean): Histogram {
    const { duration, wait } = this
    return { duration: duration.bars(), wait: wait.bars(), samples: duration.count, isCapped }
  }

  latencyAt(at: number): LatencyBucket {
    const { duration, wait } = this
    return {
      at,
      ended: this.ended,
      failed: this.counts.failed,
      p50DurationMs: duration.percentile(0.5),
      p95DurationMs: duration.percentile(0.95),
      p99DurationMs: duration.percentile(0.99),
      p50WaitMs: wait.percentile(0.5),
      p95WaitMs: wait.percentile(0.95),
    }
  }

  metrics(isCapped: boolean): Metrics {
    const { duration, wait } = this
    return {
      total: this.total,
      ...this.counts,
      successRate: this.successRate,
      avgDurationMs: duration.mean,
      minDurationMs: duration.percentile(0),
      maxDurationMs: duration.percentile(1),
      p50DurationMs: duration.percentile(0.5),
      p95DurationMs: duration.percentile(0.95),
      p99DurationMs: duration.percentile(0.99),
      avgWaitMs: wait.mean,
      p95WaitMs: wait.percentile(0.95),
      isCapped,
    }
  }

  typeStats(funcName: string, spanMs: number | null): TypeStats {
    const runs = this.total
    return {
      funcName,
      runs,
      success: this.counts.success,
      failed: this.counts.failed,
      rate: this.successRate,
      avgDurationMs: this.duration.mean,
      minDurationMs: this.duration.percentile(0),
      maxDurationMs: this.duration.percentile(1),
      p95DurationMs: this.duration.percentile(0.95),
      runsPerHour: spanMs === null ? null : runs / (spanMs / 3_600_000),
    }
  }

  private get successRate(): number | null {
    return this.ended === 0 ? null : this.counts.success / this.ended
  }
}

/** How a quantity is spread over a set of tasks. */
export class Spread {
  #count = 0
  #sum = 0
  #bins: Float64Array | null = null

  add(value: number | null): void {
    if (value === null) return
    this.#count += 1
    this.#sum += value
    this.#addBin(binOf(value), 1)
  }

  /** Adds a stored partial sum with its encoded bins. */
  addStored(count: number, sum: number, bins: string | null): void {
    this.#count += count
    this.#sum += sum
    if (bins === null) return
    const into = (this.#bins ??= new Float64Array(binCount))
    readBins(bins, (bin, amount) => (into[bin] = (into[bin] ?? 0) + amount))
  }

  /** Adds so many values that all lie in one bin. */
  addToBin(bin: number, amount: number): void {
    this.#count += amount
    this.#addBin(bin, amount)
  }

  /** Adds the sum of values whose bins are added apart. */
  addSum(sum: number): void {
    this.#sum += sum
  }

  get count(): number {
    return this.#count
  }

  /** Bars without gaps from the least to the greatest value. */
  bars(): readonly HistogramBucket[] {
    return this.#bins === null ? [] : barsOf(this.#bins, maxHistogramBuckets)
  }

  get mean(): number | null {
    return this.#count === 0 ? null : this.#sum / this.#count
  }

  /** The value below which the `share` (0–1) smallest lie, by nearest rank; 0 is the least, 1 the greatest. */
  percentile(share: number): number | null {
    if (this.#bins === null || this.#count === 0) return null
    const rank = Math.max(1, Math.ceil(share * this.#count))
    let seen = 0
    let last = 0
    for (let bin = 0; bin < binCount; bin += 1) {
      const amount = this.#bins[bin] as number
      if (amount === 0) continue
      seen += amount
      last = bin
      if (seen >= rank) break
    }
    return valueOf(last)
  }

  #addBin(bin: number, amount: number): void {
    this.#bins ??= new Float64Array(binCount)
    this.#bins[bin] = (this.#bins[bin] ?? 0) + amount
  }
}
