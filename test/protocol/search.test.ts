import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatSearch,
  matchesTerm,
  parseSearch,
  ProtocolError,
  type Searchable,
  type SearchTerm,
} from '@taskloom/protocol'

const task: Searchable = {
  taskId: '0193a4c2-77d0-7e1f-b3a0-5c1e9f03aa10',
  funcName: 'send_receipt',
  queue: 'mail',
  status: 'failed',
  createdAt: 0,
  runAt: null,
  startTime: null,
  endTime: null,
  durationMs: null,
  waitMs: null,
  attempt: 1,
  retriesUsed: 0,
  maxRetries: 0,
  priority: null,
  executor: 'async',
  source: 'manual',
  error: 'CardDeclined: insufficient funds',
  tags: { env: 'prod', 'order.id': '7' },
  progress: null,
  userLabel: 'Ann Lee',
  workerId: 'web-1.7f',
  hasLogs: false,
  retriedFrom: null,
  retryCount: 0,
  version: 1,
  errorGroup: '5d1f00aa5d1f00aa',
  args: [{ user: { id: 42, name: 'Ann' } }, 'x'],
}

const holds = (query: string) => parseSearch(query).every((term) => matchesTerm(task, term))

describe('search', () => {
  it.each([
    ['receipt', true],
    ['SEND', true],
    ['0193a4c2', true],
    ['9f03aa10', true],
    ['77d0-7e1f', true],
    ['nothing', false],
    ['error:"insufficient funds"', true],
    ['error:timeout', false],
    ['-error:timeout', true],
    ['error_group:5d1f00aa5d1f00aa', true],
    ['error_group:5d1f', false],
    ['-error_group:5d1f00aa5d1f00aa', false],
    ['queue:mail', true],
    ['queue:m*', true],
    ['queue:ma', false],
    ['func:send_*', true],
    ['-func:send_*', false],
    ['worker:web-1.7f', true],
    ['worker:web-1*', true],
    ['worker:WEB-*', true],
    ['worker:web-1', false],
    ['-worker:web-2*', true],
    ['user:"ann lee"', true],
    ['user:ann', false],
    ['user:ann*', true],
    ['source:manual', true],
    ['source:m*', true],
    ['source:api', false],
    ['-source:api', true],
    ['tag.env:prod', true],
    ['tag.order.id:7', true],
    ['tag.constructor:x', false],
    ['args.user.id:42', true],
    ['args.user.id:4', false],
    ['args.user.name:ann', true],
    ['args.0.user.id:42', true],
    ['args.__proto__.x:1', false],
    ['send -func:heartbeat tag.env:prod', true],
    ['%', false],
    ['_%', false],
    ['', true],
  ])('%s → %s', (query, expected) => {
    expect(holds(query)).toBe(expected)
  })

  it('finds what nobody has run, and nobody is named for, only by leaving out', () => {
    const waiting: Searchable = { ...task, workerId: null, userLabel: null }
    const found = (query: string) => parseSearch(query).every((term) => matchesTerm(waiting, term))
    expect(['worker:*', 'user:*', '-worker:*', '-user:*', '-worker:web-1*'].map(found)).toEqual([
      false,
      false,
      true,
      true,
      true,
    ])
  })

  it.each([
    ['constructor:x', 0],
    ['error:"open', 6],
    ['nope:1', 0],
    ['ok error:', 3],
    ['a tag.:x', 2],
    ['a\0b', 1],
  ])('says where %s goes wrong', (query, position) => {
    const problem = (() => {
      try {
        return parseSearch(query)
      } catch (error) {
        return error
      }
    })()
    expect(problem).toBeInstanceOf(ProtocolError)
    expect((problem as ProtocolError).at).toEqual({ parameter: 'q', position })
  })

  const text = fc.string({ minLength: 1, maxLength: 12 }).filter((word) => !word.includes('\0'))
  const step = fc.stringMatching(/^[a-z]{1,6}$/)
  const terms: fc.Arbitrary<SearchTerm> = fc.oneof(
    fc.record({ negated: fc.boolean(), kind: fc.constant('word' as const), text }),
    fc.record({ negated: fc.boolean(), kind: fc.constantFrom('error' as const, 'error_group' as const), text }),
    fc.record({
      negated: fc.boolean(),
      kind: fc.constantFrom('queue' as const, 'func' as const, 'worker' as const, 'user' as const, 'source' as const),
      pattern: text,
    }),
    fc.record({ negated: fc.boolean(), kind: fc.constant('tag' as const), key: step, text }),
    fc.record({
      negated: fc.boolean(),
      kind: fc.constant('args' as const),
      path: fc.array(step, { minLength: 1 }),
      text,
    }),
  )

  it('comes back from its text', () => {
    fc.assert(
      fc.property(fc.array(terms, { maxLength: 8 }), (list) => {
        const query = formatSearch(list)
        fc.pre(query.length <= 500)
        expect(parseSearch(query)).toEqual(list)
      }),
    )
  })

  it('answers or refuses any text at once', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 600 }), (query) => {
        try {
          parseSearch(query)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
    )
  })
})
