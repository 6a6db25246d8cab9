import {
  insertTask,
  transition,
  type NewTaskWrite,
  type Store,
  type TaskRecord,
  type Write,
} from '@taskloom/engine/store'
import { anyTask, type Attempt } from '@taskloom/protocol'
import { describe, expect, it } from 'vitest'
import { buildRecord } from '../build-record.ts'

const now = Date.UTC(2026, 0, 5, 12)

/** Many writes at once. */
export function describeBatches(store: () => Store): void {
  describeEach(store)
  describeWhole(store)
}

/** Each has its own answer and its own fate. */
function describeEach(store: () => Store): void {
  const written = (batch: readonly Write[]) => store().tasks.write(batch)
  const stored = async (record: TaskRecord) => (await store().tasks.get(record.taskId)) ?? null

  describe('writes batches', () => {
    it('answers each write at its place with the very record that it stored', async () => {
      expect(await written([])).toEqual([])
      const records = Array.from({ length: 60 }, () => running())
      const answers = await written(records.map(creation))
      answers.forEach((answer, index) => expect(answer).toBe(records[index]))
      const ends = records.map((record) => success(record))
      const settled = await written(ends)
      settled.forEach((answer, index) => expect(answer).toBe(ends[index]?.next))
      for (const { next } of ends) expect(await stored(next)).toEqual(next)
      expect(await store().views.metrics(anyTask)).toMatchObject({
        total: 60,
        running: 0,
        success: 60,
        avgDurationMs: 7,
      })
    })

    it('keeps the attempts of tasks that ended in one batch', async () => {
      const records = Array.from({ length: 30 }, () => running())
      await written(records.map(creation))
      await written(records.map((record) => success(record)))
      for (const { taskId } of records.slice(0, 3)) {
        const detail = await store().views.detail(taskId)
        expect(detail?.attempts).toEqual([{ ...attemptOf('w'), endedAt: now + 7, outcome: 'success' }])
      }
    })

    it('refuses only the guilty', async () => {
      const records = Array.from({ length: 60 }, () => running())
      const [twice] = records
      if (!twice) throw new Error('there are records')
      const batch = [...records.slice(0, 30), { ...twice, queue: 'other' }, ...records.slice(30)].map(creation)
      const answers = await written(batch)
      expect(answers[30]).toMatchObject({ code: 'store_failed' })
      const others = answers.filter((_, index) => index !== 30)
      others.forEach((answer, index) => expect(answer).toBe(records[index]))
      expect(await stored(twice)).toEqual(twice)
      expect((await store().views.metrics(anyTask)).total).toBe(60)
    })

    it('leaves out only the row that somebody else changed', async () => {
      const records = Array.from({ length: 40 }, () => running())
      await written(records.map(creation))
      const taken = records[17] as TaskRecord
      const byOther = transition(taken, { workerId: 'other', attempt: 2 })
      await written([byOther])
      const ends = records.map((record) => success(record))
      const answers = await written(ends)
      expect(answers[17]).toBeNull()
      expect(answers.filter((answer) => answer === null)).toHaveLength(1)
      expect(await stored(taken)).toEqual(byOther.next)
      expect(await store().views.metrics(anyTask)).toMatchObject({ running: 1, success: 39 })
    })

    it('starts those that waited, and leaves out only the one that somebody else took', async () => {
      const records = Array.from({ length: 40 }, (_, index) => buildRecord({ createdAt: now - index }))
      await written(records.map(creation))
      const lost = records[23] as TaskRecord
      const byOther = started(lost, 'other')
      await written([byOther])
      const starts = records.map((record) => started(record, 'w'))
      const answers = await written(starts)
      expect(answers[23]).toBeNull()
      expect(await stored(lost)).toEqual(byOther.next)
      for (const [index, { next }] of starts.entries()) {
        if (index === 23) continue
        expect(answers[index]).toBe(next)
        expect(await stored(next)).toEqual(next)
      }
      const detail = await store().views.detail(records[0]?.taskId ?? '')
      expect(detail?.attempts).toEqual([attemptOf('w')])
      expect(await store().views.metrics(anyTask)).toMatchObject({ pending: 0, running: 40 })
    })

    it('does what comes later after what comes before', async () => {
      const record = buildRecord({ createdAt: now, idempotencyKey: 'key' })
      const taken = transition(record, { status: 'running', attempt: 1, workerId: 'w' })
      const failed = transition(taken.next, { status: 'failed', endTime: now })
      const again = buildRecord({ createdAt: now, idempotencyKey: 'key' })
      const answers = await written([creation(record), creation(again), taken, failed, creation(again)])
      expect(answers[1]).toMatchObject({ taskId: record.taskId })
      expect([answers[0], answers[2], answers[3], answers[4]]).toEqual([record, taken.next, failed.next, again])
    })

    it('gives two records of one key in one batch the same holder', async () => {
      await insertTask(store().tasks, buildRecord())
      const records = Array.from({ length: 3 }, () => buildRecord({ createdAt: now, schedule: 'nightly', slotAt: 5 }))
      const answers = await written(records.map(creation))
      expect(answers).toEqual([records[0], records[0], records[0]])
      expect((await store().views.metrics(anyTask)).total).toBe(2)
    })
  })
}

/** New tasks that belong together. */
function describeWhole(store: () => Store): void {
  const writeAll = (records: readonly TaskRecord[]) => store().tasks.writeAll(records.map(creation))
  const total = async () => (await store().views.metrics(anyTask)).total

  describe('writes all or none', () => {
    it('answers each at its place, with the holder where a key is taken', async () => {
      expect(await writeAll([])).toEqual([])
      const records = Array.from({ length: 70 }, (_, index) => (index % 3 === 0 ? running() : buildRecord()))
      const keyed = Array.from({ length: 2 }, () => buildRecord({ createdAt: now, idempotencyKey: 'key' }))
      const answers = await writeAll([...records, ...keyed])
      records.forEach((record, index) => expect(answers[index]).toBe(record))
      expect(answers.slice(70)).toEqual([keyed[0], keyed[0]])
      expect(await store().tasks.get(records[69]!.taskId)).toEqual(records[69])
      expect(await total()).toBe(71)
    })

    it('stores nothing when one is refused, and takes it all back', async () => {
      const [known, holder] = [buildRecord(), buildRecord({ locks: ['Book:1'] })]
      await writeAll([known, holder])
      const first = buildRecord({
        idempotencyKey: 'key',
        locks: ['Book:2'],
        schedule: 'nightly',
        slotAt: 5,
        tags: { a: 'b' },
      })
      const others = Array.from({ length: 30 }, () => running())
      const wanting = buildRecord({ locks: ['Book:1'] })
      await expect(writeAll([first, ...others, { ...known, queue: 'other' }])).rejects.toMatchObject({
        code: 'store_failed',
      })
      await expect(writeAll([first, ...others, wanting])).rejects.toMatchObject({ code: 'conflict_lock' })
      expect(await total()).toBe(2)
      expect(await store().locks.list(10)).toMatchObject([{ key: 'Book:1' }])
      expect(await store().tasks.get(first.taskId)).toBeUndefined()
      expect(await store().tasks.orphans([], 100)).toEqual([])
      expect(await writeAll([first, ...others])).toEqual([first, ...others])
      expect(await total()).toBe(33)
    })
  })
}

function running(): TaskRecord {
  return buildRecord({
    createdAt: now,
    status: 'running',
    attempt: 1,
    workerId: 'w',
    startTime: now,
    waitMs: 0,
    executor: 'async',
  })
}

function creation(next: TaskRecord): NewTaskWrite {
  const attempt = next.status === 'running' ? attemptOf(next.workerId) : null
  return { previous: null, next, attempt, logs: [] }
}

function started(record: TaskRecord, workerId: string) {
  const waitMs = now - record.createdAt
  return transition(
    record,
    { status: 'running', attempt: 1, workerId, startTime: now, waitMs },
    { attempt: attemptOf(workerId) },
  )
}

function success(record: TaskRecord) {
  const attempt = { ...attemptOf(record.workerId), endedAt: now + 7, outcome: 'success' }
  return transition(record, { status: 'success', endTime: now + 7, durationMs: 7 }, { attempt })
}

function attemptOf(workerId: string | null): Attempt {
  return { attempt: 1, startedAt: now, endedAt: null, outcome: null, error: null, stacktrace: null, workerId }
}
