/** Wall clocks: an instant as the clock on the wall of a zone shows it, and back. */

/** `2026-11-22T14:05`, as inputs of a browser have it; the zone is an IANA name, undefined the browser's own. */
export function toWallClock(at: number, timeZone: string | undefined): string {
  const shown = new Date(at + offsetMs(at, timeZone))
  return shown.toISOString().slice(0, 16)
}

/**
 * The instant at which the wall clock shows that; null when it is no time. A time that comes twice when clocks are set back is
 * the first of the two, one that is left out when they are set forward is as long after the last one as it says.
 */
export function fromWallClock(text: string, timeZone: string | undefined): number | null {
  const shown = Date.parse(`${text}Z`)
  if (Number.isNaN(shown)) return null
  const guesses = [shown - dayMs, shown + dayMs].map((at) => shown - offsetMs(at, timeZone))
  const right = guesses.filter((at) => at + offsetMs(at, timeZone) === shown)
  return right.length > 0 ? Math.min(...right) : Math.max(...guesses)
}

const dayMs = 86_400_000

/** How far the wall clock is before UTC. */
export function offsetMs(at: number, timeZone: string | undefined): number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return wall - Math.floor(at / 1_000) * 1_000
}
