import { isDeepStrictEqual } from 'node:util'
import { memory, type HeldLock, type TaskRecord, type Write, type Written } from '@taskloom/engine/store'
import { isTerminal } from '@taskloom/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decide,
  needsOf,
  slotName,
  type Doubt,
  type Known,
  type Needs,
  type NewRow,
  type TakenLock,
} from '../../packages/engine/src/stores/unit/index.ts'
import { batches, writeOf } from './random-batches.ts'

/** The memory store, written to write by write. */
class Reference {
  /** Each state of each task that was stored. */
  readonly tasks: TaskRecord[] = []
  readonly #store = memory()
  readonly #newest = new Map<string, TaskRecord>()

  async write(write: Write): Promise<Written> {
    const [written = null] = await this.#store.tasks.write([write])
    const marked = write.previous === null ? write.marks?.next.taskId : undefined
    for (const taskId of [write.next.taskId, ...(marked === undefined ? [] : [marked])]) {
      const stored = await this.#store.tasks.get(taskId)
      if (stored) this.#newest.set(taskId, stored)
      if (stored && written === write.next) this.tasks.push(stored)
    }
    return written
  }

  get(taskId: string): TaskRecord | undefined {
    return this.#newest.get(taskId)
  }

  locks(): Promise<readonly HeldLock[]> {
    return this.#store.locks.list(1_000)
  }
}

/** Keeps rows as a database would, and nothing else: what to do with them is decided by the unit of work. */
class Rows {
  readonly #rows = new Map<string, NewRow>()
  #locks: TakenLock[] = []

  write(batch: readonly Write[], doubt: Doubt = 'none'): readonly Written[] {
    const { answers, changes } = decide(batch, this.#know(needsOf(batch, doubt)), doubt)
    for (const { taskId, set, extras } of changes.updates) {
      const row = this.#rows.get(taskId)
      if (!row) throw new Error(`There is no ${taskId} to change`)
      this.#rows.set(taskId, { record: { ...row.record, ...set }, extras: { ...row.extras, ...extras } })
    }
    for (const row of changes.inserts) {
      if (this.#rows.has(row.record.taskId)) throw new Error('A row is added twice')
      this.#rows.set(row.record.taskId, row)
    }
    this.#locks = this.#locks.filter(({ taskId }) => !changes.releasedLocks.includes(taskId)).concat(changes.takenLocks)
    const held = [...this.#rows.values()].flatMap(({ extras }) => extras.heldKey ?? [])
    expect(new Set(held).size).toBe(held.length)
    return answers
  }

  get(taskId: string): TaskRecord | undefined {
    return this.#rows.get(taskId)?.record
  }

  locks(): readonly HeldLock[] {
    const live = this.#locks.flatMap(({ key, taskId, owner, since }): HeldLock[] => {
      const record = this.get(taskId)
      if (!record || isTerminal(record.status)) return []
      return [{ key, taskId, owner, since, funcName: record.funcName, status: record.status, user: record.userLabel }]
    })
    return live.sort((a, b) => compare(a.key, b.key) || a.since - b.since || compare(a.taskId, b.taskId))
  }

  #know({ taskIds, keys, slots, lockKeys, joins }: Needs): Known {
    const rows = [...this.#rows.values()]
    const seen = taskIds.flatMap((taskId) => this.#rows.get(taskId) ?? [])
    const wanted = new Set(slots.map(({ schedule, slotAt }) => slotName(schedule, slotAt)))
    const slotted = rows.flatMap(({ record }) => {
      const { schedule, slotAt } = record
      const name = schedule === null || slotAt === null ? '' : slotName(schedule, slotAt)
      return wanted.has(name) ? [[name, record] as const] : []
    })
    return {
      tasks: new Map(seen.map(({ record, extras }) => [record.taskId, { ...record, ...extras }])),
      keyHolders: new Map(
        rows.flatMap(({ record, extras: { heldKey } }) =>
          heldKey !== null && keys.includes(heldKey) ? [[heldKey, record] as const] : [],
        ),
      ),
      slotHolders: new Map(slotted),
      locks: this.locks().filter(({ key }) => lockKeys.includes(key)),
      owners: new Map(
        this.locks().flatMap(({ taskId, owner }) => (joins.includes(taskId) ? [[taskId, owner] as const] : [])),
      ),
      openItems: new Set(),
    }
  }
}

describe('a batch that is decided at once', () => {
  it('comes to what the reference comes to, write by write', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (steps) => {
        const [rows, reference] = [new Rows(), new Reference()]
        for (const some of steps) {
          const batch: Write[] = []
          const expected: unknown[] = []
          for (const step of some) {
            const write = writeOf(step, reference.tasks, (taskId) => reference.get(taskId))
            batch.push(write)
            expected.push(kindOf(await reference.write(write), write))
          }
          expect(rows.write(batch).map((answer, index) => kindOf(answer, batch[index]))).toEqual(expected)
          for (const { taskId } of reference.tasks) expect(rows.get(taskId)).toEqual(reference.get(taskId))
          expect(rows.locks()).toEqual(await reference.locks())
        }
      }),
      { numRuns: 300 },
    )
  })

  it('that was committed without an answer changes nothing when it is decided again, and says the same', () => {
    fc.assert(
      fc.property(batches, (steps) => {
        const rows = new Rows()
        const tasks: TaskRecord[] = []
        for (const some of steps) {
          const batch = onceEach(some.map((step) => writeOf(step, tasks, (taskId) => rows.get(taskId))))
          const answers = rows.write(batch)
          tasks.push(...batch.map(({ next }) => next))
          const before = tasks.map(({ taskId }) => rows.get(taskId))
          const stored = batch.filter((write, index) => answers[index] === write.next)
          expect(rows.write(stored, 'unanswered')).toEqual(stored.map(({ next }) => next))
          expect(tasks.map(({ taskId }) => rows.get(taskId))).toEqual(before)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('that was committed without an answer knows its new tasks again, whatever became of them meanwhile', () => {
    fc.assert(
      fc.property(batches, (steps) => {
        const rows = new Rows()
        const tasks: TaskRecord[] = []
        const created: Write[] = []
        for (const some of steps) {
          const batch = onceEach(some.map((step) => writeOf(step, tasks, (taskId) => rows.get(taskId))))
          const answers = rows.write(batch)
          tasks.push(...batch.map(({ next }) => next))
          created.push(...batch.filter(({ previous, next }, index) => previous === null && answers[index] === next))
        }
        const before = tasks.map(({ taskId }) => rows.get(taskId))
        const answers = rows.write(created, 'unanswered')
        expect(answers.map((answer) => handsOf(answer as TaskRecord))).toEqual(
          created.map(({ next }) => handsOf(rows.get(next.taskId) as TaskRecord)),
        )
        for (const [index, { next }] of created.entries()) {
          const isStillOurs = isDeepStrictEqual(handsOf(next), handsOf(rows.get(next.taskId) as TaskRecord))
          expect(answers[index] === next).toBe(isStillOurs)
        }
        expect(tasks.map(({ taskId }) => rows.get(taskId))).toEqual(before)
      }),
      { numRuns: 200 },
    )
  })
})

/** Which task it is, and who may go on with it. */
function handsOf({ taskId, status, attempt, workerId, queue }: TaskRecord): unknown {
  return { taskId, status, attempt, workerId, queue }
}

/** Of writes that concern the same task the first. */
function onceEach(batch: readonly Write[]): readonly Write[] {
  const seen = new Set<string>()
  return batch.filter((write) => {
    const marked = write.previous === null ? write.marks?.next.taskId : undefined
    const ids = [write.next.taskId, ...(marked === undefined ? [] : [marked])]
    if (ids.some((id) => seen.has(id))) return false
    for (const id of ids) seen.add(id)
    return true
  })
}

function kindOf(answer: Written | undefined, write: Write | undefined): unknown {
  if (answer === write?.next) return 'stored'
  if (answer && 'code' in answer)
    return { code: answer.code, conflicts: 'conflicts' in answer ? answer.conflicts : null }
  return answer?.taskId ?? null
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
