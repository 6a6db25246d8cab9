/** Times from asking for a task until its end is told, in milliseconds; which of the two is heard first is left open. */
export class Latencies {
  #asked = new Map()
  #ended = new Map()
  #times = []
  #pausedUntil = 0

  asked(id, at) {
    const endedAt = this.#ended.get(id)
    if (endedAt === undefined) this.#asked.set(id, at)
    else this.#add(id, at, endedAt)
  }

  ended(id) {
    const askedAt = this.#asked.get(id)
    const now = performance.now()
    // Also those of schedules, which nobody asks about: only the newest are kept.
    if (askedAt !== undefined) this.#add(id, askedAt, now)
    else this.#ended.set(id, now)
    if (this.#ended.size > 1_000) this.#ended.delete(this.#ended.keys().next().value)
  }

  /** Nobody asks about this one. */
  leaveOut(id) {
    this.#ended.delete(id)
  }

  /** What is asked for in the next time is not counted: it waits for the measurement itself. */
  pause(forMs) {
    this.#pausedUntil = performance.now() + forMs
  }

  /** The percentiles since the last time. */
  take() {
    const sorted = Float64Array.from(this.#times).sort()
    this.#times = []
    const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
    return { p50: at(0.5), p99: at(0.99) }
  }

  #add(id, askedAt, endedAt) {
    this.#asked.delete(id)
    this.#ended.delete(id)
    if (askedAt >= this.#pausedUntil) this.#times.push(endedAt - askedAt)
  }
}
