import { backOffMs } from './back-off.ts'
import type { Changes } from './changes.ts'
import type { Session } from './database.ts'

/** Not oftener than so is a commit of ours told. */
const gapMs = 50

export interface RevisionOptions {
  readonly session: Session
  /** How often is looked whether others have committed something. */
  readonly pollMs: number
  readonly chance: () => number
}

/**
 * Changes by a number in the database that every process raises after its commits, and every process looks at now and then.
 * One step after the other: what is read is never in the middle of a raise of ours.
 */
export class Revision implements Changes {
  #foreign = 0
  /** By how much we have raised it. */
  #own = 0
  #isDue = false
  #isClosed = false
  #failures = 0
  #polledMs = 0
  #raisedMs = -Infinity
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> | null = null

  constructor(private readonly options: RevisionOptions) {}

  async open(): Promise<void> {
    await this.#read()
    this.#plan()
  }

  tell(): void {
    this.#isDue = true
    this.#plan()
  }

  foreign(): number {
    return this.#foreign
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#timer) clearTimeout(this.#timer)
    await this.#running
    if (!this.#isDue) return
    try {
      await this.#raise()
    } catch {
      // Nobody is told: others see it when they look for another reason.
    }
  }

  /** When the next step is done: at the next look, or sooner when there is something to tell. */
  #plan(): void {
    if (this.#isClosed || this.#running) return
    if (this.#timer) clearTimeout(this.#timer)
    const lookMs = this.#polledMs + this.options.pollMs
    const atMs = this.#isDue ? Math.min(lookMs, this.#raisedMs + gapMs) : lookMs
    const pauseMs = this.#failures > 0 ? backOffMs(this.#failures, this.options.chance) : atMs - performance.now()
    this.#timer = setTimeout(() => this.#start(), Math.max(0, pauseMs))
    this.#timer.unref()
  }

  #start(): void {
    this.#timer = null
    this.#running = this.#step().finally(() => {
      this.#running = null
      this.#plan()
    })
  }

  async #step(): Promise<void> {
    try {
      if (this.#isDue) await this.#raise()
      await this.#read()
      this.#failures = 0
    } catch {
      this.#failures += 1
    }
  }

  async #raise(): Promise<void> {
    this.#isDue = false
    this.#raisedMs = performance.now()
    try {
      await this.options.session.run('UPDATE @revision SET revision = revision + 1 WHERE id = 1')
      this.#own += 1
    } catch (cause) {
      // Where it was done all the same it counts as somebody else's: that costs a look.
      this.#isDue = true
      throw cause
    }
  }

  async #read(): Promise<void> {
    const [row] = await this.options.session.rows('SELECT revision FROM @revision WHERE id = 1')
    this.#foreign = Number(row?.[0] ?? 0) - this.#own
    this.#polledMs = performance.now()
  }
}
