import type { Timing } from '../../packages/client/src/timing.ts'

/** A clock that stands until it is advanced. */
export class ManualTiming implements Timing {
  chance = 0.5
  #now: number
  #timers: { readonly at: number; readonly callback: () => void }[] = []

  constructor(now = 1_000_000) {
    this.#now = now
  }

  get pendingCount(): number {
    return this.#timers.length
  }

  now(): number {
    return this.#now
  }

  random(): number {
    return this.chance
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Fires what falls due, in order; between two timers everything that was started comes to rest. */
  async advance(byMs: number): Promise<void> {
    const end = this.#now + byMs
    await rest()
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#timers = this.#timers.filter((timer) => timer !== next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
      await rest()
    }
    this.#now = end
  }
}

/** Lets promises that wait for nothing outside run to their ends. */
export async function rest(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
