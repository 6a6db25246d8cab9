import { formatCursor, sortFields, taskStatuses } from '@taskloom/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chartSeries, tabNames, type ViewQuery } from '../../packages/client/src/state.ts'
import {
  decodeView,
  encodeView,
  initialView,
  readView,
  searchProblem,
  toTaskQuery,
} from '../../packages/client/src/view-query.ts'
import { noon } from './builders.ts'

const word = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\0'))
const instant = fc.integer({ min: 0, max: 4_000_000_000_000 })
const views: fc.Arbitrary<ViewQuery> = fc
  .record({
    tab: fc.constantFrom(...tabNames),
    statuses: fc.uniqueArray(fc.constantFrom(...taskStatuses)),
    funcNames: fc.uniqueArray(word),
    queues: fc.uniqueArray(word),
    range: fc.oneof(
      fc.constant({ kind: 'all' as const }),
      fc.constantFrom('15m', '6h', '7d').map((window) => ({ kind: 'window' as const, window })),
      fc.record({ kind: fc.constant('between' as const), since: instant, until: fc.option(instant) }),
    ),
    search: fc.string({ maxLength: 40 }),
    sort: fc.constantFrom(...sortFields),
    order: fc.constantFrom('asc' as const, 'desc' as const),
    pageSize: fc.integer({ min: 1, max: 500 }),
    pageNumber: fc.integer({ min: 1, max: 999 }),
    columns: fc.uniqueArray(word),
    series: fc.constantFrom(...chartSeries),
  })
  .chain((view) =>
    fc.boolean().map((isFirst) => ({
      ...view,
      cursor: isFirst ? null : formatCursor({ direction: 'next', value: view.pageSize, taskId: 'x' }),
      pageNumber: isFirst ? 1 : view.pageNumber,
    })),
  )

describe('a view', () => {
  it('comes back from an address', () => {
    fc.assert(
      fc.property(views, (view) => {
        expect(decodeView(new URLSearchParams(encodeView(view).toString()))).toEqual(view)
      }),
    )
  })

  it('comes back from JSON', () => {
    fc.assert(
      fc.property(views, (view) => {
        expect(readView(JSON.parse(JSON.stringify(view)))).toEqual(view)
      }),
    )
  })

  it('leaves the address clean when nothing was asked', () => {
    expect(encodeView(initialView).toString()).toBe('')
  })

  it('survives any JSON', () => {
    fc.assert(
      fc.property(
        fc.anything(),
        fc.dictionary(fc.constantFrom(...Object.keys(initialView)), fc.anything()),
        (any, part) => {
          for (const view of [readView(any), readView(part)])
            expect(() => toTaskQuery({ ...view, search: '' }, noon)).not.toThrow()
        },
      ),
    )
  })

  it('survives any address', () => {
    const keys = fc.constantFrom('tab', 'status', 'func', 'window', 'since', 'until', 'sort', 'limit', 'page', 'cursor')
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, fc.string())), (pairs) => {
        expect(() => toTaskQuery(decodeView(new URLSearchParams(pairs)), noon)).not.toThrow()
      }),
    )
  })
})

describe('the question of a view', () => {
  it('is fixed in time', () => {
    const { filter } = toTaskQuery({ ...initialView, range: { kind: 'window', window: '6h' } }, noon)
    expect([filter.since, filter.until]).toEqual([noon - 6 * 3_600_000, null])
  })

  it('is for failed tasks alone on the dead letters, whatever statuses were chosen', () => {
    const view: ViewQuery = { ...initialView, tab: 'dead-letters', statuses: ['success'], queues: ['mail'] }
    expect(toTaskQuery(view, noon).filter).toMatchObject({ statuses: ['failed'], queues: ['mail'] })
  })

  it('carries sort, size, place and search', () => {
    const cursor = { direction: 'next', value: 1, taskId: 'x' } as const
    const view: ViewQuery = {
      ...initialView,
      search: '-func:beat',
      sort: 'duration',
      order: 'asc',
      pageSize: 7,
      cursor: formatCursor(cursor),
    }
    expect(toTaskQuery(view, noon)).toMatchObject({
      sort: 'duration',
      order: 'asc',
      limit: 7,
      cursor,
      filter: { search: [{ kind: 'func', pattern: 'beat', negated: true }] },
    })
  })

  it('names what is wrong with a search, and where', () => {
    expect(searchProblem('error:"open')).toMatchObject({ code: 'bad_query', parameter: 'q', position: 6 })
    expect(searchProblem('mail')).toBeNull()
  })
})
