import type { Clock } from '../../core/clock.ts'

/** A job that waits for a slot. */
interface Waiting {
  readonly since: number
  /** Whether it may be given back; asked when it has waited for long. */
  readonly isTooMany: () => boolean
  /** Whether it has a slot now. */
  readonly resolve: (isInside: boolean) => void
}

/** A job that may be given back waits no longer than this. */
const patienceMs = 100

/** Lets so many be inside at once; the others wait in line. */
export class Slots {
  #waiting: Waiting[] = []
  #inside = 0
  #callOff: (() => void) | null = null

  constructor(
    private readonly size: number,
    private readonly clock: Clock,
  ) {}

  /** False when it was given up, because `isTooMany` said so after a while, or all were. */
  enter(isTooMany: () => boolean): Promise<boolean> {
    if (this.#inside < this.size) {
      this.#inside += 1
      return Promise.resolve(true)
    }
    return new Promise((resolve) => {
      this.#waiting.push({ since: this.clock.now(), isTooMany, resolve })
      this.#watch()
    })
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (next) next.resolve(true)
    else this.#inside -= 1
  }

  /** Whoever waits is given up. */
  clear(): void {
    this.#callOff?.()
    this.#callOff = null
    for (const { resolve } of this.#waiting.splice(0)) resolve(false)
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
