import { backOffMs } from './back-off.ts'

/**
 * Does something each time it is asked to, but several times at once: not more often than every `gapMs`, once more after it
 * was asked the last time, and again after it failed.
 */
export class Coalesced {
  #isDue = false
  #isClosed = false
  #failures = 0
  #lastMs = -Infinity
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> | null = null

  constructor(
    private readonly act: () => Promise<void>,
    private readonly gapMs: number,
    private readonly chance: () => number,
  ) {}

  ask(): void {
    this.#isDue = true
    this.#plan()
  }

  /** Does what is due. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#timer) clearTimeout(this.#timer)
    await this.#running
    if (this.#isDue) await this.#run()
  }

  #plan(): void {
    if (!this.#isDue || this.#isClosed || this.#timer || this.#running) return
    const nextMs = this.#lastMs + (this.#failures > 0 ? backOffMs(this.#failures, this.chance) : this.gapMs)
    this.#timer = setTimeout(() => this.#start(), Math.max(0, nextMs - performance.now()))
    this.#timer.unref()
  }

  #start(): void {
    this.#timer = null
    this.#running = this.#run().finally(() => {
      this.#running = null
      this.#plan()
    })
  }

  async #run(): Promise<void> {
    this.#isDue = false
    this.#lastMs = performance.now()
    try {
      await this.act()
      this.#failures = 0
    } catch {
      this.#failures += 1
      this.#isDue = true
    }
  }
}
