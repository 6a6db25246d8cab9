import type { MetricVerdict, Reading } from './verdict.ts'

/** What the host counted. */
export interface Counts {
  readonly enqueued: number
  readonly refused: number
  readonly ended: number
  /** For good: failed, cancelled or interrupted. */
  readonly failed: number
  /** Told by the engine. */
  readonly faults: number
}

/** What happened to the pages. */
export interface PageTally {
  readonly cuts: number
  readonly reopened: number
  /** How many follow the live stream now. */
  readonly live: number
}

/** What a run came to, as it is kept. */
export interface SoakReport {
  readonly minutes: number
  readonly perSecond: number
  readonly warmUpMinutes: number
  readonly readings: readonly Reading[]
  readonly verdicts: readonly MetricVerdict[]
  readonly counts: Counts
  /** `inStep`: whether in the end they showed what the server said. */
  readonly pages: PageTally & { readonly inStep: boolean }
  /** What else went wrong, in words. */
  readonly faults: readonly string[]
}
