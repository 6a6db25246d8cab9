import { redis } from '@taskloom/engine/redis'
import type { ListQuestion, Store, TaskRecord } from '@taskloom/engine/store'
import {
  anyTask,
  comparePlaces,
  matchesFilter,
  parseSearch,
  placeOf,
  sortFields,
  type Place,
  type TaskFilter,
  type TaskStatus,
} from '@taskloom/protocol'
import { buildRecord } from '@taskloom/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRedis } from '../servers/redis.ts'
import { useServer } from '../servers/use-server.ts'

/** More than Redis looks at, ranks or reads at once: every bound of the views is met. */
const count = 21_000
const start = Date.UTC(2026, 0, 5, 12)
const minute = 60_000

describe('the views of Redis over many tasks', () => {
  const server = useServer(startRedis)
  const records = manyRecords()
  let store: Store
  beforeAll(async () => {
    if (server.missing !== null) return
    store = redis(server.url, { keyPrefix: 'many' })
    await store.open()
    for (let from = 0; from < count; from += 500) {
      const batch = records.slice(from, from + 500)
      await store.tasks.write(batch.map((next) => ({ previous: null, next, attempt: null, logs: [] })))
    }
  }, 120_000)
  afterAll(() => store.close())

  const ask = (changes: Partial<ListQuestion>) =>
    store.views.list({ filter: anyTask, sort: 'created_at', order: 'desc', limit: 30, cursor: null, ...changes })

  it.each(sortFields)('pages by %s from any place, of a task that is there or is not', async (sort) => {
    const filters: Partial<TaskFilter>[] = [
      {},
      { statuses: ['failed', 'pending'] },
      { statuses: ['success'] },
      { funcNames: ['fn_1', 'fn_2'], queues: ['mail'] },
      { since: start + 40 * minute, until: start + 90 * minute },
      { funcNames: ['fn_3'], sources: ['api'], since: start + 40 * minute },
    ]
    for (const [index, changes] of filters.entries()) {
      const filter = { ...anyTask, ...changes }
      const all = records.filter((record) => matchesFilter(record, filter))
      for (const order of ['asc', 'desc'] as const) {
        const sign = order === 'asc' ? 1 : -1
        const sorted = all.map((record) => placeOf(record, sort)).sort((a, b) => comparePlaces(a, b) * sign)
        for (const share of [0.03, 0.55]) {
          const near = sorted[Math.floor(share * sorted.length)] as Place
          const isThere = (index + Math.round(share * 100)) % 2 === 0
          const place = isThere ? near : { ...near, taskId: `${near.taskId.slice(0, -1)}!` }
          const after = sorted.filter((other) => comparePlaces(other, place) * sign > 0)
          const before = sorted.filter((other) => comparePlaces(other, place) * sign < 0)
          for (const direction of ['next', 'prev'] as const) {
            const answer = await ask({ filter, sort, order, cursor: { direction, ...place } })
            const wanted = direction === 'next' ? after.slice(0, 30) : before.slice(-30)
            expect({ changes, order, place, ids: idsOf(answer.tasks) }).toEqual({
              ...{ changes, order, place },
              ids: wanted.map(({ taskId }) => taskId),
            })
            expect(answer).toMatchObject({ total: all.length, totalIsCapped: false })
          }
        }
      }
    }
  })

  it('sorts what is looked at one by one, too', async () => {
    const filter = { ...anyTask, search: parseSearch('-error:declined -worker:w3') }
    const all = records.filter((record) => matchesFilter(record, filter))
    for (const sort of ['duration', 'end_time', 'priority', 'status', 'retries_used'] as const) {
      for (const order of ['asc', 'desc'] as const) {
        const sign = order === 'asc' ? 1 : -1
        const sorted = all.map((record) => placeOf(record, sort)).sort((a, b) => comparePlaces(a, b) * sign)
        const cursor = { direction: 'next', ...(sorted[7_000] as Place) } as const
        const { tasks, totalIsCapped } = await ask({ filter, sort, order, cursor })
        expect(idsOf(tasks)).toEqual(sorted.slice(7_001, 7_031).map(({ taskId }) => taskId))
        expect(totalIsCapped).toBe(true)
      }
    }
  })

  it('gives up after a bounded look, says so, and reads on from there', async () => {
    const filter = { ...anyTask, search: parseSearch('error:seldom') }
    const seldom = records.filter((record) => matchesFilter(record, filter)).map(({ taskId }) => taskId)
    expect(seldom).toEqual([records[2]?.taskId])
    const first = await ask({ filter })
    expect(first).toMatchObject({ tasks: [], total: 0, totalIsCapped: true })
    expect(first.next).not.toBeNull()
    const second = await ask({ filter, cursor: first.next })
    expect(idsOf(second.tasks)).toEqual(seldom)
    expect(second.next).toBeNull()
    expect(await store.views.metrics(filter)).toMatchObject({ total: 0, isCapped: true })

    const ids = await store.views.ids({ filter, after: null, until: '~', limit: 5 })
    expect(ids.taskIds).toEqual(seldom)
    expect(ids.next).not.toBeNull()
    const rest = await store.views.ids({ filter, after: ids.next, until: '~', limit: 5 })
    expect(rest).toEqual({ taskIds: [], next: null })
  })

  it('knows what a tag, a kind of failure, an id or a part of one holds without looking at the rest', async () => {
    const old = records[3] as TaskRecord
    const filters: Partial<TaskFilter>[] = [
      { tags: [{ key: 'env', value: 'prod' }] },
      {
        tags: [
          { key: 'env', value: 'prod' },
          { key: 'customer', value: 'c7' },
        ],
      },
      { tags: [{ key: 'customer', value: 'c7' }], statuses: ['failed'] },
      { search: parseSearch(old.taskId.slice(-12)) },
      { search: parseSearch(old.taskId.slice(0, 13)), statuses: ['success'] },
      { search: parseSearch('beefbeefbeef') },
      { taskIds: [old.taskId, 'unknown'], workerIds: ['w1', 'w2', 'w3'] },
    ]
    for (const changes of filters) {
      const filter = { ...anyTask, ...changes }
      const all = records.filter((record) => matchesFilter(record, filter)).reverse()
      const answer = await ask({ filter })
      expect({ changes, ids: idsOf(answer.tasks) }).toEqual({ changes, ids: idsOf(all.slice(0, 30)) })
      expect({ changes, total: answer.total }).toEqual({ changes, total: all.length })
      expect(answer.totalIsCapped).toBe(false)
      expect(await store.views.metrics(filter)).toMatchObject({ total: all.length, isCapped: false })
    }
  })

  it('adds figures up over many hashes as over the tasks', async () => {
    for (const changes of [{}, { queues: ['mail'] }, { since: start + 7 * minute, until: start + 501 * minute }]) {
      const filter = { ...anyTask, ...changes }
      const all = records.filter((record) => matchesFilter(record, filter))
      const durations = all.flatMap(({ durationMs }) => durationMs ?? []).sort((a, b) => a - b)
      const metrics = await store.views.metrics(filter)
      expect(metrics).toMatchObject({ total: all.length, isCapped: false })
      expect(metrics.success).toBe(all.filter(({ status }) => status === 'success').length)
      expect(metrics.avgDurationMs).toBeCloseTo(durations.reduce((a, b) => a + b, 0) / durations.length, 3)
      const p95 = durations[Math.ceil(durations.length * 0.95) - 1] ?? 0
      expect(Math.abs((metrics.p95DurationMs ?? 0) / p95 - 1)).toBeLessThan(0.011)
      const types = await store.views.types(filter)
      expect(types.reduce((sum, { runs }) => sum + runs, 0)).toBe(all.length)
    }
  })
})

function manyRecords(): readonly TaskRecord[] {
  const statuses: readonly TaskStatus[] = ['success', 'success', 'success', 'failed', 'pending', 'cancelled', 'running']
  return Array.from({ length: count }, (_, index): TaskRecord => {
    const pick = <T>(values: readonly T[], step: number): T =>
      values[(index * step + (index >> 7)) % values.length] as T
    const createdAt = start + index * 2_000
    const status = index === 2 ? 'failed' : pick(statuses, 3)
    const hasStarted = status !== 'pending' && (status !== 'cancelled' || index % 2 === 0)
    const durationMs = hasStarted && status !== 'running' ? pick([0, 0, 3, 12, 250, 4_000.5, 70_000], 5) : null
    return buildRecord({
      createdAt,
      status,
      funcName: `fn_${pick([0, 1, 2, 3, 4], 7)}`,
      queue: pick(['default', 'mail', 'slow'], 11),
      source: pick(['manual', 'manual', 'api'], 13),
      tags: index % 4 === 0 ? { env: pick(['prod', 'dev'], 17), customer: `c${(index % 400) >> 2}` } : {},
      error: index === 2 ? 'Error: seldom' : status === 'failed' ? pick(['Error: declined', 'Error: late'], 19) : null,
      startTime: hasStarted ? createdAt + pick([0, 5, 70_000], 23) : null,
      waitMs: hasStarted ? 5 : null,
      endTime: durationMs === null ? null : createdAt + 100_000,
      durationMs,
      attempt: hasStarted ? 1 : 0,
      retriesUsed: pick([0, 0, 0, 0, 1, 3], 29),
      priority: pick([null, null, null, 0, 5, -2], 31),
      workerId: hasStarted ? pick(['w1', 'w2', 'w3'], 37) : null,
    })
  })
}

function idsOf(tasks: readonly { readonly taskId: string }[]): string[] {
  return tasks.map(({ taskId }) => taskId)
}
