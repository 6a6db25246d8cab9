import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  anyTask,
  formatCursor,
  formatTaskQuery,
  parseCursor,
  parseFilter,
  parseTaskQuery,
  parseWindow,
  ProtocolError,
  sortFields,
  taskSources,
  taskStatuses,
  type TaskQuery,
} from '@taskloom/protocol'

const now = Date.parse('2026-03-01T12:34:56.789Z')
const parse = (query: string) => parseTaskQuery(new URLSearchParams(query), now)
const name = fc.string({ minLength: 1, maxLength: 40 }).filter((text) => !text.includes('\0'))
const minute = fc.integer({ min: 0, max: 50_000_000 }).map((count) => count * 60_000)

const queries: fc.Arbitrary<TaskQuery> = fc.record({
  filter: fc.record({
    statuses: fc.uniqueArray(fc.constantFrom(...taskStatuses)),
    funcNames: fc.uniqueArray(name, { maxLength: 5 }),
    queues: fc.uniqueArray(name, { maxLength: 5 }),
    sources: fc.uniqueArray(fc.constantFrom(...taskSources)),
    tags: fc.uniqueArray(
      fc.record({ key: name.filter((key) => !key.includes(':')), value: fc.string({ maxLength: 20 }) }),
      { maxLength: 3, selector: (tag) => `${tag.key}:${tag.value}` },
    ),
    workerIds: fc.uniqueArray(name, { maxLength: 3 }),
    since: fc.option(minute, { nil: null }),
    until: fc.option(minute, { nil: null }),
    search: fc.constant([]),
  }),
  sort: fc.constantFrom(...sortFields),
  order: fc.constantFrom('asc' as const, 'desc' as const),
  limit: fc.integer({ min: 1, max: 500 }),
  cursor: fc.option(
    fc.record({
      direction: fc.constantFrom('next' as const, 'prev' as const),
      value: fc.oneof(fc.string(), fc.integer(), fc.constant(null)),
      taskId: fc.string(),
    }),
    { nil: null },
  ),
})

describe('task query', () => {
  it('comes back from its query string', () => {
    fc.assert(
      fc.property(queries, (query) => {
        fc.pre(query.filter.tags.every((tag) => !`${tag.key}${tag.value}`.includes('\0')))
        const read = parseTaskQuery(new URLSearchParams(formatTaskQuery(query).toString()), now)
        expect(read).toEqual(query)
      }),
    )
  })

  it('has defaults', () => {
    expect(parse('')).toEqual({ filter: anyTask, sort: 'created_at', order: 'desc', limit: 30, cursor: null })
  })

  it('rounds time to whole minutes, so that rows and roll-ups agree', () => {
    const filter = parseFilter(new URLSearchParams('since=2026-03-01T10:00:30Z&until=2026-03-01T11:00:30Z'), now)
    expect(filter).toMatchObject({
      since: Date.parse('2026-03-01T10:00:00Z'),
      until: Date.parse('2026-03-01T11:01:00Z'),
    })
    expect(parse('window=1h').filter.since).toBe(Date.parse('2026-03-01T11:34:00Z'))
  })

  it.each([
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['limit=1e9', 'limit'],
    ['limit=0x10', 'limit'],
    ['limit=%205', 'limit'],
    ['limit=NaN', 'limit'],
    ['limit=9007199254740993', 'limit'],
    ['limit=1&limit=9', 'limit'],
    ['sort=created_at;DROP TABLE', 'sort'],
    ['order=desc,(select 1)', 'order'],
    ['status=done', 'status'],
    ['source=me', 'source'],
    ['tag=novalue', 'tag'],
    ['window=99999999999999999d', 'window'],
    ['window=1h&since=2026-01-01T00:00:00Z', 'window'],
    ['since=yesterday', 'since'],
    ['until=99999999999999999d', 'until'],
    ['func_name=%00', 'func_name'],
    ['cursor=%%%', 'cursor'],
    ['cursor=WzEsMl0', 'cursor'],
  ])('refuses %s and names %s', (query, parameter) => {
    const refused = (() => {
      try {
        return parse(query)
      } catch (error) {
        return error
      }
    })()
    expect(refused).toBeInstanceOf(ProtocolError)
    expect((refused as ProtocolError).at.parameter).toBe(parameter)
  })

  it('reads windows', () => {
    expect(parseWindow('15m')).toBe(900_000)
    expect(parseWindow('7d')).toBe(604_800_000)
    expect(parseWindow('0h')).toBeNull()
    expect(parseWindow('6x')).toBeNull()
  })
})

describe('cursor', () => {
  it('survives any text in its value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const cursor = { direction: 'next' as const, value, taskId: 'a' }
        expect(parseCursor(formatCursor(cursor))).toEqual(cursor)
      }),
    )
  })

  it('is refused, never a crash, when it is anything else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseCursor(text)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
    )
  })
})
