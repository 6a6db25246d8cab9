import { describe, expect, it } from 'vitest'
import { canDo, deadLetterCount, filterChips, offeredActions, pageWords } from '../../packages/client/src/select.ts'
import { initialView } from '../../packages/client/src/view-query.ts'
import { everything, makePage, makeTask, noon } from './builders.ts'

describe('the words of a page', () => {
  const rows = (count: number) => Array.from({ length: count }, (_, index) => makeTask(index))
  const list = (count: number, total: number, totalIsCapped = false) => ({
    ...makePage(rows(count), { total, totalIsCapped }),
    phase: 'ready' as const,
    problem: null,
    waitingCount: 0,
  })
  it.each([
    [list(30, 128_401), 1, '1–30 of 128,401'],
    [list(30, 100_000, true), 2, '31–60 of 100,000+'],
    [list(4, 34), 2, '31–34 of 34'],
    [list(0, 0), 1, '0 of 0'],
  ])('%#', (state, pageNumber, words) => {
    expect(pageWords(state, { ...initialView, pageNumber })).toBe(words)
  })
})

describe('the actions of a task', () => {
  const offered = (changes: Parameters<typeof makeTask>[1]) =>
    offeredActions(makeTask(1, changes), everything).map(({ action }) => action)
  it.each([
    [{ status: 'pending' }, ['cancel']],
    [{ status: 'pending', runAt: noon }, ['run_now', 'cancel']],
    [{ status: 'running' }, ['cancel']],
    [{ status: 'success' }, ['delete']],
    [{ status: 'failed' }, ['retry', 'delete']],
    [{ status: 'interrupted' }, ['retry', 'delete']],
    [{ status: 'cancelled' }, ['delete']],
    [{ status: 'paused_by_a_newer_server' }, []],
  ])('%j', (changes, actions) => {
    expect(offered(changes)).toEqual(actions)
  })

  it.each([
    [{ status: 'interrupted' }, 'retry', /may have partially executed/, true],
    [{ status: 'failed' }, 'retry', null, false],
    [{ status: 'failed', retryCount: 1 }, 'retry', /already retried/, true],
    [{ status: 'running', executor: 'async' }, 'cancel', /cannot be interrupted mid-run/, true],
    [{ status: 'running', executor: 'process' }, 'cancel', /may have partially executed/, true],
    [{ status: 'success' }, 'delete', /for good/, true],
  ])('%j: %s warns %s and confirms: %s', (changes, action, warning, needsConfirmation) => {
    const found = offeredActions(makeTask(1, changes), everything).find((offer) => offer.action === action)
    expect(found?.needsConfirmation).toBe(needsConfirmation)
    if (warning) expect(found?.warning).toMatch(warning)
    else expect(found?.warning).toBeNull()
  })

  it('are only those that this caller may do', () => {
    const reader = { ...everything, actions: ['delete'] }
    expect(offeredActions(makeTask(1, { status: 'failed' }), reader).map(({ action }) => action)).toEqual(['delete'])
    expect(offeredActions(makeTask(1, { status: 'failed' }), null)).toEqual([])
    expect([canDo(reader, 'delete'), canDo(reader, 'retry'), canDo(null, 'retry')]).toEqual([true, false, false])
  })
})

it('counts dead letters of all queues', () => {
  const queue = (name: string, counts: Record<string, number>) => ({ queue: name, counts, total: 9 })
  expect(deadLetterCount([queue('a', { failed: 2, success: 5 }), queue('b', {}), queue('c', { failed: 3 })])).toBe(5)
})

it('shows each active part of the filter with the way to lose it', () => {
  const view = {
    ...initialView,
    statuses: ['failed', 'running'] as const,
    queues: ['mail'],
    range: { kind: 'window', window: '24h' } as const,
    search: ' x ',
  }
  expect(filterChips(view)).toEqual([
    { field: 'status', value: 'failed', without: { statuses: ['running'] } },
    { field: 'status', value: 'running', without: { statuses: ['failed'] } },
    { field: 'queue', value: 'mail', without: { queues: [] } },
    { field: 'time', value: 'last 24 h', without: { range: { kind: 'all' } } },
    { field: 'search', value: 'x', without: { search: '' } },
  ])
  expect(filterChips(initialView)).toEqual([])
})
