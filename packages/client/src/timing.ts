/** Time and chance, passed in so that tests can own them. */
export interface Timing {
  /** Epoch milliseconds. */
  now(): number
  /** Calls back once after `delayMs`; returns how to call it off. */
  after(delayMs: number, callback: () => void): () => void
  /** 0 (inclusive) to 1 (exclusive). */
  random(): number
}

/** The machine's own clock. Its timers keep no process alive. */
export const systemTiming: Timing = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer: unknown = setTimeout(callback, delayMs)
    if (hasUnref(timer)) timer.unref()
    return () => clearTimeout(timer as number)
  },
  random: () => Math.random(),
}

function hasUnref(timer: unknown): timer is { unref(): void } {
  return typeof timer === 'object' && timer !== null && 'unref' in timer
}
