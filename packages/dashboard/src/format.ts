import { createFormatter, lazily, type Catalogue, type Words, type WordValues } from '@taskloom/client'
import type { Problem } from '@taskloom/protocol'

export { shortId } from '@taskloom/client'

/** How numbers, spans and instants are written for one operator. Elements get it as a property; it holds no state. */
export interface Formats {
  /** BCP 47, of the words: `en` where there are none in the operator's language. */
  readonly language: string
  /** The IANA name of the operator's time zone. */
  readonly timeZone: string
  /** An English text in the operator's language, with what stands for its `{names}`; numbers are written as `count` does. */
  say(text: string, values?: WordValues): string
  /** The same of something that is counted: `{n}` is the number; `one` is the English text for exactly one. */
  sayCount(n: number, one: string, text: string, values?: WordValues): string
  /** The same of words that somebody else made. */
  tell(words: Words): string
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
  /** How an instant stands in a list, as the operator likes it: how long ago, or when. */
  moment(at: number, now: number): string
  /** The other form of the same, for whoever asks for it. */
  momentElse(at: number, now: number): string
  /** The short form for axes: a time within a day, else day and month. */
  axis(at: number, spanMs: number): string
}

/** The words of a language. */
export interface Translation {
  readonly language: string
  readonly catalogue: Catalogue
}

/** How an operator likes instants. */
export interface ClockChoice {
  /** Whether a list says when something was, and not how long ago. */
  readonly isAbsolute: boolean
  /** Hours of the day: `12` or `24`; null as the language has it. */
  readonly hours: 12 | 24 | null
}

/** What is written in the code. */
export const english: Translation = { language: 'en', catalogue: {} }

const secondMs = 1_000
const minuteMs = 60_000
const hourMs = 3_600_000
const dayMs = 86_400_000

/** Builds formats for a BCP 47 locale and an IANA zone; a name that the browser refuses falls back to its own. */
export function createFormats(
  locale?: string | null,
  timeZone?: string | null,
  translation: Translation = english,
  { isAbsolute, hours }: ClockChoice = { isAbsolute: false, hours: null },
): Formats {
  const language = locale && accepts(() => new Intl.NumberFormat(locale)) ? locale : undefined
  const zone = timeZone && accepts(() => new Intl.DateTimeFormat('en', inZone(timeZone))) ? timeZone : undefined
  const words = createFormatter({ locale: language, timeZone: zone, hours: hours ?? undefined })
  const hourMinute = {
    ...inZone(zone),
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: hours === 12 ? 'h12' : 'h23',
  } as const
  const clock = { ...hourMinute, second: '2-digit' } as const
  const dayMonth = { ...inZone(zone), day: 'numeric', month: 'short' } as const
  const dates = (options: Intl.DateTimeFormatOptions) => lazily(() => new Intl.DateTimeFormat(language, options))
  const times = dates(clock)
  const preciseTimes = dates({ ...clock, fractionalSecondDigits: 3 })
  const short = dates({ ...dayMonth, ...hourMinute })
  const axes = [
    { upToMs: 1.5 * dayMs, format: dates(hourMinute) },
    { upToMs: 4 * dayMs, format: short },
    { upToMs: Infinity, format: dates(dayMonth) },
  ]
  const plurals = lazily(() => new Intl.PluralRules(translation.language))

  function fill(text: string, values: WordValues = {}): string {
    return text.replace(/\{(\w+)\}/g, (name, key: string) => {
      const value = values[key]
      return typeof value === 'number' ? words.count(value) : (value ?? name)
    })
  }

  function say(text: string, values?: WordValues): string {
    const found = translation.catalogue[text]
    return fill(typeof found === 'string' ? found : text, values)
  }

  function sayCount(n: number, one: string, text: string, values?: WordValues): string {
    const forms = translation.catalogue[text]
    const form =
      typeof forms === 'object' ? (forms[plurals().select(n)] ?? forms.other) : (forms ?? (n === 1 ? one : text))
    return fill(form ?? text, { n, ...values })
  }

  const ago = (at: number, now: number) => relativeWords(at - now, say)
  const when = (at: number, now: number) => (Math.abs(at - now) < dayMs / 2 ? times : short)().format(at)

  return {
    language: translation.language,
    get timeZone() {
      return times().resolvedOptions().timeZone
    },
    say,
    sayCount,
    tell: ({ text, values, one }) =>
      one === undefined ? say(text, values) : sayCount(Number(values?.['n']), one, text, values),
    count: (value) => words.count(value),
    percent: (share) => words.percent(honestShare(share)).replace(/(?<=\d)\s*%/, '\u00a0%'),
    duration: (ms) => words.duration(ms),
    relative: ago,
    moment: isAbsolute ? when : ago,
    momentElse: (at, now) => (isAbsolute ? ago(at, now) : words.absolute(at)),
    instant: (at) => words.absolute(at),
    time: (at, precision = 'second') => (precision === 'second' ? times : preciseTimes)().format(at),
    axis: (at, spanMs) =>
      axes
        .find(({ upToMs }) => spanMs <= upToMs)
        ?.format()
        .format(at) ?? '',
  }
}

/** What an operator is told of a problem. Where no answer came, the browser's own words for it say less than ours. */
export function problemWords(problem: Problem | null | undefined): string {
  return problem ? (problem.status > 0 && problem.detail) || problem.title : ''
}

function relativeWords(deltaMs: number, say: Formats['say']): string {
  const span = Math.abs(deltaMs)
  if (span < secondMs) return say('now')
  const time =
    span < minuteMs
      ? say('{n} s', { n: Math.floor(span / secondMs) })
      : span < hourMs
        ? say('{n} min', { n: Math.floor(span / minuteMs) })
        : span < dayMs
          ? say('{n} h', { n: Math.floor(span / hourMs) })
          : say('{n} d', { n: Math.floor(span / dayMs) })
  return deltaMs < 0 ? say('{time} ago', { time }) : say('in {time}', { time })
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
