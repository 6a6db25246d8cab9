import { insertTask, saveTask, type Store, transition } from '@taskloom/engine/store'
import { anyTask } from '@taskloom/protocol'
import { describe, expect, it } from 'vitest'
import { buildRecord } from '../build-record.ts'

const logs = [{ at: 1, level: 'info', message: 'x', attempt: 1, extra: null }] as const

/** Deleting, lineage and what is shown beside one task. */
export function describeHistory(store: () => Store): void {
  describe('deletes', () => {
    it('deletes a terminal task with all that hangs on it, and no live one', async () => {
      const { tasks, views } = store()
      const live = buildRecord({ status: 'running' })
      const over = buildRecord({
        status: 'failed',
        tags: { env: 'x' },
        durationMs: 5,
        idempotencyKey: 'k',
        schedule: 's',
        slotAt: 1,
      })
      await insertTask(tasks, live)
      await insertTask(tasks, over)
      await tasks.appendLogs(over.taskId, logs)
      expect(await tasks.delete(live.taskId)).toBe(false)
      expect(await tasks.delete('unknown')).toBe(false)
      expect(await tasks.delete(over.taskId)).toBe(true)
      expect(await tasks.delete(over.taskId)).toBe(false)
      expect(await tasks.get(over.taskId)).toBeUndefined()
      expect((await views.logs({ taskId: over.taskId, after: 0, minLevel: null, text: null, limit: 9 })).total).toBe(0)
      const tagged = { ...anyTask, tags: [{ key: 'env', value: 'x' }] }
      const page = { sort: 'created_at', order: 'desc', limit: 9, cursor: null } as const
      expect((await views.list({ ...page, filter: tagged })).total).toBe(0)
      expect(await views.metrics(anyTask)).toMatchObject({ total: 1, failed: 0, running: 1, maxDurationMs: null })
      expect(
        (await insertTask(tasks, buildRecord({ idempotencyKey: 'k', schedule: 's', slotAt: 1 }))).deduplicated,
      ).toBe(false)
    })

    it('clears old history of the statuses named, in portions', async () => {
      const { tasks, views } = store()
      const old = Array.from({ length: 7 }, () => buildRecord({ status: 'success', endTime: 100, durationMs: 3 }))
      const kept = [
        buildRecord({ status: 'success', endTime: 200 }),
        buildRecord({ status: 'interrupted', endTime: 100 }),
        buildRecord({ status: 'pending' }),
        buildRecord({ status: 'running', endTime: 100 }),
        buildRecord({ status: 'success', endTime: null }),
      ]
      for (const record of [...old, ...kept]) await insertTask(tasks, record)
      const question = { statuses: ['success', 'failed', 'running'], endedBefore: 200, limit: 5 } as const
      const first = await tasks.deleteHistory(question)
      const second = await tasks.deleteHistory(question)
      expect([first.length, second.length]).toEqual([5, 2])
      expect([...first, ...second].sort()).toEqual(old.map(({ taskId }) => taskId).sort())
      expect(await tasks.deleteHistory(question)).toEqual([])
      expect((await views.metrics(anyTask)).total).toBe(kept.length)
    })
  })

  describe('shows one task among others', () => {
    it('with its retries, the latest runs of its function and their figures', async () => {
      const { tasks, views } = store()
      const at = (minute: number) => Date.UTC(2026, 0, 5, 12, minute)
      const origin = buildRecord({ createdAt: at(0), status: 'failed', durationMs: 100 })
      await insertTask(tasks, origin)
      const minted = [1, 2].map((minute) => buildRecord({ createdAt: at(minute), retriedFrom: origin.taskId }))
      for (const record of minted) await insertTask(tasks, record)
      const runs = [3, 4, 5, 6].map((minute) =>
        buildRecord({ createdAt: at(minute), status: 'success', durationMs: 50 }),
      )
      for (const record of runs) await insertTask(tasks, record)
      await insertTask(tasks, buildRecord({ createdAt: at(9), funcName: 'other' }))
      const detail = await views.detail(origin.taskId)
      expect(detail?.retries).toEqual(
        minted.map(({ taskId, createdAt, status }) => ({ taskId, createdAt, status })).reverse(),
      )
      expect(detail?.recentRuns.map(({ taskId }) => taskId)).toEqual(
        [minted[1], ...runs].map((record) => record?.taskId).reverse(),
      )
      expect(detail?.recentRuns[0]).not.toHaveProperty('args')
      expect(detail?.functionStats).toMatchObject({ total: 7, success: 4, failed: 1, pending: 2, isCapped: false })
    })

    it('gives the newest run of each schedule', async () => {
      const { tasks, views } = store()
      const first = buildRecord({ schedule: 'nightly', slotAt: 1, createdAt: 60_000 })
      const second = buildRecord({ schedule: 'nightly', slotAt: 2, createdAt: 120_000, status: 'running' })
      for (const record of [second, first, buildRecord({ schedule: 'other', slotAt: 1 })])
        await insertTask(tasks, record)
      const { taskId, createdAt } = second
      expect(await views.lastRuns(['nightly', 'never'])).toEqual([
        { schedule: 'nightly', taskId, createdAt, status: 'running' },
      ])
      await saveTask(tasks, transition(second, { status: 'success' }))
      expect((await views.lastRuns(['nightly']))[0]?.status).toBe('success')
    })

    it('gives the newest runs of each schedule with how long they took', async () => {
      const { tasks, views } = store()
      const nightly = [1, 2, 3].map((slotAt) =>
        buildRecord({ schedule: 'nightly', slotAt, createdAt: slotAt * 60_000, status: 'success', durationMs: slotAt }),
      )
      const hourly = buildRecord({ schedule: 'hourly', slotAt: 1, createdAt: 60_000 })
      for (const record of [...nightly, hourly, buildRecord()]) await insertTask(tasks, record)
      const runs = await views.runs({ schedules: ['hourly', 'never', 'nightly'], limit: 2 })
      expect(runs).toEqual([
        { schedule: 'hourly', taskId: hourly.taskId, createdAt: 60_000, status: 'pending', durationMs: null },
        { schedule: 'nightly', taskId: nightly[2]?.taskId, createdAt: 180_000, status: 'success', durationMs: 3 },
        { schedule: 'nightly', taskId: nightly[1]?.taskId, createdAt: 120_000, status: 'success', durationMs: 2 },
      ])
      expect(await views.runs({ schedules: [], limit: 2 })).toEqual([])
    })
  })
}
