import type { Clock } from '../core/clock.ts'

/** Node's timers fire at once beyond 2^31−1 ms, and an hour at most keeps a jump of the wall clock short. */
const longestSleepMs = 3_600_000

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    let timer: NodeJS.Timeout
    const sleep = (leftMs: number): void => {
      const stepMs = Math.min(Math.max(0, leftMs), longestSleepMs)
      timer = setTimeout(() => (leftMs > stepMs ? sleep(leftMs - stepMs) : callback()), stepMs).unref()
    }
    sleep(delayMs)
    return () => clearTimeout(timer)
  },
}
