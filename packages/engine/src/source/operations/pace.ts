/** So many tasks are worked off between two looks at their operation, at most. */
const maxSlice = 500
/** A slice takes about so long, so that the pace is even and a wish to stop is soon heard. */
const sliceMs = 250

/** How many tasks of an operation are worked off between two pauses. Pure. */
export function sliceOf(perSecond: number): number {
  return Math.min(maxSlice, Math.max(1, Math.ceil((perSecond * sliceMs) / 1_000)))
}

/** How long to pause after so many tasks took so long. Pure. */
export function pauseAfter(count: number, tookMs: number, perSecond: number): number {
  return Math.max(0, Math.ceil((count * 1_000) / perSecond - Math.max(0, tookMs)))
}
