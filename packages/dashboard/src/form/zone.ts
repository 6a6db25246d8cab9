/** An instant as the clocks of a zone show it, for a `datetime-local` control: `2026-03-31T09:30:00`. */
export function wallClock(at: number, timeZone: string): string {
  const parts = Object.fromEntries(
    clockOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  const { year = '', month = '', day = '', hour = '', minute = '', second = '' } = parts
  return `${year.padStart(4, '0')}-${month}-${day}T${hour}:${minute}:${second}`
}

/**
 * The instant at which the clocks of a zone show a time: the first where they show it twice, the first after it where they
 * skip it; null for what is no time.
 */
export function instantOf(text: string, timeZone: string): number | null {
  const asUtc = Date.parse(`${text.length === 16 ? `${text}:00` : text}Z`)
  if (Number.isNaN(asUtc)) return null
  const shown = (at: number) => Date.parse(`${wallClock(at, timeZone)}Z`)
  // Zones are within a day of UTC: a day before and after lie the offsets that may be meant.
  const offsets = [-86_400_000, 86_400_000].map((step) => shown(asUtc + step) - (asUtc + step))
  const candidates = offsets.map((offset) => asUtc - offset).sort((one, other) => one - other)
  return candidates.find((at) => shown(at) === asUtc) ?? candidates[1] ?? null
}

const clocks = new Map<string, Intl.DateTimeFormat>()

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone)
  if (known) return known
  const clock = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  clocks.set(timeZone, clock)
  return clock
}
