import {
  insertTask,
  saveTask,
  type MeterQuestion,
  type Store,
  type TaskRecord,
  transition,
} from '@taskloom/engine/store'
import { anyTask, isTerminal } from '@taskloom/protocol'
import { describe, expect, it } from 'vitest'
import { buildRecord } from '../build-record.ts'
import { inBatches, randomHistory } from './sample.ts'

const now = Date.UTC(2026, 0, 6)
const boundsMs = [10, 100, 1_000, 60_000]
const ended = { success: 0, failed: 0, interrupted: 0, cancelled: 0 }

/** Totals that never fall, and how things stand. */
export function describeMeters(store: () => Store): void {
  const fill = (records: readonly TaskRecord[]) => inBatches(records, (record) => insertTask(store().tasks, record))
  const read = (question: Partial<MeterQuestion> = {}) =>
    store().views.meters({ now, boundsMs, named: [], limit: 100, ...question })

  describe('meters', () => {
    it('are nothing where there is nothing', async () => {
      expect(await read()).toMatchObject({ meters: [], others: null, delayed: 0, oldestDueAt: null })
      const named = [{ funcName: 'a', queue: 'b' }]
      const none = { steps: [0, 0, 0, 0, 0], sumMs: 0 }
      const zero = { pending: 0, running: 0, deadLetters: 0, retries: 0, ended, duration: none, wait: none }
      expect((await read({ named })).meters).toEqual([{ funcName: 'a', queue: 'b', ...zero }])
    })

    it('count each function and queue as its tasks are', async () => {
      const records = randomHistory(300, 5)
      await fill(records)
      const { meters, others } = await read()
      expect(others).toBeNull()
      expect(meters.map(({ funcName, queue }) => `${funcName} ${queue}`).sort()).toEqual(
        [...new Set(records.map(({ funcName, queue }) => `${funcName} ${queue}`))].sort(),
      )
      for (const meter of meters) {
        const own = records.filter(({ funcName, queue }) => funcName === meter.funcName && queue === meter.queue)
        const count = (status: string) => own.filter((record) => record.status === status).length
        expect(meter).toMatchObject({
          pending: count('pending'),
          running: count('running'),
          deadLetters: count('failed'),
          ended: {
            success: count('success'),
            failed: count('failed'),
            interrupted: count('interrupted'),
            cancelled: count('cancelled'),
          },
        })
        const durations = own.flatMap(({ durationMs }) => durationMs ?? [])
        expect(meter.duration.steps).toEqual(stepsOf(durations))
        expect(meter.duration.sumMs).toBeCloseTo(sumOf(durations), 6)
        const waits = own.flatMap(({ status, waitMs }) => (isTerminal(status) ? (waitMs ?? []) : []))
        expect(meter.wait.steps).toEqual(stepsOf(waits))
        expect(meter.wait.sumMs).toBeCloseTo(sumOf(waits), 6)
      }
    })

    it('never fall when tasks are deleted, one by one or as history', async () => {
      const { tasks } = store()
      const records = randomHistory(200, 8).map((record) => ({ ...record, endTime: endOf(record) }))
      await fill(records)
      const before = await read()
      for (const { taskId } of records.slice(0, 50)) await tasks.delete(taskId)
      const statuses = ['success', 'failed', 'cancelled'] as const
      const gone = await tasks.deleteHistory({ statuses, endedBefore: now * 2, limit: 60 })
      expect(gone).toHaveLength(60)
      const after = await read()
      expect(after.meters.map(lasting)).toEqual(before.meters.map(lasting))
      for (const [index, { duration, wait }] of after.meters.entries()) {
        expect(duration.sumMs).toBeCloseTo(before.meters[index]?.duration.sumMs ?? -1, 6)
        expect(wait.sumMs).toBeCloseTo(before.meters[index]?.wait.sumMs ?? -1, 6)
      }
      const kept = (await store().views.metrics({ ...anyTask, statuses: ['failed'] })).total
      expect(after.meters.reduce((sum, { deadLetters }) => sum + deadLetters, 0)).toBe(kept)
    })

    it('count retries as they are made, and keep them', async () => {
      const { tasks } = store()
      const record = buildRecord({ status: 'running', attempt: 1, maxRetries: 3 })
      await insertTask(tasks, record)
      const again = transition(record, { status: 'pending', retriesUsed: 1, runAt: now + 1 })
      await saveTask(tasks, again)
      await saveTask(tasks, again)
      expect((await read()).meters[0]).toMatchObject({ pending: 1, retries: 1 })
      const run = transition(again.next, { status: 'running', attempt: 2 })
      await saveTask(tasks, run)
      const second = transition(run.next, { status: 'pending', retriesUsed: 2 })
      await saveTask(tasks, second)
      await saveTask(tasks, transition(second.next, { status: 'cancelled' }))
      expect((await read()).meters[0]).toMatchObject({ pending: 0, retries: 2, ended: { ...ended, cancelled: 1 } })
      await tasks.delete(record.taskId)
      expect((await read()).meters[0]).toMatchObject({ retries: 2, ended: { ...ended, cancelled: 1 } })
    })

    it('tell what is delayed and since when the oldest is due', async () => {
      const created = (seconds: number) => ({ createdAt: now - seconds * 1_000 })
      await fill([
        buildRecord({ ...created(900), runAt: now + 1 }),
        buildRecord({ ...created(900), runAt: now + 60_000 }),
        buildRecord({ ...created(900), status: 'running' }),
      ])
      expect(await read()).toMatchObject({ delayed: 2, oldestDueAt: null })
      expect(await read({ now: now + 5 })).toMatchObject({ delayed: 1, oldestDueAt: now + 1 })
      await fill([buildRecord(created(30)), buildRecord(created(40)), buildRecord({ ...created(50), priority: 9 })])
      expect(await read()).toMatchObject({ delayed: 2, oldestDueAt: now - 50_000 })
      await fill([buildRecord({ ...created(800), runAt: now - 70_000 })])
      expect(await read()).toMatchObject({ delayed: 2, oldestDueAt: now - 70_000 })
    })

    it('answer by name who is named and who is busiest, and sum up the others', async () => {
      const of = (funcName: string, queue: string, count: number) =>
        Array.from({ length: count }, () => buildRecord({ funcName, queue, status: 'failed', durationMs: 50 }))
      await fill([...of('a', 'x', 1), ...of('b', 'x', 3), ...of('b', 'y', 2), ...of('c', 'x', 2)])
      const names = async (question: Partial<MeterQuestion>) => {
        const { meters, others } = await read(question)
        return [...meters.map(({ funcName, queue }) => funcName + queue), others?.ended.failed ?? null]
      }
      expect(await names({ limit: 2 })).toEqual(['bx', 'by', 3])
      expect(await names({ limit: 2, named: [{ funcName: 'a', queue: 'x' }] })).toEqual(['ax', 'bx', 4])
      expect(await names({ limit: 4 })).toEqual(['bx', 'by', 'cx', 'ax', null])
      const { others } = await read({ limit: 1 })
      expect(others).toMatchObject({ deadLetters: 5, duration: { steps: [0, 5, 0, 0, 0] } })
      expect(others?.duration.sumMs).toBeCloseTo(250, 6)
    })

    it('put what is as long as a bound below it', async () => {
      await fill(boundsMs.map((durationMs) => buildRecord({ status: 'success', durationMs })))
      await fill([
        buildRecord({ status: 'success', durationMs: 0 }),
        buildRecord({ status: 'success', durationMs: 1e9 }),
      ])
      expect((await read()).meters[0]?.duration.steps).toEqual([2, 1, 1, 1, 1])
    })
  })
}

function endOf({ status, createdAt }: TaskRecord): number | null {
  return isTerminal(status) ? createdAt + 1 : null
}

/** What must be the same after deleting. */
function lasting({ funcName, queue, pending, running, ended, retries, duration, wait }: NamedMeter) {
  return { funcName, queue, pending, running, ended, retries, duration: duration.steps, wait: wait.steps }
}

type NamedMeter = Awaited<ReturnType<Store['views']['meters']>>['meters'][number]

function stepsOf(values: readonly number[]): number[] {
  const within = (from: number, to: number) => values.filter((value) => value > from && value <= to).length
  return [-1, ...boundsMs].map((from, index) => within(from, boundsMs[index] ?? Infinity))
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
