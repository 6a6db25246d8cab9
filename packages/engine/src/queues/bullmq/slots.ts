import type { Clock } from '../../core/clock.ts'

/** A job that waits for a slot. */
interface Waiting {
  readonly since: number
  readonly isPrompt: boolean
  /** Whether it may be given back; asked when it has waited for long. */
  readonly isTooMany: () => boolean
  /** Whether it has a slot now. */
  readonly resolve: (isInside: boolean) => void
}

/** A job that may be given back waits no longer than this. */
const patienceMs = 100
/** With fewer slots the order of tasks is worth more than the time between two of them. */
export const fewestSlots = 16
/** So many prompt functions take one slot together. */
export const promptFactor = 4

/**
 * Lets so many be inside at once; the others wait in line. Functions that are over when they return run one after the other,
 * however many are inside: what they wait for is their store, and several may do that in one slot.
 */
export class Slots {
  #waiting: Waiting[] = []
  /** Slots that are taken, with parts of some. */
  #taken = 0
  #callOff: (() => void) | null = null

  constructor(
    private readonly size: number,
    private readonly clock: Clock,
  ) {}

  /** False when it was given up, because `isTooMany` said so after a while, or all were. */
  enter(isTooMany: () => boolean, isPrompt = false): Promise<boolean> {
    if (this.#taken < this.size) {
      this.#taken += this.#partFor(isPrompt)
      return Promise.resolve(true)
    }
    return new Promise((resolve) => {
      this.#waiting.push({ since: this.clock.now(), isPrompt, isTooMany, resolve })
      this.#watch()
    })
  }

  /** `isPrompt` as when it came. */
  leave(isPrompt = false): void {
    this.#taken -= this.#partFor(isPrompt)
    while (this.#taken < this.size) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#taken += this.#partFor(next.isPrompt)
      next.resolve(true)
    }
  }

  /** Whoever waits is given up. */
  clear(): void {
    this.#callOff?.()
    this.#callOff = null
    for (const { resolve } of this.#waiting.splice(0)) resolve(false)
  }

  /** How much of a slot one takes. */
  #partFor(isPrompt: boolean): number {
    return isPrompt && this.size >= fewestSlots ? 1 / promptFactor : 1
  }

  #watch(): void {
    this.#callOff ??= this.clock.after(patienceMs, () => this.#look())
  }

  #look(): void {
    this.#callOff = null
    const since = this.clock.now() - patienceMs
    this.#waiting = this.#waiting.filter((waiting) => {
      if (waiting.since > since || !waiting.isTooMany()) return true
      waiting.resolve(false)
      return false
    })
    if (this.#waiting.length > 0) this.#watch()
  }
}
