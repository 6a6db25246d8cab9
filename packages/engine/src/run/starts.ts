import { AsyncResource } from 'node:async_hooks'
import type { Clock } from '../core/clock.ts'
import type { Running } from './running.ts'

/** Functions that do their work before they return keep the event loop no longer than this in one turn. */
const turnMs = 10

/** Whoever let others begin must not lend them his context. */
const outside = new AsyncResource('taskloom')

export interface StartsOptions {
  readonly clock: Clock
  /** Attempts that are open at once. */
  readonly concurrency: number
  /** `isLate` when it was held. */
  readonly begin: (running: Running, isLate: boolean) => void
}

/**
 * Lets attempts begin that are stored as running. One waits for a later turn of the event loop when those before it have
 * taken up this one, or when as many are open as may be: there are more than that only of functions that were over when
 * they returned, time and again, and then one is not.
 */
export class Starts {
  readonly #options: StartsOptions
  readonly #held = new Set<Running>()
  #open = 0
  /** When this turn's first attempt began; null before. */
  #turnAt: number | null = null

  constructor(options: StartsOptions) {
    this.#options = options
  }

  /** Whether some are held. */
  get isBehind(): boolean {
    return this.#held.size > 0
  }

  admit(running: Running): void {
    if (this.#held.size === 0 && this.#hasRoom()) this.#begin(running, false)
    else this.#held.add(running)
  }

  isHeld(running: Running): boolean {
    return this.#held.has(running)
  }

  /** One was asked to stop: it need not wait, because its function will not be called. Whether it was held. */
  release(running: Running): boolean {
    const wasHeld = this.#held.delete(running)
    if (wasHeld) this.#begin(running, true)
    return wasHeld
  }

  /** An open attempt is over. */
  ended(): void {
    this.#open -= 1
    if (this.#held.size > 0) this.#awaitTurn()
  }

  #hasRoom(): boolean {
    if (this.#open >= this.#options.concurrency) return false
    this.#awaitTurn()
    return this.#options.clock.now() - (this.#turnAt ?? 0) < turnMs
  }

  #begin(running: Running, isLate: boolean): void {
    this.#open += 1
    this.#options.begin(running, isLate)
  }

  #awaitTurn(): void {
    if (this.#turnAt !== null) return
    this.#turnAt = this.#options.clock.now()
    outside.runInAsyncScope(() => setImmediate(() => this.#nextTurn()))
  }

  #nextTurn(): void {
    this.#turnAt = null
    for (const running of this.#held) {
      if (!this.#hasRoom()) return
      this.#held.delete(running)
      this.#begin(running, true)
    }
  }
}
