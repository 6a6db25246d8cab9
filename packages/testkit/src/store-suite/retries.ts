import { insertTask, saveTask, transition, type Store, type TaskRecord, type Transition } from '@taskloom/engine/store'
import { describe, expect, it } from 'vitest'
import { buildRecord } from '../build-record.ts'

const now = Date.UTC(2026, 0, 5, 12)

/** A retry is a new task and a mark on its original, and never one of the two alone. */
export function describeRetries(store: () => Store): void {
  const stored = async ({ taskId }: TaskRecord) => (await store().tasks.get(taskId)) ?? null
  const failed = async (): Promise<TaskRecord> => {
    const record = buildRecord({ status: 'failed', attempt: 1, workerId: 'w', endTime: now, durationMs: 7 })
    await insertTask(store().tasks, record)
    return record
  }
  const write = (next: TaskRecord, marks: Transition) =>
    store().tasks.write([{ previous: null, next, attempt: null, logs: [], marks }])

  describe('stores retries', () => {
    it('with the mark on their original', async () => {
      const original = await failed()
      const marks = markOf(original)
      const again = retryOf(original)
      expect(await write(again, marks)).toEqual([again])
      expect(await stored(again)).toEqual(again)
      expect(await stored(original)).toEqual(marks.next)
      const log = await store().views.logs({ taskId: original.taskId, after: 0, minLevel: null, text: null, limit: 9 })
      expect(log.logs).toMatchObject([{ line: 1, message: 'Retried' }])
      const detail = await store().views.detail(original.taskId)
      expect(detail?.retries).toMatchObject([{ taskId: again.taskId, status: 'pending' }])
    })

    it('once, however many ask at once', async () => {
      const original = await failed()
      const batch = [1, 2, 3].map(() => {
        return { previous: null, next: retryOf(original), attempt: null, logs: [], marks: markOf(original) } as const
      })
      expect(await store().tasks.write(batch)).toEqual([batch[0]?.next, null, null])
      expect(await stored(original)).toMatchObject({ retryCount: 1 })
      const last = await stored(original)
      const again = retryOf(original)
      expect(last && (await write(again, markOf(last)))).toEqual([again])
      expect(await stored(original)).toMatchObject({ retryCount: 2 })
    })

    it('not when the original is gone or is not what it was', async () => {
      const original = await failed()
      const marks = markOf(original)
      await saveTask(store().tasks, transition(original, { status: 'interrupted' }))
      expect(await write(retryOf(original), marks)).toEqual([null])
      await store().tasks.delete(original.taskId)
      expect(await write(retryOf(original), marks)).toEqual([null])
      expect((await store().views.detail(original.taskId))?.retries ?? []).toEqual([])
    })

    it('or neither, when a key or a lock is taken', async () => {
      const original = await failed()
      const holder = buildRecord({ idempotencyKey: 'key', locks: ['a'] })
      await insertTask(store().tasks, holder)
      const keyed = buildRecord({ retriedFrom: original.taskId, idempotencyKey: 'key' })
      expect(await write(keyed, markOf(original))).toEqual([holder])
      const locked = buildRecord({ retriedFrom: original.taskId, locks: ['a'] })
      expect(await write(locked, markOf(original))).toMatchObject([{ code: 'conflict_lock' }])
      expect(await stored(original)).toEqual(original)
    })
  })
}

function retryOf({ taskId }: TaskRecord): TaskRecord {
  return buildRecord({ source: 'retry', retriedFrom: taskId })
}

function markOf(original: TaskRecord): Transition {
  const line = { at: now, level: 'info', message: 'Retried', attempt: 1, extra: null } as const
  return transition(original, { retryCount: original.retryCount + 1, hasLogs: true }, { logs: [line] })
}
