/** Words for numbers and instants in the operator's language and time zone. */
export interface Formatter {
  /** `840 ms`, `12.3 s`, `2m 5s`, `1h 4m`, `2d 3h`; `–` for null. */
  duration(ms: number | null): string
  /** Date and time to the second, with the zone. */
  absolute(at: number): string
  /** `128,401` */
  count(value: number): string
  /** 0–1 as `97.3 %` the way the language writes it; `–` for null. */
  percent(share: number | null): string
}

/** For whom words are made; each default is the machine’s own. */
export interface FormatOptions {
  /** A BCP 47 tag; what the machine does not know becomes its own language, which is the default. */
  readonly locale?: string | undefined
  /** An IANA name; what the machine does not know becomes its own zone, which is the default. */
  readonly timeZone?: string | undefined
  /** Hours of the day, 12 or 24; as the language has it by default. */
  readonly hours?: 12 | 24 | undefined
}

/** Words for one language and one time zone. Never throws, whatever it is given. */
export function createFormatter({ locale, timeZone, hours }: FormatOptions = {}): Formatter {
  const locales = tolerate(() => Intl.getCanonicalLocales(locale), undefined)
  const zone = lazily(() =>
    tolerate(() => new Intl.DateTimeFormat(locales, { timeZone }).resolvedOptions().timeZone, undefined),
  )
  const counts = lazily(() => new Intl.NumberFormat(locales))
  const tenths = lazily(() => new Intl.NumberFormat(locales, { minimumFractionDigits: 1, maximumFractionDigits: 1 }))
  const percents = lazily(() => new Intl.NumberFormat(locales, { style: 'percent', maximumFractionDigits: 1 }))
  const instants = lazily(
    () =>
      new Intl.DateTimeFormat(locales, {
        year: 'numeric',
        month: 'short',
        day: 'numeric',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        timeZoneName: 'short',
        timeZone: zone(),
        ...(hours ? { hourCycle: hours === 12 ? 'h12' : 'h23' } : {}),
      }),
  )
  return {
    duration: (ms) => (ms === null || !Number.isFinite(ms) ? nothing : durationWords(ms, tenths())),
    absolute: (at) => tolerate(() => instants().format(at), nothing),
    count: (value) => counts().format(value),
    percent: (share) => (share === null || !Number.isFinite(share) ? nothing : percents().format(share)),
  }
}

/** Makes something when it is first wanted, and once: makers of words are dear, and many are never asked. */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null
  return () => (made ??= { value: make() }).value
}

/** `3 minutes ago`, `in 2 hours`: how far `at` is from `now`, in whole units. */
export function formatRelative(at: number, now: number, locale?: string): string {
  const locales = tolerate(() => Intl.getCanonicalLocales(locale), undefined)
  return new Intl.RelativeTimeFormat(locales, { numeric: 'auto' }).format(...relativeParts(at - now))
}

/** {@link Formatter.duration} where no language is chosen. */
export function formatDuration(ms: number | null): string {
  return plain.duration(ms)
}

/** The end of an id, where UUIDv7s differ; of `mail:42`, a job of a queue, what is behind the queue. */
export function shortId(taskId: string): string {
  return taskId.slice(taskId.indexOf(':') + 1).slice(-8)
}

const nothing = '–'
const secondMs = 1_000
const minuteMs = 60_000
const hourMs = 3_600_000
const dayMs = 86_400_000
const plain = createFormatter({ locale: 'en-US', timeZone: 'UTC' })

function durationWords(ms: number, tenths: Intl.NumberFormat): string {
  if (ms < 0) return `-${durationWords(-ms, tenths)}`
  if (Math.round(ms) < secondMs) return `${Math.round(ms)} ms`
  // 59.96 s would round to "60.0 s": it is a minute.
  if (Math.round(ms / 100) < 600) return `${tenths.format(Math.round(ms / 100) / 10)} s`
  if (Math.round(ms / secondMs) < 3_600) return inTwoUnits(ms, minuteMs, 'm', secondMs, 's')
  if (Math.round(ms / minuteMs) < 1_440) return inTwoUnits(ms, hourMs, 'h', minuteMs, 'm')
  return inTwoUnits(ms, dayMs, 'd', hourMs, 'h')
}

function inTwoUnits(ms: number, largeMs: number, large: string, smallMs: number, small: string): string {
  const smalls = Math.round(ms / smallMs)
  const perLarge = largeMs / smallMs
  return `${Math.floor(smalls / perLarge)}${large} ${smalls % perLarge}${small}`
}

function relativeParts(differenceMs: number): [number, Intl.RelativeTimeFormatUnit] {
  const distanceMs = Math.abs(differenceMs)
  if (distanceMs < minuteMs) return [Math.trunc(differenceMs / secondMs), 'second']
  if (distanceMs < hourMs) return [Math.trunc(differenceMs / minuteMs), 'minute']
  if (distanceMs < dayMs) return [Math.trunc(differenceMs / hourMs), 'hour']
  if (distanceMs < 30 * dayMs) return [Math.trunc(differenceMs / dayMs), 'day']
  if (distanceMs < 365 * dayMs) return [Math.trunc(differenceMs / (30 * dayMs)), 'month']
  return [Math.trunc(differenceMs / (365 * dayMs)), 'year']
}

function tolerate<T>(make: () => T, otherwise: T): T {
  try {
    return make()
  } catch {
    return otherwise
  }
}
