import { errorKind, insertTask, type ListQuestion, type Store, type TaskRecord } from '@taskloom/engine/store'
import { anyTask, matchesFilter, parseSearch, sortFields, taskStatuses, type TaskFilter } from '@taskloom/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectedIds, inBatches, randomHistory } from './sample.ts'
import { buildRecord } from '../build-record.ts'

/** Lists: every filter, every sort, both orders, forwards and backwards. */
export function describeLists(store: () => Store): void {
  const ask = (changes: Partial<ListQuestion>) =>
    store().views.list({ filter: anyTask, sort: 'created_at', order: 'desc', limit: 20, cursor: null, ...changes })

  describe('lists tasks', () => {
    let records: readonly TaskRecord[] = []
    beforeEach(async () => {
      records = randomHistory(120, 7)
      await inBatches(records, (record) => insertTask(store().tasks, record))
    })

    it('has nothing before the first page and nothing after the last', async () => {
      const first = await ask({ limit: 100 })
      expect(first).toMatchObject({ prev: null, total: 120, totalIsCapped: false })
      const last = await ask({ limit: 100, cursor: first.next })
      expect(last.tasks).toHaveLength(20)
      expect(last.next).toBeNull()
      expect((await ask({ limit: 120 })).next).toBeNull()
    })

    it('carries summaries without the heavy fields', async () => {
      const [task] = (await ask({ limit: 1 })).tasks
      const record = records.find(({ taskId }) => taskId === task?.taskId)
      expect(record).toMatchObject(task ?? {})
      for (const heavy of ['args', 'result', 'stacktrace', 'idempotencyKey']) expect(task).not.toHaveProperty(heavy)
    })

    it.each(sortFields)('pages by %s in both orders and both directions, losing and doubling nothing', async (sort) => {
      for (const order of ['asc', 'desc'] as const) {
        for (const filter of [anyTask, { ...anyTask, statuses: ['failed', 'pending'] as const }]) {
          const expected = expectedIds(records, filter, sort, order)
          const forwards: string[] = []
          let page = await ask({ filter, sort, order, limit: 17 })
          expect(page.total).toBe(expected.length)
          forwards.push(...ids(page.tasks))
          while (page.next) {
            page = await ask({ filter, sort, order, limit: 17, cursor: page.next })
            expect(page.prev).not.toBeNull()
            forwards.push(...ids(page.tasks))
          }
          expect(forwards).toEqual(expected)

          const backwards = ids(page.tasks)
          while (page.prev) {
            page = await ask({ filter, sort, order, limit: 17, cursor: page.prev })
            expect(page.next).not.toBeNull()
            backwards.unshift(...ids(page.tasks))
          }
          expect(backwards).toEqual(expected)
        }
      }
    })

    // Some hundred questions, each of which asks a server several times.
    it('agrees with the protocol about every filter and combination', { timeout: 60_000 }, async () => {
      for (const filter of sampleFilters(records)) {
        for (const [sort, order] of [
          ['created_at', 'desc'],
          ['duration', 'asc'],
          ['func_name', 'desc'],
        ] as const) {
          const answer = await ask({ filter, sort, order, limit: 200 })
          expect({ filter, ids: ids(answer.tasks) }).toEqual({ filter, ids: expectedIds(records, filter, sort, order) })
          expect({ filter, total: answer.total }).toEqual({ filter, total: answer.tasks.length })
          const { total, isCapped } = await store().views.metrics(filter)
          expect({ filter, total, isCapped }).toEqual({ filter, total: answer.total, isCapped: false })
        }
      }
    })

    it('pages through a searched and filtered list', async () => {
      const filter = { ...anyTask, search: parseSearch('-error:declined -tag.env:dev') }
      for (const sort of ['created_at', 'duration', 'status'] as const) {
        const found: string[] = []
        let page = await ask({ filter, sort, limit: 9 })
        found.push(...ids(page.tasks))
        while (page.next) found.push(...ids((page = await ask({ filter, sort, limit: 9, cursor: page.next })).tasks))
        expect(found).toEqual(expectedIds(records, filter, sort, 'desc'))
      }
    })

    it('answers a cursor of a row that is gone, and of a value of another kind', async () => {
      const page = await ask({ limit: 10 })
      const taskId = '00000000-0000-7000-8000-000000000000'
      const empty = await ask({ cursor: { direction: 'next', value: 0, taskId } })
      expect(empty).toMatchObject({ tasks: [], next: null, total: 120 })
      for (const value of ['text', null, -1, 1e300]) {
        for (const sort of sortFields) {
          const answer = await ask({ sort, cursor: { direction: 'next', value, taskId } })
          expect(Array.isArray(answer.tasks)).toBe(true)
        }
      }
      expect(page.tasks).toHaveLength(10)
    })

    it('finds no task by an argument that is redacted or encrypted', async () => {
      const redact = ['user.pin', '0.cards.*.number']
      const args = '[{"user":{"pin":"canary","id":"seen"},"cards":[{"number":"canary"}]}]'
      const made = [
        buildRecord({ funcName: 'pay', args, redact }),
        buildRecord({ funcName: 'pay', args: 'sealed:1:x:y' }),
      ]
      for (const record of made) await insertTask(store().tasks, record)
      const found = async (query: string) =>
        (await ask({ filter: { ...anyTask, funcNames: ['pay'], search: parseSearch(query) } })).total
      expect(await found('args.user.id:seen')).toBe(1)
      expect(await found('args.user.pin:canary')).toBe(0)
      expect(await found('args.0.cards.0.number:canary')).toBe(0)
      expect(await found('-args.user.pin:canary')).toBe(2)
    })

    it('shows a change in the next answer', async () => {
      const record = buildRecord({ createdAt: Date.UTC(2027, 0, 1) })
      await insertTask(store().tasks, record)
      expect(ids((await ask({ limit: 1 })).tasks)).toEqual([record.taskId])
    })
  })
}

/** Each filter alone, and seeded combinations of them. */
function sampleFilters(records: readonly TaskRecord[]): readonly TaskFilter[] {
  const { fingerprint: declined } = errorKind({ error: 'Error: card declined', errorCode: null })
  const taskId = records[11]?.taskId ?? ''
  const searches = [
    'send',
    'MAIL',
    taskId,
    taskId.slice(0, 9),
    taskId.slice(-8),
    taskId.slice(-12),
    taskId.slice(-4),
    taskId.slice(10, 22),
    'fee',
    '-send',
    'func:send_*',
    '-func:*mail',
    'queue:MAIL',
    '-queue:def*',
    'error:"Card Declined"',
    '-error:card',
    `error_group:${declined}`,
    `-error_group:${declined}`,
    `error_group:${declined} tag.env:prod`,
    'error_group:ffffffffffffffff',
    'worker:w1',
    'worker:W*',
    '-worker:*',
    '-worker:w2 worker:w*',
    'user:"Ann Lee"',
    'user:ann*',
    '-user:ann*',
    'user:none',
    'source:scheduled',
    'source:*a*',
    '-source:manual',
    'source:retry worker:w3 -user:bob',
    'source:elsewhere',
    'tag.env:prod',
    'tag.env:*o*',
    '-tag.env:prod',
    'args.user.id:4',
    'args.0.user.id:4',
    'args.user.name:ANN',
    '-args.user.id:4',
    'send tag.env:dev error:timeout',
    'nothing_at_all',
  ].map((query) => ({ ...anyTask, search: parseSearch(query) }))
  const start = Math.floor((records[0]?.createdAt ?? 0) / 60_000) * 60_000
  const singles: Partial<TaskFilter>[] = [
    ...taskStatuses.map((status) => ({ statuses: [status] })),
    { statuses: ['failed', 'running', 'success'] },
    { funcNames: ['send_mail'] },
    { funcNames: ['send_mail', 'render', 'unknown'] },
    { funcNames: ['unknown'] },
    { queues: ['mail'] },
    { queues: ['mail', 'default'] },
    { sources: ['retry', 'api'] },
    { tags: [{ key: 'env', value: 'prod' }] },
    {
      tags: [
        { key: 'env', value: 'prod' },
        { key: 'team', value: 'a' },
      ],
    },
    { tags: [{ key: '__proto__', value: 'prod' }] },
    { taskIds: records.slice(5, 25).map(({ taskId }) => taskId) },
    { taskIds: ['unknown', taskId] },
    { taskIds: [] },
    { workerIds: ['w1'] },
    { workerIds: ['w1', 'w2'] },
    { since: start + 30 * 60_000 },
    { until: start + 30 * 60_000 },
    { since: start + 10 * 60_000, until: start + 90 * 60_000 },
    { since: start + 10 * 60_000, until: start + 10 * 60_000 },
  ]
  const filters = singles.map((changes) => ({ ...anyTask, ...changes }))
  const combined = singles.flatMap((first, index) => {
    const second = singles[(index * 5 + 3) % singles.length]
    const search = searches[(index * 7) % searches.length]?.search ?? []
    return [
      { ...anyTask, ...first, ...second },
      { ...anyTask, ...first, ...second, search },
    ]
  })
  const all = [anyTask, ...filters, ...searches, ...combined]
  if (!all.some((filter) => records.filter((record) => matchesFilter(record, filter)).length > 1))
    throw new Error('dull')
  return all
}

function ids(tasks: readonly { readonly taskId: string }[]): string[] {
  return tasks.map(({ taskId }) => taskId)
}
