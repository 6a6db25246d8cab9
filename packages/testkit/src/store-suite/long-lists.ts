import type { ListQuestion, Store, TaskRecord } from '@taskloom/engine/store'
import { anyTask, type SortField, type TaskFilter } from '@taskloom/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectedIds, randomHistory } from './sample.ts'

const limit = 500

const cases: readonly [name: string, sort: SortField, filter: Partial<TaskFilter>][] = [
  ['all by duration', 'duration', {}],
  ['functions by duration', 'duration', { funcNames: ['send_mail', 'render'] }],
  ['states by duration', 'duration', { statuses: ['success', 'failed', 'pending'] }],
  ['functions by end', 'end_time', { funcNames: ['send_mail', 'render'] }],
  ['queues by start', 'start_time', { queues: ['mail', 'slow'] }],
  ['the earliest by end', 'end_time', { until: Date.UTC(2026, 0, 6, 14, 30) }],
  ['the latest by start', 'start_time', { since: Date.UTC(2026, 0, 7, 0, 15) }],
  ['all by retries', 'retries_used', {}],
]

/** Lists that are too long to be read whole and sorted. */
export function describeLongLists(store: () => Store): void {
  describe('lists more tasks than it sorts at once', () => {
    let records: readonly TaskRecord[] = []
    beforeEach(async () => {
      records = randomHistory(5_000, 11)
      for (let from = 0; from < records.length; from += 1_000) {
        const some = records.slice(from, from + 1_000)
        await store().tasks.write(some.map((next) => ({ previous: null, next, attempt: null, logs: [] })))
      }
    }, 60_000)

    const ask = async (changes: Omit<ListQuestion, 'limit'>) => {
      const { tasks, total, next, prev } = await store().views.list({ ...changes, limit })
      return { ids: tasks.map(({ taskId }) => taskId), total, next, prev }
    }

    // Forwards to the end and back, in both orders, with ties and with tasks that have no value yet.
    it('page by page, in order, losing and doubling nothing', { timeout: 120_000 }, async () => {
      for (const [name, sort, changes] of cases) {
        const filter = { ...anyTask, ...changes }
        for (const order of ['asc', 'desc'] as const) {
          const expected = expectedIds(records, filter, sort, order)
          expect(expected.length).toBeGreaterThan(2_000)
          let page = await ask({ filter, sort, order, cursor: null })
          const forwards = [...page.ids]
          while (page.next) {
            page = await ask({ filter, sort, order, cursor: page.next })
            forwards.push(...page.ids)
          }
          expect({ name, order, total: page.total }).toEqual({ name, order, total: expected.length })
          expect({ name, order, ids: forwards }).toEqual({ name, order, ids: expected })
          const backwards = [...page.ids]
          while (page.prev) {
            page = await ask({ filter, sort, order, cursor: page.prev })
            backwards.unshift(...page.ids)
          }
          expect({ name, order, ids: backwards }).toEqual({ name, order, ids: expected })
        }
      }
    })
  })
}
