import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromWallClock, toWallClock } from '../../packages/dashboard/src/zone.ts'

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia']

describe('the clock on the wall', () => {
  it('is read in its zone', () => {
    const noon = Date.UTC(2026, 0, 15, 12)
    expect(toWallClock(noon, 'Europe/Berlin')).toBe('2026-01-15T13:00')
    expect(toWallClock(noon, 'Asia/Kathmandu')).toBe('2026-01-15T17:45')
    expect(fromWallClock('2026-07-15T13:00', 'Europe/Berlin')).toBe(Date.UTC(2026, 6, 15, 11))
  })

  it('comes back from every minute, in every zone, but for the hour that comes twice', () => {
    const minute = fc.integer({ min: 0, max: 60_000_000 }).map((minutes) => minutes * 60_000)
    fc.assert(
      fc.property(minute, fc.constantFrom(...zones), (at, zone) => {
        const wall = toWallClock(at, zone)
        const back = fromWallClock(wall, zone)
        expect(back).not.toBeNull()
        expect(toWallClock(back!, zone)).toBe(wall)
        expect(Math.abs(back! - at)).toBeLessThanOrEqual(24 * 3_600_000)
      }),
      { numRuns: 300 },
    )
  })

  it('knows the hour that comes twice and the hour that does not come', () => {
    expect(fromWallClock('2026-10-25T02:30', 'Europe/Berlin')).toBe(Date.UTC(2026, 9, 25, 0, 30))
    expect(fromWallClock('2026-03-29T02:30', 'Europe/Berlin')).toBe(Date.UTC(2026, 2, 29, 1, 30))
    expect(fromWallClock('no time', 'UTC')).toBeNull()
  })
})
