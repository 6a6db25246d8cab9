import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeTrigger, formatTrigger } from '../../packages/engine/src/core/trigger-words.ts'
import { dueSlots, nextSlot, nextSlots, parseTrigger, toleranceMs } from '../../packages/engine/src/core/trigger.ts'

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
const at = (text: string) => Date.parse(text)

describe('every', () => {
  it('has its slots on multiples since 1970, whoever asks', () => {
    const trigger = parseTrigger({ every: '30s' })
    expect(iso(nextSlot(trigger, at('2026-03-01T10:00:29.999Z')))).toBe('2026-03-01T10:00:30.000Z')
    expect(iso(nextSlot(trigger, at('2026-03-01T10:00:30.000Z')))).toBe('2026-03-01T10:01:00.000Z')
    expect(nextSlots(trigger, 0, 3)).toEqual([30_000, 60_000, 90_000])
  })
})

describe('cron', () => {
  it('reads its expression in its zone', () => {
    const trigger = parseTrigger({ cron: '0 9 * * 1-5', timezone: 'Europe/Berlin' })
    expect(nextSlots(trigger, at('2026-01-30T12:00:00Z'), 2).map(iso)).toEqual([
      '2026-02-02T08:00:00.000Z',
      '2026-02-03T08:00:00.000Z',
    ])
  })

  it('keeps the wall clock across both changes of the hour', () => {
    const berlin = parseTrigger({ cron: '0 9 * * *', timezone: 'Europe/Berlin' })
    expect(nextSlots(berlin, at('2026-03-28T00:00:00Z'), 2).map(iso)).toEqual([
      '2026-03-28T08:00:00.000Z',
      '2026-03-29T07:00:00.000Z',
    ])
    expect(nextSlots(berlin, at('2026-10-24T00:00:00Z'), 2).map(iso)).toEqual([
      '2026-10-24T07:00:00.000Z',
      '2026-10-25T08:00:00.000Z',
    ])
  })

  it('runs a daily task once on the day its hour does not exist, and once when it exists twice', () => {
    const newYork = parseTrigger({ cron: '30 2 * * *', timezone: 'America/New_York' })
    const spring = nextSlots(newYork, at('2026-03-08T05:00:00Z'), 2)
    expect(spring[0]!).toBeLessThan(at('2026-03-08T12:00:00Z'))
    expect(iso(spring[1]!)).toBe('2026-03-09T06:30:00.000Z')
    const berlin = parseTrigger({ cron: '30 2 * * *', timezone: 'Europe/Berlin' })
    const autumn = nextSlots(berlin, at('2026-10-24T22:00:00Z'), 2)
    expect(autumn[1]! - autumn[0]!).toBeGreaterThan(23 * 3_600_000)
  })

  it.each([['America/Sao_Paulo'], ['Europe/Lisbon'], ['Asia/Kathmandu'], ['Australia/Lord_Howe'], ['UTC']])(
    'goes forward always in %s',
    (timezone) => {
      const trigger = parseTrigger({ cron: '*/7 0-3 * * *', timezone })
      fc.assert(
        fc.property(fc.integer({ min: at('2018-01-01'), max: at('2032-01-01') }), (after) => {
          const slot = nextSlot(trigger, after)!
          expect(slot).toBeGreaterThan(after)
          expect(nextSlot(trigger, slot)!).toBeGreaterThan(slot)
        }),
        { numRuns: 100 },
      )
    },
  )

  it.each([
    [{ cron: 'x' }],
    [{ cron: '* * * *' }],
    [{ cron: '99 * * * *' }],
    [{ cron: '*'.repeat(10_000) }],
    [{ cron: '* * * * *', timezone: 'Moon/Sea' }],
    [{ every: '10ms' }],
    [{ every: 'soon' }],
    [{}],
    [{ every: '5s', cron: '* * * * *' }],
  ])('refuses %o with a stable code', (options) => {
    expect(() => parseTrigger(options)).toThrow(expect.objectContaining({ code: 'bad_option' }))
  })

  it('ends where there is no slot any more', () => {
    expect(nextSlot(parseTrigger({ cron: '0 0 30 2 *' }), 0)).toBeNull()
  })
})

describe('slots that passed', () => {
  const trigger = parseTrigger({ every: '1m' })
  const minute = 60_000

  it('are one when the clock is on time', () => {
    expect(dueSlots(trigger, 0, minute + 5, 'once')).toEqual({ run: [minute], missed: 0, newest: minute })
    expect(dueSlots(trigger, minute, minute + 5, 'once')).toEqual({ run: [], missed: 0, newest: null })
  })

  it('run once, not at all, or all, as the schedule says', () => {
    const now = 10 * minute + 1
    expect(dueSlots(trigger, 0, now, 'once')).toEqual({ run: [10 * minute], missed: 9, newest: 10 * minute })
    expect(dueSlots(trigger, 0, now, 'all').run).toHaveLength(10)
    const hourly = parseTrigger({ every: '1h' })
    const late = 2 * 3_600_000 + toleranceMs + 1
    expect(dueSlots(hourly, 0, late, 'skip')).toEqual({ run: [], missed: 2, newest: 2 * 3_600_000 })
    expect(dueSlots(hourly, 0, late - 1, 'skip').run).toEqual([2 * 3_600_000])
  })

  it('are bounded after years', () => {
    for (const old of [parseTrigger({ every: '1s' }), parseTrigger({ cron: '* * * * *' })]) {
      const now = at('2026-06-01T12:00:30Z')
      const started = performance.now()
      const due = dueSlots(old, at('2020-01-01'), now, 'all')
      expect(due.run).toHaveLength(100)
      expect(due.newest).toBe(due.run.at(-1))
      expect(now - due.newest!).toBeLessThan(minute)
      expect(due.missed).toBeGreaterThan(800)
      expect(performance.now() - started).toBeLessThan(2_000)
    }
  })
})

describe('words', () => {
  it.each([
    [{ every: '30s' }, 'every 30s', 'Every 30 seconds'],
    [{ every: '1h' }, 'every 1h', 'Every hour'],
    [{ every: '90m' }, 'every 1h30m', 'Every 90 minutes'],
    [{ cron: '0 9 * * 1-5' }, '0 9 * * 1-5', 'At 09:00, Monday to Friday'],
    [{ cron: '30 8,20 * * *' }, '30 8,20 * * *', 'At 08:30 and 20:30'],
    [{ cron: '*/5 * * * *' }, '*/5 * * * *', 'Every 5 minutes'],
    [{ cron: '0 3 1 * *' }, '0 3 1 * *', 'At 03:00, on day 1 of the month'],
    [{ cron: '15 10 * 6 1' }, '15 10 * 6 1', 'At the times of 15 10 * 6 1'],
  ])('%o', (options, written, words) => {
    const trigger = parseTrigger(options)
    expect([formatTrigger(trigger), describeTrigger(trigger)]).toEqual([written, words])
  })
})
