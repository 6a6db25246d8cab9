import type { Clock } from '../core/clock.ts'
import { nextTokenAt, returnToken, takeToken, type RateLimit } from '../core/rate-limit.ts'

/** What a function or a queue lets through in this process; null is without limit. */
export interface Limits {
  readonly concurrency: number | null
  readonly rateLimit: RateLimit | null
}

/** Lets tasks in one by one, as far as there is room behind it. */
export interface Door {
  readonly isClosed: boolean
  enter(): void
  /** `isUnused` when nothing was started after all. */
  leave(isUnused: boolean): void
}

/** Counts what runs behind it and how often something started, and is closed where a limit is reached. */
export class Gate implements Door {
  /** Nothing gets through, whatever the limits. */
  isPaused = false
  #running = 0
  #fullAt = Number.NEGATIVE_INFINITY

  constructor(
    private readonly limits: Limits,
    private readonly clock: Clock,
  ) {}

  get isClosed(): boolean {
    if (this.isPaused) return true
    const { concurrency, rateLimit } = this.limits
    if (concurrency !== null && this.#running >= concurrency) return true
    return rateLimit !== null && this.opensAt > this.clock.now()
  }

  /** When its rate lets the next one through; −∞ without one. */
  get opensAt(): number {
    const { rateLimit } = this.limits
    return rateLimit === null ? Number.NEGATIVE_INFINITY : nextTokenAt(rateLimit, this.#fullAt, this.clock.now())
  }

  enter(): void {
    const { rateLimit } = this.limits
    this.#running += 1
    if (rateLimit !== null) this.#fullAt = takeToken(rateLimit, this.#fullAt, this.clock.now())
  }

  leave(isUnused: boolean): void {
    const { rateLimit } = this.limits
    this.#running -= 1
    if (rateLimit !== null && isUnused) this.#fullAt = returnToken(rateLimit, this.#fullAt)
  }
}
