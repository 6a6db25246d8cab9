import { minuteMs, type Latency } from '@taskloom/protocol'
import { Figures } from './figures.ts'
import type { LatencyQuestion } from './store.ts'

/** Figures for each bucket over the whole minutes from `since` to `until`, filled by tasks or by roll-ups. */
export class LatencyBuilder {
  readonly since: number
  readonly until: number
  readonly #bucketMs: number
  readonly #buckets: readonly Figures[]

  constructor({ since, until, bucketMs }: LatencyQuestion) {
    this.since = Math.floor(since / minuteMs) * minuteMs
    this.until = Math.max(this.since, Math.ceil(until / minuteMs) * minuteMs)
    this.#bucketMs = bucketMs
    this.#buckets = Array.from({ length: Math.ceil((this.until - this.since) / bucketMs) }, () => new Figures())
  }

  /** The figures that a task of this creation belongs to; undefined outside. */
  at(createdAt: number): Figures | undefined {
    return createdAt < this.until ? this.#buckets[Math.floor((createdAt - this.since) / this.#bucketMs)] : undefined
  }

  latency(): Latency {
    return {
      since: this.since,
      until: this.until,
      bucketMs: this.#bucketMs,
      buckets: this.#buckets.map((figures, index) => figures.latencyAt(this.since + index * this.#bucketMs)),
    }
  }
}
