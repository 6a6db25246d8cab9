import { createFormatter } from '@taskloom/client'
import type { Problem } from '@taskloom/protocol'

export { shortId } from '@taskloom/client'

/** How numbers, spans and instants are written for one operator. Elements get it as a property; it holds no state. */
export interface Formats {
  /** A number with the separators of the language, as `128,401`. */
  count(value: number): string
  /** A share of 0–1 as `99.7 %`; a dash for null. */
  percent(share: number | null): string
  /** `840 ms`, `12.3 s`, `2m 5s`, `1h 4m`; a dash for null. */
  duration(ms: number | null): string
  /** `12 s ago`, `in 8 s`. */
  relative(at: number, now: number): string
  /** Date and time to the second, in the operator's time zone, with the zone's name. */
  instant(at: number): string
  /** Time of day; with milliseconds for lifecycles. */
  time(at: number, precision?: 'second' | 'millisecond'): string
  /** The short form for axes: a time within a day, else day and month. */
  axis(at: number, spanMs: number): string
}

const secondMs = 1_000
const minuteMs = 60_000
const hourMs = 3_600_000
const dayMs = 86_400_000

/** Builds formats for a BCP 47 locale and an IANA zone; a name that the browser refuses falls back to its own. */
export function createFormats(locale?: string | null, timeZone?: string | null): Formats {
  const language = accepts(() => new Intl.NumberFormat(locale ?? undefined)) ? (locale ?? undefined) : undefined
  const zone = accepts(() => new Intl.DateTimeFormat('en', inZone(timeZone))) ? (timeZone ?? undefined) : undefined
  const words = createFormatter({ locale: language, timeZone: zone })
  const hourMinute = { ...inZone(zone), hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  const clock = { ...hourMinute, second: '2-digit' } as const
  const dayMonth = { ...inZone(zone), day: 'numeric', month: 'short' } as const
  const times = new Intl.DateTimeFormat(language, clock)
  const preciseTimes = new Intl.DateTimeFormat(language, { ...clock, fractionalSecondDigits: 3 })
  const axes = [
    { upToMs: 1.5 * dayMs, format: new Intl.DateTimeFormat(language, hourMinute) },
    { upToMs: 4 * dayMs, format: new Intl.DateTimeFormat(language, { ...dayMonth, ...hourMinute }) },
    { upToMs: Infinity, format: new Intl.DateTimeFormat(language, dayMonth) },
  ]
  return {
    count: (value) => words.count(value),
    percent: (share) => words.percent(honestShare(share)).replace(/(?<=\d)\s*%/, '\u00a0%'),
    duration: (ms) => words.duration(ms),
    relative: (at, now) => relativeWords(at - now),
    instant: (at) => words.absolute(at),
    time: (at, precision = 'second') => (precision === 'second' ? times : preciseTimes).format(at),
    axis: (at, spanMs) => axes.find(({ upToMs }) => spanMs <= upToMs)?.format.format(at) ?? '',
  }
}

/** What an operator is told of a problem. Where no answer came, the browser's own words for it say less than ours. */
export function problemWords(problem: Problem | null | undefined): string {
  return problem ? (problem.status > 0 && problem.detail) || problem.title : ''
}

function relativeWords(deltaMs: number): string {
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
function honestShare(share: number | null): number | null {
  return share !== null && share > 0.999 && share < 1 ? 0.999 : share
}

function inZone(timeZone: string | null | undefined): { timeZone?: string } {
  return timeZone ? { timeZone } : {}
}

function accepts(attempt: () => unknown): boolean {
  try {
    attempt()
    return true
  } catch {
    return false
  }
}
