import type { Clock } from '../core/clock.ts'

/** What was asked, or a rejection when it does not come within `limitMs`; what comes later is not heard. `what` begins the words. */
export async function inTime<T>(clock: Clock, limitMs: number, what: string, ask: () => Promise<T>): Promise<T> {
  let stop = () => {}
  const late = new Promise<never>((_, reject) => {
    stop = clock.after(limitMs, () => reject(new Error(`${what} did not answer within ${limitMs} ms`)))
  })
  try {
    return await Promise.race([ask(), late])
  } finally {
    stop()
  }
}
