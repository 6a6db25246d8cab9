import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bodyOf, checkOptions, dueAt, emptyOptions } from '../../packages/dashboard/src/dialogs/enqueue-dialog-draft.ts'
import { differences } from '../../packages/dashboard/src/form/diff.ts'
import { instantOf, wallClock } from '../../packages/dashboard/src/form/zone.ts'

describe('the clocks of a zone', () => {
  it('give back every instant that they show once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4e9 }),
        fc.constantFrom(
          'UTC',
          'Europe/Berlin',
          'America/New_York',
          'Asia/Kolkata',
          'Pacific/Apia',
          'Australia/Lord_Howe',
        ),
        (second, zone) => {
          const at = second * 1_000
          const back = instantOf(wallClock(at, zone), zone)
          // Where clocks go back, the first of the two is meant.
          expect(back === at || (back !== null && back < at && wallClock(back, zone) === wallClock(at, zone))).toBe(
            true,
          )
        },
      ),
    )
  })

  it('take the instant after a gap, and refuse what is no time', () => {
    expect(new Date(instantOf('2026-03-29T02:30', 'Europe/Berlin') ?? 0).toISOString()).toBe('2026-03-29T01:30:00.000Z')
    expect(instantOf('', 'UTC')).toBeNull()
  })
})

describe('what is sent', () => {
  const now = Date.UTC(2026, 0, 1)

  it('says only what was written', () => {
    expect(bodyOf({ args: [1], options: emptyOptions, original: null }, 'UTC')).toEqual({ args: [1] })
    const options = {
      ...emptyOptions,
      when: 'after',
      amount: '1,5',
      unit: 'hour',
      queue: ' mail ',
      priority: '-5',
      tags: [['a', 'b']],
      reason: ' why ',
    } as const
    expect(bodyOf({ args: [], options, original: null }, 'UTC')).toEqual({
      args: [],
      options: { delay: 5_400, queue: 'mail', priority: -5, tags: { a: 'b' } },
      reason: 'why',
    })
  })

  it('names the instant that the clocks of the zone mean', () => {
    const options = { ...emptyOptions, when: 'at', clock: '2026-07-01T09:00' } as const
    expect(bodyOf({ args: [], options, original: null }, 'Europe/Berlin')).toMatchObject({
      options: { run_at: '2026-07-01T07:00:00.000Z' },
    })
    expect(dueAt(options, 'Europe/Berlin', now)).toBe(Date.UTC(2026, 6, 1, 7))
  })

  it.each([
    [{ when: 'after', amount: 'x' } as const, 'options.delay'],
    [{ when: 'after', amount: '0' } as const, 'options.delay'],
    [{ when: 'at', clock: '' } as const, 'options.run_at'],
    [{ when: 'at', clock: '2020-01-01T00:00' } as const, 'options.run_at'],
    [{ priority: '1.5' }, 'options.priority'],
    [{ tags: [['', 'x']] } as const, 'options.tags'],
  ])('is refused with %j', (changes, path) => {
    expect(checkOptions({ ...emptyOptions, ...changes }, 'UTC', now).map((issue) => issue.path)).toContain(path)
  })
})

describe('a diff', () => {
  it('names what was added, removed and changed, leaf by leaf', () => {
    expect(differences([{ a: 1, b: [1, 2], c: 'x' }], [{ a: 1, b: [1, 3, 4], d: null }])).toEqual([
      { path: '[0].b[1]', kind: 'changed', before: 2, after: 3 },
      { path: '[0].b[2]', kind: 'added', before: undefined, after: 4 },
      { path: '[0].d', kind: 'added', before: undefined, after: null },
      { path: '[0].c', kind: 'removed', before: 'x', after: undefined },
    ])
    expect(differences([], [])).toEqual([])
  })
})
