import { describe, expect, it } from 'vitest'
import { nextSlot, nextSlots, parseTrigger } from '../../packages/engine/src/core/trigger.ts'

/**
 * The rule: a cron time means what the clocks on the wall show. A time that they skip fires at the first instant after
 * the gap; a time that they show twice fires the first time. So each day of the calendar has exactly one run.
 */
const from = Date.UTC(2025, 0, 1)
const until = Date.UTC(2028, 0, 1)
const day = 86_400_000
const minute = 60_000

interface Change {
  readonly zone: string
  /** The first instant with the new offset. */
  readonly at: number
  readonly before: number
  readonly after: number
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Minutes east of UTC, read from the zone's name: another way than the engine's. */
function offsetOf(zone: string, at: number): number {
  let format = formats.get(zone)
  if (!format)
    formats.set(zone, (format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })))
  const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')!.value
  const match = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name)
  if (!match) throw new Error(`${zone} has the offset ${name}`)
  const minutes = Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0)
  return (match[1] === '-' ? -minutes : minutes) * minute
}

function changesOf(zone: string): Change[] {
  const changes: Change[] = []
  const step = 12 * day
  let before = offsetOf(zone, from)
  for (let start = from; start < until; start += step) {
    const after = offsetOf(zone, start + step)
    if (after !== before) changes.push({ zone, at: changeBetween(zone, start, start + step, before), before, after })
    before = after
  }
  return changes
}

function changeBetween(zone: string, start: number, end: number, before: number): number {
  let low = start
  let high = end
  while (high - low > minute) {
    const middle = Math.floor((low + high) / 2 / minute) * minute
    if (offsetOf(zone, middle) === before) low = middle
    else high = middle
  }
  return high
}

/** What the rule says for one wall time near a change. */
function instantOf({ at, before, after }: Change, wall: number): number {
  if (wall - before < at) return wall - before
  return Math.max(at, wall - after)
}

const zones = Intl.supportedValuesOf('timeZone')
const changes = zones.flatMap(changesOf)

describe('a daily cron', () => {
  it('is tried at hundreds of changes', () => {
    expect(zones.length).toBeGreaterThan(400)
    expect(changes.length).toBeGreaterThan(500)
    expect(changes.some(({ before, after }) => Math.abs(after - before) === 30 * minute)).toBe(true)
  })

  it.each([
    ['at the beginning of the hour that is skipped or doubled', 0],
    ['in the middle of it', 0.5],
    ['just before it', -1e-9],
  ])('fires exactly once for each day, %s, in every zone', (_name, share) => {
    const wrong = changes.filter((change) => {
      const { zone, at, before, after } = change
      const first = at + Math.min(before, after)
      const wall = Math.floor((first + share * Math.abs(after - before)) / minute) * minute
      const time = new Date(wall)
      const trigger = parseTrigger({ cron: `${time.getUTCMinutes()} ${time.getUTCHours()} * * *`, timezone: zone })
      const expected = [-2, -1, 0, 1, 2].map((days) => instantOf(change, wall + days * day))
      const slots = nextSlots(trigger, expected[0]! - 1, expected.length)
      return slots.join() !== expected.join()
    })
    expect(wrong).toEqual([])
  })
})

describe('in a gap that reaches midnight', () => {
  const timezone = 'America/Nuuk'
  const iso = (slots: readonly number[]) => slots.map((slot) => new Date(slot).toISOString())

  it('a daily slot fires at 00:00 of the next day, and the next day’s own as well', () => {
    const slots = nextSlots(parseTrigger({ cron: '30 23 * * *', timezone }), Date.UTC(2026, 2, 28), 3)
    expect(iso(slots)).toEqual(['2026-03-28T01:30:00.000Z', '2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z'])
  })

  it('a slot of one day in the year is not lost', () => {
    const slots = nextSlots(parseTrigger({ cron: '15 23 28 3 *', timezone }), Date.UTC(2026, 0, 1), 2)
    expect(iso(slots)).toEqual(['2026-03-29T01:00:00.000Z', '2027-03-29T00:15:00.000Z'])
  })

  it('is passed whatever the moment of asking', () => {
    const trigger = parseTrigger({ cron: '30 23 * * *', timezone })
    const end = Date.UTC(2026, 2, 29, 1)
    for (const before of [1, 1_000, 3_600_000, 20 * 3_600_000]) expect(nextSlot(trigger, end - before)).toBe(end)
    expect(nextSlot(trigger, end)).toBe(Date.UTC(2026, 2, 30, 0, 30))
  })
})

describe('an interval', () => {
  it('is the same in every zone and over every change', () => {
    const trigger = parseTrigger({ every: '30m' })
    for (const { at } of changes) {
      const slots = nextSlots(trigger, at - 90 * minute, 6)
      expect(slots.every((slot, index) => index === 0 || slot - slots[index - 1]! === 30 * minute)).toBe(true)
    }
  })
})
