import type { Clock } from '@taskloom/engine'

/** A clock whose time passes only when a test says so. */
export interface FakeClock extends Clock {
  /** Lets time pass: every timer due on the way fires at its own instant, and what it starts may settle in between. */
  advance(ms: number): Promise<void>
  /** How many timers wait. */
  readonly pending: number
}

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** A clock that stands still until a test moves it. `startAt` is epoch milliseconds. */
export function createFakeClock(startAt = Date.UTC(2026, 0, 1)): FakeClock {
  const timers = new Set<Timer>()
  let now = startAt
  const nextDue = (until: number): Timer | undefined => {
    const due = [...timers].filter((timer) => timer.at <= until)
    return due.reduce<Timer | undefined>((first, timer) => (first && first.at <= timer.at ? first : timer), undefined)
  }
  return {
    get pending() {
      return timers.size
    },
    now: () => now,
    after(delayMs, callback) {
      const timer = { at: now + Math.max(0, delayMs), callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async advance(ms) {
      const until = now + ms
      await settle()
      for (let timer = nextDue(until); timer; timer = nextDue(until)) {
        timers.delete(timer)
        now = Math.max(now, timer.at)
        timer.callback()
        await settle()
      }
      now = until
      await settle()
    },
  }
}

/** Lets promises and immediates run that are ready to. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
