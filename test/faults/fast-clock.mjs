/** A clock whose hours are minutes, the same in every process that was given the same beginning. */
export function fastClock(beganAt, speed) {
  return {
    now: () => beganAt + Math.round((Date.now() - beganAt) * speed),
    after(delayMs, callback) {
      const timer = setTimeout(callback, Math.max(0, delayMs) / speed).unref()
      return () => clearTimeout(timer)
    },
  }
}
