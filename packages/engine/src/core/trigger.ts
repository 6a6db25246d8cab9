import { Cron } from 'croner'
import { parseDuration, type Duration } from './duration.ts'
import { TaskError } from './errors.ts'
import { zoneOf } from './zone.ts'

/**
 * When a schedule fires. The slots of an interval are its multiples since 1970-01-01T00:00Z, so that every instance and
 * every restart agrees on them.
 */
export type Trigger =
  | { readonly kind: 'every'; readonly everyMs: number }
  | { readonly kind: 'cron'; readonly expression: string; readonly timezone: string }

/** What happens to slots that nobody was there for: run the newest once, run none, or run all up to a limit. */
export const misfirePolicies = ['once', 'skip', 'all'] as const
/** One of {@link misfirePolicies}. */
export type Misfire = (typeof misfirePolicies)[number]

export interface TriggerOptions {
  readonly every?: Duration | undefined
  readonly cron?: string | undefined
  /** An IANA name; `UTC` by default. */
  readonly timezone?: string | undefined
}

const leastIntervalMs = 1_000
const longestExpression = 200

/** Throws `bad_option` with words when the trigger is not one. */
export function parseTrigger({ every, cron, timezone = 'UTC' }: TriggerOptions): Trigger {
  if ((every === undefined) === (cron === undefined)) throw bad('every', 'give either every or cron')
  if (every !== undefined) return parseInterval(every)
  return parseCron(cron, timezone)
}

/** The first slot later than `after`; null when there is none any more. */
export function nextSlot(trigger: Trigger, after: number): number | null {
  if (trigger.kind === 'every') return (Math.floor(after / trigger.everyMs) + 1) * trigger.everyMs
  const slot = readCron(trigger.expression, trigger.timezone).nextRun(new Date(after))?.getTime() ?? null
  return trigger.timezone === 'UTC' ? slot : (slotAfterGap(trigger.expression, trigger.timezone, after, slot) ?? slot)
}

/**
 * Where clocks go forward at the end of a day, as they do in Greenland, a time in the gap has no instant on that day, and
 * the library leaves it out. It fires like every other time in a gap: at the first instant after it.
 */
function slotAfterGap(expression: string, timezone: string, after: number, slot: number | null): number | null {
  const { wall, shows, reaches } = zoneOf(timezone)
  const meant =
    readCron(expression, 'UTC')
      .nextRun(new Date(wall(after)))
      ?.getTime() ?? null
  if (meant === null || (slot !== null && meant === wall(slot)) || shows(meant)) return null
  const end = reaches(meant)
  return end > after && (slot === null || end < slot) ? end : null
}

/** The next slots, at most `count`. */
export function nextSlots(trigger: Trigger, after: number, count: number): readonly number[] {
  const slots: number[] = []
  for (let slot = nextSlot(trigger, after); slot !== null && slots.length < count; slot = nextSlot(trigger, slot)) {
    slots.push(slot)
  }
  return slots
}

export interface DueSlots {
  /** To be enqueued, oldest first. */
  readonly run: readonly number[]
  /** Slots that passed and are not run. */
  readonly missed: number
  /** The newest slot that is due; null when none is. */
  readonly newest: number | null
}

export const defaultCatchUp = 100
const maxCounted = 1_000
/** A slot that is at most this late is on time: `skip` still runs it. */
export const toleranceMs = 60_000

/** Which of the slots after `last` and up to `now` are run; `all` means the newest `max`. */
export function dueSlots(
  trigger: Trigger,
  last: number,
  now: number,
  misfire: Misfire,
  max: number = defaultCatchUp,
): DueSlots {
  const { newest, slots, count } = slotsBetween(trigger, last, now, max)
  if (newest === null) return { run: [], missed: 0, newest: null }
  const run = choose(slots, newest, now, misfire)
  return { run, missed: count - run.length, newest }
}

function choose(slots: readonly number[], newest: number, now: number, misfire: Misfire): readonly number[] {
  switch (misfire) {
    case 'once':
      return [newest]
    case 'skip':
      return now - newest <= toleranceMs ? [newest] : []
    case 'all':
      return slots
  }
}

/** The newest `max` slots and how many there were; cron slots are counted up to a thousand. */
function slotsBetween(trigger: Trigger, last: number, now: number, max: number) {
  if (trigger.kind === 'every') {
    const { everyMs } = trigger
    const newest = Math.floor(now / everyMs) * everyMs
    const count = Math.max(0, Math.floor(now / everyMs) - Math.floor(last / everyMs))
    const kept = Math.min(count, max)
    const slots = Array.from({ length: kept }, (_, index) => newest - (kept - 1 - index) * everyMs)
    return { newest: count === 0 ? null : newest, slots, count }
  }
  const slots: number[] = []
  let count = 0
  for (let slot = nextSlot(trigger, last); slot !== null && slot <= now; slot = nextSlot(trigger, slot)) {
    slots.push(slot)
    if (slots.length > max) slots.shift()
    count += 1
    if (count === maxCounted) {
      const cron = readCron(trigger.expression, trigger.timezone)
      const newest = cron.previousRuns(max, new Date(now + 1_000)).map((run) => run.getTime())
      const kept = newest.filter((at) => at <= now).reverse()
      return { newest: kept.at(-1) ?? slot, slots: kept, count }
    }
  }
  return { newest: slots.at(-1) ?? null, slots, count }
}

function parseInterval(every: Duration): Trigger {
  const everyMs = parseDuration(every, 'every')
  if (everyMs < leastIntervalMs) throw bad('every', 'at least one second')
  return { kind: 'every', everyMs }
}

function parseCron(expression: unknown, timezone: unknown): Trigger {
  if (typeof expression !== 'string' || expression.length > longestExpression) throw bad('cron', 'a cron expression')
  if (typeof timezone !== 'string' || !isTimezone(timezone))
    throw bad('timezone', 'an IANA time zone such as Europe/Berlin')
  try {
    readCron(expression, timezone)
  } catch (cause) {
    throw new TaskError('bad_option', { message: `cron: ${(cause as Error).message}`, option: 'cron' }, { cause })
  }
  return { kind: 'cron', expression, timezone }
}

const readExpressions = new Map<string, Cron>()

/** Reading an expression costs more than asking it, and there are only as many as schedules. */
function readCron(expression: string, timezone: string): Cron {
  const key = `${timezone} ${expression}`
  const known = readExpressions.get(key)
  if (known) return known
  if (readExpressions.size >= 1_000) readExpressions.clear()
  const cron = new Cron(expression, { timezone, paused: true, mode: '5-or-6-parts' })
  readExpressions.set(key, cron)
  return cron
}

function isTimezone(timezone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: timezone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

function bad(option: string, expected: string): TaskError {
  return new TaskError('bad_option', { message: `${option}: expected ${expected}`, option })
}
