import { insertTask, saveTask, type Store, type TaskRecord, transition } from '@taskloom/engine/store'
import { anyTask, isTerminal, parseSearch, type TaskFilter } from '@taskloom/protocol'
import { describe, expect, it } from 'vitest'
import { buildRecord } from '../build-record.ts'
import { createChance, inBatches, matches, randomHistory } from './sample.ts'

const start = Date.UTC(2026, 0, 5, 12)

/** Metrics, timeline, types and queues: what the cards and charts are made of. */
export function describeFigures(store: () => Store): void {
  const fill = (records: readonly TaskRecord[]) => inBatches(records, (record) => insertTask(store().tasks, record))

  describe('counts', () => {
    it('gives nulls, not zeroes, where there is nothing to measure', async () => {
      expect(await store().views.metrics(anyTask)).toEqual({
        total: 0,
        pending: 0,
        running: 0,
        success: 0,
        failed: 0,
        interrupted: 0,
        cancelled: 0,
        successRate: null,
        avgDurationMs: null,
        minDurationMs: null,
        maxDurationMs: null,
        p50DurationMs: null,
        p95DurationMs: null,
        p99DurationMs: null,
        avgWaitMs: null,
        p95WaitMs: null,
        isCapped: false,
      })
      expect(await store().views.types(anyTask)).toEqual([])
      expect(await store().views.queues()).toEqual([])
    })

    it('measures durations within 1.1 %, whatever their size', async () => {
      const chance = createChance(3)
      const durations = Array.from({ length: 400 }, () => 10 ** (chance() * 9 - 2))
      await fill(
        durations.map((durationMs) =>
          buildRecord({ status: 'success', durationMs, waitMs: durationMs / 2, endTime: 1 }),
        ),
      )
      await fill([buildRecord({ status: 'running', durationMs: 1e12, waitMs: null })])
      const sorted = durations.sort((a, b) => a - b)
      const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
      const metrics = await store().views.metrics(anyTask)
      near(metrics.minDurationMs, at(0))
      near(metrics.p50DurationMs, at(0.5))
      near(metrics.p95DurationMs, at(0.95))
      near(metrics.p99DurationMs, at(0.99))
      near(metrics.maxDurationMs, at(1))
      near(metrics.avgDurationMs, sorted.reduce((sum, value) => sum + value, 0) / sorted.length)
      near(metrics.p95WaitMs, at(0.95) / 2)
      expect(metrics.successRate).toBe(1)
    })

    it('follows the filter in every figure', async () => {
      const records = randomHistory(150, 21)
      await fill(records)
      const filters: Partial<TaskFilter>[] = [
        {},
        { statuses: ['failed'] },
        { statuses: ['success', 'running'], queues: ['mail'] },
        { funcNames: ['render'], sources: ['manual'] },
        { since: start + 10 * 60_000, until: start + 70 * 60_000 },
        { since: start + 60 * 60_000, statuses: ['cancelled'] },
        { tags: [{ key: 'env', value: 'prod' }] },
        { workerIds: ['w2'] },
        { search: parseSearch('send -queue:slow') },
        { search: parseSearch('error:card') },
      ]
      for (const changes of filters) {
        const filter = { ...anyTask, ...changes }
        const set = records.filter((record) => matches(record, filter))
        const metrics = await store().views.metrics(filter)
        expect({ filter, ...countsOf(set) }).toEqual({ filter, ...countsOf(set), ...pickCounts(metrics) })
        const durations = set.flatMap(({ durationMs }) => durationMs ?? [])
        expect(metrics.avgDurationMs ?? -1).toBeCloseTo(mean(durations), 3)
        const waits = set.flatMap(({ status, waitMs }) => (isTerminal(status) ? (waitMs ?? []) : []))
        expect(metrics.avgWaitMs ?? -1).toBeCloseTo(mean(waits), 3)
      }
    })

    it('moves a task between counts when it changes', async () => {
      const { tasks, views } = store()
      const record = buildRecord()
      await insertTask(tasks, record)
      const run = transition(record, { status: 'running', attempt: 1, waitMs: 4 })
      await saveTask(tasks, run)
      expect(await views.metrics(anyTask)).toMatchObject({
        pending: 0,
        running: 1,
        avgWaitMs: null,
        avgDurationMs: null,
      })
      const failed = transition(run.next, { status: 'failed', durationMs: 9, endTime: 5 })
      await saveTask(tasks, failed)
      expect(await views.metrics(anyTask)).toMatchObject({
        total: 1,
        running: 0,
        failed: 1,
        avgWaitMs: 4,
        avgDurationMs: 9,
      })
      await saveTask(tasks, transition(failed.next, { retryCount: 1 }))
      expect(await views.metrics(anyTask)).toMatchObject({ total: 1, failed: 1, avgDurationMs: 9 })
    })
  })

  describe('draws timelines', () => {
    const hour = 3_600_000
    it.each([60_000, 300_000, 1_800_000, hour, 24 * hour])(
      'whose buckets of %i ms add up to the metrics',
      async (bucketMs) => {
        const records = randomHistory(150, 33)
        await fill(records)
        const filters: Partial<TaskFilter>[] = [
          {},
          { statuses: ['success', 'failed'] },
          { funcNames: ['send_mail'] },
          { tags: [{ key: 'env', value: 'dev' }] },
        ]
        const since = start - 7 * 60_000
        const until = start + 77 * 60_000
        for (const changes of filters) {
          const filter = { ...anyTask, ...changes }
          const metrics = await store().views.metrics({ ...filter, since, until })
          for (const group of ['status', 'func_name', 'queue'] as const) {
            const timeline = await store().views.timeline({ filter, since, until, bucketMs, group })
            expect(timeline).toMatchObject({ since, until, bucketMs, group })
            expect(timeline.buckets).toHaveLength(Math.ceil((until - since) / bucketMs))
            expect(timeline.buckets.map(({ at }) => at)).toEqual(timeline.buckets.map((_, i) => since + i * bucketMs))
            expect(timeline.buckets.reduce((sum, { total }) => sum + total, 0)).toBe(metrics.total)
            for (const { total, counts } of timeline.buckets) {
              expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(total)
              expect(Object.values(counts)).not.toContain(0)
            }
            if (group === 'status') {
              const failed = timeline.buckets.reduce((sum, { counts }) => sum + (counts.failed ?? 0), 0)
              expect(failed).toBe(metrics.failed)
            }
          }
        }
      },
    )

    it('puts each task into the bucket of its creation and honours the filter’s own window', async () => {
      await fill([0, 1, 59, 60, 119].map((minute) => buildRecord({ createdAt: start + minute * 60_000 + 59_999 })))
      const question = { since: start, until: start + 2 * hour, bucketMs: hour, group: 'queue' } as const
      const all = await store().views.timeline({ ...question, filter: anyTask })
      expect(all.buckets.map(({ total }) => total)).toEqual([3, 2])
      const filter = { ...anyTask, since: start + 60_000, until: start + 61 * 60_000 }
      const narrow = await store().views.timeline({ ...question, filter })
      expect(narrow.buckets.map(({ total }) => total)).toEqual([2, 1])
    })
  })

  describe('compares', () => {
    it('functions, by name, with their rates', async () => {
      await fill([
        buildRecord({ funcName: 'b', status: 'success', durationMs: 100, createdAt: start }),
        buildRecord({ funcName: 'b', status: 'failed', durationMs: 300, createdAt: start }),
        buildRecord({ funcName: 'a', createdAt: start + 7_200_000 }),
      ])
      const types = await store().views.types(anyTask)
      expect(types.map(({ funcName, runs, success, failed, rate }) => [funcName, runs, success, failed, rate])).toEqual(
        [
          ['a', 1, 0, 0, null],
          ['b', 2, 1, 1, 0.5],
        ],
      )
      expect(types[1]).toMatchObject({ avgDurationMs: 200, runsPerHour: 1 })
      near(types[1]?.maxDurationMs ?? null, 300)
      const failed = await store().views.types({ ...anyTask, statuses: ['failed'] })
      expect(failed.map(({ funcName, runs }) => [funcName, runs])).toEqual([['b', 1]])
    })

    it('queues, by name, with a count for each status', async () => {
      await fill([
        buildRecord({ queue: 'x' }),
        buildRecord({ queue: 'x', status: 'failed' }),
        buildRecord({ queue: 'a' }),
      ])
      const none = { pending: 0, running: 0, success: 0, failed: 0, interrupted: 0, cancelled: 0 }
      expect(await store().views.queues()).toEqual([
        { queue: 'a', counts: { ...none, pending: 1 }, total: 1 },
        { queue: 'x', counts: { ...none, pending: 1, failed: 1 }, total: 2 },
      ])
    })
  })
}

function near(actual: number | null, expected: number): void {
  expect(actual).not.toBeNull()
  expect(Math.abs((actual ?? 0) - expected)).toBeLessThanOrEqual(expected * 0.011)
}

function countsOf(records: readonly TaskRecord[]) {
  const count = (status: string) => records.filter((record) => record.status === status).length
  return {
    total: records.length,
    pending: count('pending'),
    running: count('running'),
    success: count('success'),
    failed: count('failed'),
    interrupted: count('interrupted'),
    cancelled: count('cancelled'),
  }
}

function pickCounts(metrics: ReturnType<typeof countsOf>) {
  const { total, pending, running, success, failed, interrupted, cancelled } = metrics
  return { total, pending, running, success, failed, interrupted, cancelled }
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? -1 : values.reduce((sum, value) => sum + value, 0) / values.length
}
