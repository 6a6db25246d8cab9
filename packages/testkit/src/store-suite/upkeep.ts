import { insertTask, saveTask, transition, type Store, type StrayKind, type TaskRecord } from '@taskloom/engine/store'
import { anyTask } from '@taskloom/protocol'
import { describe, expect, it } from 'vitest'
import { buildRecord } from '../build-record.ts'
import { inBatches, randomHistory } from './sample.ts'

const kinds: readonly StrayKind[] = ['locks', 'attempts', 'logs', 'tags']
const now = Date.UTC(2026, 0, 5, 12)
/** More slices than any history of these tests has. */
const maxSlices = 10_000

/** Looking after what is stored: it finds nothing wrong where nothing is, comes to an end, and changes nothing then. */
export function describeUpkeep(store: () => Store): void {
  const strays = async (kind: StrayKind, remove: boolean): Promise<number> => {
    let found = 0
    let after: string | null = null
    for (let slice = 0; slice < maxSlices; slice += 1) {
      const answer = await store().upkeep.strays({ kind, after, remove })
      found += answer.found
      if (answer.next === null) return found
      after = answer.next
    }
    throw new Error(`There is no end of ${kind}`)
  }
  const recount = async (mend: boolean) => {
    const sum = { checked: 0, differing: 0, examples: 0 }
    let after: string | null = null
    for (let slice = 0; slice < maxSlices; slice += 1) {
      const answer = await store().upkeep.recount({ after, mend })
      sum.checked += answer.checked
      sum.differing += answer.differing
      sum.examples += answer.examples.length
      if (answer.next === null) return sum
      after = answer.next
    }
    throw new Error('There is no end of counts')
  }
  const facts = async () => ({
    metrics: await store().views.metrics(anyTask),
    types: await store().views.types(anyTask),
    queues: await store().views.queues(),
    locks: await store().locks.list(100),
  })

  describe('is looked after', () => {
    it('has no strays and no wrong counts while it is empty', async () => {
      for (const kind of kinds) expect(await strays(kind, true), kind).toBe(0)
      expect(await recount(true)).toMatchObject({ differing: 0, examples: 0 })
    })

    it('has no strays after whole lives, ended and deleted tasks among them', async () => {
      const lives = Array.from({ length: 30 }, (_, index) => wholeLife(index))
      for (const record of lives) await live(store(), record)
      for (const record of lives.slice(0, 10)) await store().tasks.delete(record.taskId)
      const waiting = buildRecord({ createdAt: now, tags: { env: 'prod' }, locks: ['Shelf:1'] })
      await insertTask(store().tasks, waiting)
      for (const remove of [false, true]) {
        for (const kind of kinds) expect(await strays(kind, remove), kind).toBe(0)
      }
      const last = lives.at(-1)!
      const { attempts } = (await store().views.detail(last.taskId))!
      expect(attempts).toHaveLength(1)
      expect(await logsOf(store(), last.taskId)).toEqual(['begun', 'done'])
      expect((await store().tasks.get(last.taskId))?.tags).toEqual({ env: 'prod' })
      expect((await store().locks.list(10)).map(({ key }) => key)).toEqual(['Shelf:1'])
    })

    it('keeps counts that are right after changes and deletions, and leaves figures as they are', async () => {
      const records = randomHistory(120, 11)
      await inBatches(records, (record) => insertTask(store().tasks, record))
      const running = records.filter(({ status }) => status === 'running')
      await inBatches(running, (record) =>
        saveTask(store().tasks, transition(record, { status: 'failed', endTime: record.createdAt + 9, durationMs: 9 })),
      )
      const ended = records.filter(({ status }) => status === 'success').slice(0, 10)
      await inBatches(ended, ({ taskId }) => store().tasks.delete(taskId))
      const before = await facts()
      expect(await recount(false)).toMatchObject({ differing: 0, examples: 0 })
      expect(await recount(true)).toMatchObject({ differing: 0, examples: 0 })
      expect(await facts()).toEqual(before)
    })
  })
}

function wholeLife(index: number): TaskRecord {
  return buildRecord({ createdAt: now + index, tags: { env: 'prod' }, locks: [`Book:${index}`] })
}

async function live({ tasks }: Store, record: TaskRecord): Promise<void> {
  await insertTask(tasks, record)
  const at = record.createdAt + 5
  const line = { at, level: 'info', attempt: 1, extra: null }
  const attempt = {
    attempt: 1,
    startedAt: at,
    endedAt: null,
    outcome: null,
    error: null,
    stacktrace: null,
    workerId: 'w',
  }
  const begun = transition(record, { status: 'running', attempt: 1, workerId: 'w', startTime: at }, { attempt })
  await saveTask(tasks, begun)
  await tasks.appendLogs(record.taskId, [{ ...line, message: 'begun' }])
  const end = { status: 'success', endTime: at + 5, durationMs: 5, hasLogs: true } as const
  const logs = [{ ...line, message: 'done' }]
  const ended = { ...attempt, endedAt: at + 5, outcome: 'success' }
  await saveTask(tasks, transition(begun.next, end, { attempt: ended, logs }))
}

async function logsOf({ views }: Store, taskId: string): Promise<readonly string[]> {
  const { logs } = await views.logs({ taskId, after: 0, minLevel: null, text: null, limit: 10 })
  return logs.map(({ message }) => message)
}
