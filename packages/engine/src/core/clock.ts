/** The only source of time in the engine. Tests pass their own. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /**
   * Calls back once after `delayMs`, never keeps the process alive, and returns how to call it off. Delays beyond
   * 2^31−1 ms are allowed, although Node's own timers would fire them at once.
   */
  after(delayMs: number, callback: () => void): () => void
}
