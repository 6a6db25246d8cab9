/** How numbers, spans and instants are written for one operator. Elements get it as a property; it holds no state. */
export interface Formats {
  count(value: number): string
  /** A share of 0–1 as `99.7 %`. */
  percent(share: number): string
  /** `840 ms`, `12.3 s`, `2m 5s`, `1h 4m`; a dash for null. */
  duration(ms: number | null): string
  /** `12 s ago`, `in 8 s`. */
  relative(at: number, now: number): string
  /** Date and time to the second, in the operator's time zone, with the zone's name. */
  instant(at: number): string
  /** Time of day; with milliseconds for lifecycles. */
  time(at: number, withMs?: boolean): string
  /** The short form for axes: a time within a day, else day and month. */
  axis(at: number, spanMs: number): string
}

const secondMs = 1_000
const minuteMs = 60_000
const hourMs = 3_600_000
const dayMs = 86_400_000

/** Builds formats for a BCP 47 locale and an IANA zone; a name that the browser refuses falls back to its own. */
export function createFormats(locale?: string | null, timeZone?: string | null): Formats {
  const [language, zone] = supported(locale ?? undefined, timeZone ?? undefined)
  const inZone = zone === undefined ? {} : { timeZone: zone }
  const counts = new Intl.NumberFormat(language)
  const decimals = new Intl.NumberFormat(language, { maximumFractionDigits: 1, minimumFractionDigits: 1 })
  const percents = new Intl.NumberFormat(language, { maximumFractionDigits: 1 })
  const instants = new Intl.DateTimeFormat(language, {
    ...inZone,
    dateStyle: 'medium',
    timeStyle: 'long',
  })
  const clock = { ...inZone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const
  const times = new Intl.DateTimeFormat(language, clock)
  const preciseTimes = new Intl.DateTimeFormat(language, { ...clock, fractionalSecondDigits: 3 })
  const hours = new Intl.DateTimeFormat(language, { ...inZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const days = new Intl.DateTimeFormat(language, { ...inZone, day: 'numeric', month: 'short' })
  const dayHours = new Intl.DateTimeFormat(language, {
    ...inZone,
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  return {
    count: (value) => counts.format(value),
    percent: (share) => `${percents.format(roundShare(share))} %`,
    duration: (ms) => (ms === null || !Number.isFinite(ms) ? '—' : formatDuration(ms, counts, decimals)),
    relative: (at, now) => formatRelative(at - now),
    instant: (at) => instants.format(at),
    time: (at, withMs = false) => (withMs ? preciseTimes : times).format(at),
    axis: (at, spanMs) => (spanMs <= dayMs * 1.5 ? hours : spanMs <= dayMs * 4 ? dayHours : days).format(at),
  }
}

function formatDuration(ms: number, counts: Intl.NumberFormat, decimals: Intl.NumberFormat): string {
  const span = Math.max(0, ms)
  if (span < 1) return span === 0 ? '0 ms' : '<1 ms'
  if (span < 999.5) return `${counts.format(Math.round(span))} ms`
  if (span < 59_950) return `${decimals.format(span / secondMs)} s`
  const seconds = Math.round(span / secondMs)
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`
  const minutes = Math.round(span / minuteMs)
  if (minutes < 1_440) return `${Math.floor(minutes / 60)}h ${minutes % 60}m`
  const wholeHours = Math.round(span / hourMs)
  return `${counts.format(Math.floor(wholeHours / 24))}d ${wholeHours % 24}h`
}

function formatRelative(deltaMs: number): string {
  const span = Math.abs(deltaMs)
  if (span < secondMs) return 'now'
  const words =
    span < minuteMs
      ? `${Math.floor(span / secondMs)} s`
      : span < hourMs
        ? `${Math.floor(span / minuteMs)} min`
        : span < dayMs
          ? `${Math.floor(span / hourMs)} h`
          : `${Math.floor(span / dayMs)} d`
  return deltaMs < 0 ? `${words} ago` : `in ${words}`
}

/** 99.97 % must not read as 100 % while something failed. */
function roundShare(share: number): number {
  const percent = Math.max(0, Math.min(1, share)) * 100
  return percent > 99.9 && percent < 100 ? 99.9 : percent
}

function supported(locale?: string, timeZone?: string): [string | undefined, string | undefined] {
  return [
    accepts(() => new Intl.NumberFormat(locale)) ? locale : undefined,
    accepts(() => zoneOf(timeZone)) ? timeZone : undefined,
  ]
}

function zoneOf(timeZone?: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(undefined, timeZone === undefined ? {} : { timeZone })
}

function accepts(attempt: () => unknown): boolean {
  try {
    attempt()
    return true
  } catch {
    return false
  }
}
