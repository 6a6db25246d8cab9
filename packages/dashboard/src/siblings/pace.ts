/** How fast a task went lately: what it said of its progress, the oldest first. */
export type Pace = readonly { readonly at: number; readonly percent: number }[]

const kept = 12
const leastSpanMs = 2_000

/** Adds what was said at an instant, epoch milliseconds. A task that fell back has begun anew. */
export function paceAfter(pace: Pace, at: number, percent: number): Pace {
  const last = pace.at(-1)
  if (!last || percent < last.percent) return [{ at, percent }]
  return percent === last.percent ? pace : [...pace, { at, percent }].slice(-kept)
}

/** Milliseconds until 100 %, if it goes on as it did; null while too little is known. */
export function remainingMs(pace: Pace, now: number): number | null {
  const [first] = pace
  const last = pace.at(-1)
  if (!first || !last || last.at - first.at < leastSpanMs) return null
  const msPerPercent = (last.at - first.at) / (last.percent - first.percent)
  return Math.max(0, (100 - last.percent) * msPerPercent - (now - last.at))
}

/** A guess must not look exact: fives of seconds, then minutes, then fives of minutes. */
export function roundedMs(ms: number): number {
  const stepMs = ms < 60_000 ? 5_000 : ms < 3_600_000 ? 60_000 : 300_000
  return Math.ceil(ms / stepMs) * stepMs
}
