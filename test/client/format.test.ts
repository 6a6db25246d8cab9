import { describe, expect, it } from 'vitest'
import { createFormatter, formatRelative, formatDuration, shortId } from '../../packages/client/src/format.ts'
import { noon, taskIdOf } from './builders.ts'

describe('durations', () => {
  it.each([
    [null, '–'],
    [Number.NaN, '–'],
    [0, '0 ms'],
    [0.4, '0 ms'],
    [840, '840 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [12_340, '12.3 s'],
    [59_940, '59.9 s'],
    [59_960, '1m 0s'],
    [125_000, '2m 5s'],
    [3_599_400, '59m 59s'],
    [3_599_600, '1h 0m'],
    [3_840_000, '1h 4m'],
    [86_399_999, '1d 0h'],
    [183_600_000, '2d 3h'],
    [-1_500, '-1.5 s'],
  ])('%d is %s', (ms, words) => {
    expect(formatDuration(ms)).toBe(words)
  })

  it('writes tenths as the language does', () => {
    expect(createFormatter({ locale: 'de' }).duration(12_340)).toBe('12,3 s')
  })
})

describe('instants', () => {
  const english = createFormatter({ locale: 'en-US', timeZone: 'Europe/Berlin' })
  it.each([
    [0, 'now'],
    [-59_999, '59 seconds ago'],
    [-61_000, '1 minute ago'],
    [7_200_000, 'in 2 hours'],
    [-86_400_000, 'yesterday'],
    [-40 * 86_400_000, 'last month'],
    [-800 * 86_400_000, '2 years ago'],
  ])('%d ms away is %s', (differenceMs, words) => {
    expect(formatRelative(noon + differenceMs, noon, 'en-US')).toBe(words)
  })

  it('shows a moment in the zone that was asked for', () => {
    expect(english.absolute(noon)).toMatch(/^Jan 31, 2026, 01:00:00\sPM GMT\+1$/)
    expect(english.absolute(Number.NaN)).toBe('–')
  })
})

it('takes any garbage for a language and a zone', () => {
  const formatter = createFormatter({ locale: 'not a locale!', timeZone: 'Mars/Base' })
  expect(formatter.count(1)).toBe('1')
  expect(formatter.absolute(noon)).toContain('2026')
})

it('writes counts and shares', () => {
  const { count, percent } = createFormatter({ locale: 'en-US' })
  expect([count(128_401), percent(0.9731), percent(null)]).toEqual(['128,401', '97.3%', '–'])
})

it('shortens an id to where ids differ', () => {
  expect(shortId(taskIdOf(42))).toBe('00000042')
  expect(shortId('reports:42')).toBe('42')
})
