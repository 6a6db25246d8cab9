import type { TerminalStatus } from '@taskloom/protocol'

/** What a monitoring system asks, again and again: totals since the store was made, and how things stand now. */
export interface MeterQuestion {
  /** What is due later than this is delayed. */
  readonly now: number
  /** Upper bounds of the steps that durations and waits are sorted into, milliseconds, ascending. */
  readonly boundsMs: readonly number[]
  /** Functions and queues that are answered by name, whatever happens. */
  readonly named: readonly MeterName[]
  /** At most so many are answered by name, the named ones first, then the busiest; all others are one sum. */
  readonly limit: number
}

/** Tasks that are counted together. */
export interface MeterName {
  /** The function they are of. */
  readonly funcName: string
  /** The queue they are in. */
  readonly queue: string
}

/** What the tasks of one function in one queue come to. */
export interface Meter {
  /** Tasks that wait, delayed and retrying ones among them. */
  readonly pending: number
  /** Tasks that run now. */
  readonly running: number
  /** Tasks that failed and are still kept. */
  readonly deadLetters: number
  /** How many ever ended so. Never falls: tasks that were deleted stay counted. */
  readonly ended: Readonly<Record<TerminalStatus, number>>
  /** Attempts that were made anew after a failure, ever. Never falls. */
  readonly retries: number
  /** Of tasks that ended, ever. */
  readonly duration: MeterSpread
  /** How long those had been due before their last attempt; none for tasks that never started. */
  readonly wait: MeterSpread
}

/** How a length of time is spread over tasks. */
export interface MeterSpread {
  /**
   * How many lie within each step, above the bound before and up to its own; the last is above all bounds. What lies up
   * to 2 % above a bound may be counted below it, never the other way round.
   */
  readonly steps: readonly number[]
  /** All lengths together, milliseconds. */
  readonly sumMs: number
}

/** All counts, at one instant. */
export interface MeterAnswer {
  /** By name, in no order that means anything. */
  readonly meters: readonly (MeterName & Meter)[]
  /** All that are not answered by name; null when there are none. */
  readonly others: Meter | null
  /** Pending tasks that are due later. */
  readonly delayed: number
  /**
   * Since when the pending task that is due the longest is due; null when none is. Of tasks without a delay a store may look
   * at the most urgent 100,000 alone.
   */
  readonly oldestDueAt: number | null
  /** What the store takes up on disk, without its log; null when it is not on a disk of ours. */
  readonly sizeBytes: number | null
}
