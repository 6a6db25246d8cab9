import type { ErrorGroup } from '@taskloom/protocol'

export type { ErrorGroup }

/** How busy queues are, at one instant. */
export interface LoadQuestion {
  /** Tasks that are due by then wait. */
  readonly now: number
  /** Tasks that ended at or after this instant are counted. */
  readonly endedSince: number
  /** Tasks that were created at or after this instant are recent; a whole minute. */
  readonly recentSince: number
}

/** Tasks of one function in one queue that wait, run or are recent. */
export interface LoadCell {
  /** Their function. */
  readonly funcName: string
  /** Their queue. */
  readonly queue: string
  /** How many wait, delayed and retrying ones among them. */
  readonly pending: number
  /** How many run. */
  readonly running: number
  /** How many were created lately, whatever has become of them. */
  readonly recent: number
}

/** How busy one queue is. */
export interface QueueLoad {
  /** Its name. */
  readonly queue: string
  /**
   * Since when the task that waits longest has been due; null when none is due. Looked for among the first 100,000 that
   * wait and the first 100,000 whose delay is over.
   */
  readonly oldestDueAt: number | null
  /** How many tasks ended since {@link LoadAnswer.endedFrom}. */
  readonly ended: number
}

/** What is waiting, running and ending. */
export interface LoadAnswer {
  /** By queue and function; none for those that have nothing to show. */
  readonly cells: readonly LoadCell[]
  /** By name; none for those where nothing is due and nothing ended. */
  readonly queues: readonly QueueLoad[]
  /** From when on ends were counted: the instant asked for, or later when more than 20,000 tasks ended since. */
  readonly endedFrom: number
}

/** Which error groups are wanted. */
export interface ErrorQuestion {
  /** The end of the stretches of time that are counted. */
  readonly now: number
  /** Groups that were last seen before are left out; null for none. */
  readonly since: number | null
}

/** Error groups that are kept; the ones that were not seen for the longest time make room for new ones. */
export const maxErrorGroups = 500
/** Functions that are named in a group. */
export const maxErrorFunctions = 20
/** Counts of hours are kept for so long. */
export const errorCountsMs = 8 * 86_400_000
/** Ends of tasks that are looked at for the throughput of queues. */
export const maxCountedEnds = 20_000
/** Waiting tasks that are looked at for the one that has waited longest. */
export const maxCountedWaits = 100_000
