import { minuteMs, type TaskStatus, type Timeline } from '@taskloom/protocol'
import { countedDuration, Spread, type Countable } from './figures.ts'
import type { TimelineQuestion } from './store.ts'

interface Bucket {
  total: number
  readonly counts: Map<string, number>
  readonly duration: Spread
}

interface Grouped {
  readonly createdAt: number
  readonly status: TaskStatus
  readonly funcName: string
  readonly queue: string
}

/** Zero-filled buckets over the whole minutes from `since` to `until`, filled by tasks or by roll-ups. */
export class TimelineBuilder {
  readonly since: number
  readonly until: number
  readonly #buckets: Bucket[]

  constructor(private readonly question: TimelineQuestion) {
    const { since, until, bucketMs } = question
    this.since = Math.floor(since / minuteMs) * minuteMs
    this.until = Math.max(this.since, Math.ceil(until / minuteMs) * minuteMs)
    const count = Math.ceil((this.until - this.since) / bucketMs)
    this.#buckets = Array.from({ length: count }, () => ({ total: 0, counts: new Map(), duration: new Spread() }))
  }

  addTask(task: Grouped & Countable): void {
    this.add(task, 1, (duration) => duration.add(countedDuration(task)))
  }

  /** Adds `amount` tasks that were created in one bucket and share their group. */
  add(place: Grouped, amount: number, addDurations: (duration: Spread) => void): void {
    const bucket = this.#buckets[Math.floor((place.createdAt - this.since) / this.question.bucketMs)]
    if (!bucket || place.createdAt >= this.until) return
    const group = this.#groupOf(place)
    bucket.total += amount
    bucket.counts.set(group, (bucket.counts.get(group) ?? 0) + amount)
    addDurations(bucket.duration)
  }

  timeline(): Timeline {
    const { bucketMs, group } = this.question
    return {
      since: this.since,
      until: this.until,
      bucketMs,
      group,
      buckets: this.#buckets.map(({ total, counts, duration }, index) => ({
        at: this.since + index * bucketMs,
        total,
        // What was counted and taken back again leaves a zero.
        counts: Object.fromEntries([...counts].filter(([, amount]) => amount !== 0)),
        p95DurationMs: duration.percentile(0.95),
      })),
    }
  }

  #groupOf({ status, funcName, queue }: Grouped): string {
    const words = { status, func_name: funcName, queue }
    return words[this.question.group]
  }
}
