import type { Door } from '../gate.ts'
import { maxCells } from './claims.ts'

/** What one worker takes on, in parts that all depths divide nearly evenly. */
export const whole = 2 ** 20
/** Work that may lie in a worker's inbox, as far as it can be foreseen. */
const inboxMs = 5
/** How much of a new measurement goes into the average. */
const weight = 1 / 8

/** What a pool's workers have taken on: parts of {@link whole}. */
export class Load {
  #parts = 0

  constructor(private readonly workers: number) {}

  /** Something is full when it can take nothing: what fits only in part still comes in, so that nothing big starves. */
  get isFull(): boolean {
    return this.#parts >= this.workers * whole
  }

  add(parts: number): void {
    this.#parts += parts
  }
}

/**
 * How long one function's calls take, and what lets its tasks into the pool: one for each worker, or several where so
 * many have usually run within {@link inboxMs}. A function that has not been measured yet is taken for a long one.
 */
export class Pace implements Door {
  #averageMs: number | null = null
  #admitted = 0
  #cost = whole

  constructor(
    private readonly load: Load,
    /** Tasks that one worker may have been given at once. */
    private readonly maxDepth: number,
  ) {}

  get isClosed(): boolean {
    return this.load.isFull
  }

  /** The part of a worker that one task takes. */
  get cost(): number {
    return this.#cost
  }

  enter(): void {
    this.#admitted += 1
    this.load.add(this.#cost)
  }

  leave(): void {
    this.#admitted -= 1
    this.load.add(-this.#cost)
  }

  /** A call took so long. */
  took(ms: number): void {
    if (this.maxDepth === 1) return
    const averageMs = this.#averageMs === null ? ms : this.#averageMs + (ms - this.#averageMs) * weight
    this.#averageMs = averageMs
    const depth = Math.min(this.maxDepth, maxCells, Math.max(1, Math.floor(inboxMs / averageMs)))
    const cost = Math.floor(whole / depth)
    this.load.add(this.#admitted * (cost - this.#cost))
    this.#cost = cost
  }
}
