import type { Clock } from '../core/clock.ts'

/** Rings once at an instant that may be moved. */
export class Alarm {
  #at = Number.POSITIVE_INFINITY
  #callOff: () => void = () => undefined

  constructor(
    private readonly clock: Clock,
    private readonly ring: () => void,
  ) {}

  /** Rings at `at` and at no other instant; +∞ is never. */
  set(at: number): void {
    if (at === this.#at) return
    this.#callOff()
    this.#at = at
    if (at === Number.POSITIVE_INFINITY) return
    this.#callOff = this.clock.after(Math.max(0, at - this.clock.now()), () => {
      this.#at = Number.POSITIVE_INFINITY
      this.ring()
    })
  }

  /** Rings at `at` unless it rings before. */
  setBy(at: number): void {
    if (at < this.#at) this.set(at)
  }

  off(): void {
    this.set(Number.POSITIVE_INFINITY)
  }
}
