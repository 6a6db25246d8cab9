import type { Clock } from '../../core/clock.ts'

/** Runs something as often as it is asked for, but not more often than once per interval. Idle, it holds no timer. */
export class Pace {
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #run: () => void
  #cancel: (() => void) | null = null
  #lastAt = -Infinity

  constructor(clock: Clock, intervalMs: number, run: () => void) {
    this.#clock = clock
    this.#intervalMs = intervalMs
    this.#run = run
  }

  /** Runs as soon as the interval allows: at once after a rest. */
  request(): void {
    const sinceLastMs = Math.max(0, this.#clock.now() - this.#lastAt)
    this.#runAfter(Math.max(0, this.#intervalMs - sinceLastMs))
  }

  /** Runs a whole interval from now. */
  requestLater(): void {
    this.#runAfter(this.#intervalMs)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = null
  }

  #runAfter(delayMs: number): void {
    this.#cancel ??= this.#clock.after(delayMs, () => {
      this.#cancel = null
      this.#lastAt = this.#clock.now()
      this.#run()
    })
  }
}
