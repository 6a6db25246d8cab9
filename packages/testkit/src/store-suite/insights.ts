import { insertTask, type Store, type TaskRecord } from '@taskloom/engine/store'
import {
  anyTask,
  maxHistogramBuckets,
  terminalStatuses,
  type HistogramBucket,
  type TaskStatus,
} from '@taskloom/protocol'
import { describe, expect, it } from 'vitest'
import { buildRecord } from '../build-record.ts'
import { createChance, inBatches, randomHistory } from './sample.ts'

const start = Date.UTC(2026, 0, 5, 12)
const hour = 3_600_000

/** How durations are spread and change over time, and samples of arguments. */
export function describeInsights(store: () => Store): void {
  const fill = (records: readonly TaskRecord[]) => inBatches(records, (record) => insertTask(store().tasks, record))

  describe('spreads durations and waits', () => {
    it('over no bars where nothing was measured', async () => {
      await fill([buildRecord(), buildRecord({ status: 'running', waitMs: 5 })])
      expect(await store().views.histogram(anyTask)).toEqual({ duration: [], wait: [], samples: 0, isCapped: false })
    })

    it('over bars without gaps that hold every task', async () => {
      const chance = createChance(11)
      const durations = Array.from({ length: 300 }, () => 10 ** (chance() * 8 - 1))
      await fill(durations.map((durationMs) => buildRecord({ status: 'success', durationMs, waitMs: 0, endTime: 1 })))
      const { duration, wait, samples } = await store().views.histogram(anyTask)
      expect(samples).toBe(300)
      expect(wait).toEqual([{ fromMs: 0, toMs: 0, count: 300 }])
      expect(duration.length).toBeLessThanOrEqual(maxHistogramBuckets)
      expect(duration.length).toBeGreaterThan(maxHistogramBuckets / 2)
      expectWhole(duration)
      for (const { fromMs, toMs, count } of duration) {
        const inside = durations.filter((value) => value > fromMs * 1.000001 && value <= toMs * 0.999999).length
        const around = durations.filter((value) => value >= fromMs * 0.999999 && value <= toMs * 1.000001).length
        expect(count).toBeGreaterThanOrEqual(inside)
        expect(count).toBeLessThanOrEqual(around)
      }
    })

    it('of the tasks of the filter, also where rows must be looked at', async () => {
      await fill(randomHistory(150, 41))
      for (const changes of [{ statuses: ['failed' as const] }, { tags: [{ key: 'env', value: 'prod' }] }]) {
        const filter = { ...anyTask, ...changes }
        const { duration, samples } = await store().views.histogram(filter)
        const { tasks } = await store().views.list(firstPage(filter))
        expect(samples).toBe(tasks.filter(({ durationMs }) => durationMs !== null).length)
        expect(samples).toBeGreaterThan(0)
        expect(duration.reduce((sum, { count }) => sum + count, 0)).toBe(samples)
        expectWhole(duration)
      }
    })
  })

  describe('draws latencies', () => {
    it.each([60_000, 300_000, hour])('in buckets of %i ms, each with the metrics of its time', async (bucketMs) => {
      await fill(randomHistory(120, 51))
      const until = start + 2 * hour
      for (const changes of [{}, { queues: ['mail'] }, { workerIds: ['w2'] }]) {
        const filter = { ...anyTask, ...changes }
        const latency = await store().views.latency({ filter, since: start, until, bucketMs })
        expect(latency).toMatchObject({ since: start, until, bucketMs })
        expect(latency.buckets.map(({ at }) => at)).toEqual(latency.buckets.map((_, i) => start + i * bucketMs))
        expect(latency.buckets).toHaveLength((2 * hour) / bucketMs)
        for (const bucket of latency.buckets.filter((_, index) => index % 7 === 0)) {
          const metrics = await store().views.metrics({ ...filter, since: bucket.at, until: bucket.at + bucketMs })
          const { success, failed, interrupted, cancelled } = metrics
          expect(bucket).toMatchObject({ ended: success + failed + interrupted + cancelled, failed })
          expect(bucket.p50DurationMs).toBe(metrics.p50DurationMs)
          expect(bucket.p95DurationMs).toBe(metrics.p95DurationMs)
          expect(bucket.p99DurationMs).toBe(metrics.p99DurationMs)
          expect(bucket.p95WaitMs).toBe(metrics.p95WaitMs)
        }
      }
    })
  })

  describe('counts the ends of queues', () => {
    it.each([60_000, 120_000, 1_800_000])('in buckets of %i ms, as charts of them do', async (bucketMs) => {
      await fill(randomHistory(150, 61))
      const stretch = { since: start, until: start + hour, bucketMs }
      const ends = await store().views.ends(stretch)
      expect(ends.map(({ queue }) => queue)).toEqual(['default', 'mail', 'slow'])
      const read = (statuses: readonly TaskStatus[]) =>
        store().views.timeline({ ...stretch, group: 'queue', filter: { ...anyTask, statuses } })
      const [ended, failed] = [await read(terminalStatuses), await read(['failed'])]
      for (const counts of ends) {
        expect(counts.ended).toEqual(ended.buckets.map((bucket) => bucket.counts[counts.queue] ?? 0))
        expect(counts.failed).toEqual(failed.buckets.map((bucket) => bucket.counts[counts.queue] ?? 0))
      }
      expect(ends.flatMap((counts) => counts.failed).some((count) => count > 0)).toBe(true)
    })

    it('and names none where nothing ended', async () => {
      await fill([buildRecord({ createdAt: start }), buildRecord({ createdAt: start - 1, status: 'failed' })])
      expect(await store().views.ends({ since: start, until: start + hour, bucketMs: 60_000 })).toEqual([])
    })
  })

  describe('samples arguments', () => {
    it('of the newest tasks of a filter, without long ones', async () => {
      const long = JSON.stringify(['x'.repeat(200)])
      const [oldest, , tooLong, newest] = ['[1]', '[2]', long, '[{"a":"ü"}]'].map((args, minute) =>
        buildRecord({
          args,
          redact: minute === 3 ? ['a'] : [],
          queue: minute === 1 ? 'mail' : 'default',
          createdAt: start + minute * 60_000,
        }),
      ) as [TaskRecord, TaskRecord, TaskRecord, TaskRecord]
      await fill([oldest, tooLong, newest])
      await fill([buildRecord({ args: '[2]', queue: 'mail', createdAt: start + 60_000 })])
      const sample = await store().views.args({ filter: anyTask, limit: 3, maxBytes: 100 })
      expect(sample.map(({ args }) => args)).toEqual(['[{"a":"ü"}]', '[2]'])
      expect(sample[0]).toEqual({ taskId: newest.taskId, funcName: newest.funcName, args: newest.args, redact: ['a'] })
      const mail = await store().views.args({ filter: { ...anyTask, queues: ['mail'] }, limit: 3, maxBytes: 100 })
      expect(mail.map(({ args }) => args)).toEqual(['[2]'])
    })

    it('counts bytes, not characters', async () => {
      await fill([buildRecord({ args: '["üü"]' })])
      expect(await store().views.args({ filter: anyTask, limit: 5, maxBytes: 7 })).toEqual([])
      expect(await store().views.args({ filter: anyTask, limit: 5, maxBytes: 8 })).toHaveLength(1)
    })
  })
}

function expectWhole(bars: readonly HistogramBucket[]): void {
  const wide = bars.filter(({ toMs }) => toMs > 0)
  for (const [index, bar] of wide.entries()) {
    expect(bar.toMs).toBeGreaterThan(bar.fromMs)
    if (index > 0) expect(bar.fromMs).toBe(wide[index - 1]?.toMs)
  }
}

function firstPage(filter: typeof anyTask) {
  return { filter, sort: 'created_at', order: 'desc', limit: 500, cursor: null } as const
}
