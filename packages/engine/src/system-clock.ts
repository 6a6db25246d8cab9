import type { Clock } from './core/clock.ts'

/** Node's timers fire at once beyond 2^31−1 ms. */
const longestTimerMs = 2 ** 31 - 1

/** The machine's own time, and timers that never keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    let timer: NodeJS.Timeout
    const wait = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, longestTimerMs)
      timer = setTimeout(() => (leftMs > stepMs ? wait(leftMs - stepMs) : callback()), stepMs)
      timer.unref()
    }
    wait(Math.max(0, delayMs))
    return () => clearTimeout(timer)
  },
}
