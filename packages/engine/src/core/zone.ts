/** A time zone: what its clocks on the wall show. Wall times are written as epoch milliseconds of the same time in UTC. */
export interface Zone {
  /** What the clocks show at this instant. */
  readonly wall: (at: number) => number
  /** Whether the clocks ever show this time: it is false inside the gap when they go forward. */
  readonly shows: (wall: number) => boolean
  /** The first instant at which the clocks show this time or a later one. */
  readonly reaches: (wall: number) => number
}

const dayMs = 86_400_000
const zones = new Map<string, Zone>()

export function zoneOf(timezone: string): Zone {
  const known = zones.get(timezone)
  if (known) return known
  if (zones.size >= 1_000) zones.clear()
  const zone = makeZone(timezone)
  zones.set(timezone, zone)
  return zone
}

function makeZone(timezone: string): Zone {
  const wall = wallClock(timezone)
  const offset = (at: number): number => wall(at) - at
  const instants = (time: number): readonly number[] => [time - offset(time - dayMs), time - offset(time + dayMs)]
  return {
    wall,
    shows: (time) => instants(time).some((at) => wall(at) === time),
    reaches(time) {
      let before = Math.min(...instants(time)) - 2 * dayMs
      let after = Math.max(...instants(time)) + 2 * dayMs
      while (after - before > 1) {
        const middle = Math.floor((before + after) / 2)
        if (wall(middle) >= time) after = middle
        else before = middle
      }
      return after
    },
  }
}

function wallClock(timezone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return (at) => {
    const shown: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(at)) shown[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown
    return Date.UTC(year, month - 1, day, hour, minute, second) + (((at % 1_000) + 1_000) % 1_000)
  }
}
