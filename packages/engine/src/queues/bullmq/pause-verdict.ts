/** What makes a queue of ours and its queues of BullMQ agree about being paused. */
export type PauseDeed = 'pause there' | 'resume there' | 'pause here' | 'resume here'

/** A queue as the store has it, and as BullMQ has it. */
export interface PauseState {
  /** Whether the store says that it is paused. */
  readonly isPaused: boolean
  /** Whether the store says so because BullMQ did. */
  readonly isFromThere: boolean
  /** Whether its plain queue of BullMQ is paused, which is the one that other tools show by its name. */
  readonly isPausedThere: boolean
  /** Whether those of functions with limits are as the plain one is. */
  readonly isAlike: boolean
}

/**
 * Who pauses or resumes in BullMQ by another tool is heard. But what was paused here stays paused whatever BullMQ says, as
 * it may have forgotten; null when they agree.
 */
export function settlePause({ isPaused, isFromThere, isPausedThere, isAlike }: PauseState): PauseDeed | null {
  if (isPaused === isPausedThere) return isAlike ? null : isPaused ? 'pause there' : 'resume there'
  if (!isPaused) return 'pause here'
  return isFromThere ? 'resume here' : 'pause there'
}
