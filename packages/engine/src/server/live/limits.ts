/** What one live stream, and all of them together, may cost. */
export const liveLimits = {
  /** Tasks of one frame; beyond it the reader is told to refetch its page. */
  tasksPerFrame: 200,
  tasksEveryMs: 100,
  countsEveryMs: 1_000,
  hintsEveryMs: 1_000,
  heartbeatEveryMs: 15_000,
  /** A reader that takes nothing for so many heartbeats is given up. */
  stalledBeats: 20,
  /** How often it is asked whether sessions still live. */
  sessionsEveryMs: 2_000,
  /** Readers are written to for so long before the event loop gets its turn. */
  sliceMs: 4,
  /** A reader whose filter nothing belongs to still moves on, before the ring forgets where it is. */
  silentRevisions: 1_000,
  unreadBytes: 1024 * 1024,
  logLinesPerFrame: 200,
  logCharactersPerFrame: 256 * 1024,
  ring: { changes: 5_000, logCharacters: 4 * 1024 * 1024 },
} as const
