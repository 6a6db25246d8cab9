import { transition, type ListQuestion, type Store, type TaskRecord } from '@taskloom/engine/store'
import { anyTask, type TaskFilter } from '@taskloom/protocol'
import { describe, expect, it } from 'vitest'
import { buildRecord } from '../build-record.ts'
import { createChance, expectedIds } from './sample.ts'

const limit = 700
const hourMs = 3_600_000
const at = (index: number): number => Date.UTC(2026, 0, 5, 9) + index * 4_000

/** On whole minutes; each holds more tasks than are read whole and sorted. */
const windows: readonly (readonly [name: string, filter: Partial<TaskFilter>])[] = [
  ['the earliest', { until: at(2_310) }],
  ['the middle', { since: at(1_650), until: at(3_945) }],
  ['the latest', { since: at(3_195) }],
  ['the earliest of two functions', { until: at(4_200), funcNames: ['send_mail', 'render'] }],
]

/** Lists of a stretch of time in the order of another time. */
export function describeTimeWindows(store: () => Store): void {
  describe('lists a window by start and by end', () => {
    it('with stragglers, clocks that are behind, running and deleted tasks', { timeout: 120_000 }, async () => {
      const records = await live(store())
      for (const [name, changes] of windows) {
        const filter = { ...anyTask, ...changes }
        for (const sort of ['start_time', 'end_time'] as const) {
          for (const order of ['asc', 'desc'] as const) {
            const expected = expectedIds(records, filter, sort, order)
            expect(expected.length).toBeGreaterThan(2_000)
            const found = await readAll(store(), { filter, sort, order, limit, cursor: null })
            expect({ name, sort, order, ids: found }).toEqual({ name, sort, order, ids: expected })
          }
        }
      }
    })
  })
}

async function readAll({ views }: Store, question: ListQuestion): Promise<readonly string[]> {
  const ids: string[] = []
  for (let { cursor } = question; ;) {
    const { tasks, next } = await views.list({ ...question, cursor })
    ids.push(...tasks.map(({ taskId }) => taskId))
    if (next === null) return ids
    cursor = next
  }
}

/** Writes a history that went through some states, and gives what is left of it. */
async function live({ tasks }: Store): Promise<readonly TaskRecord[]> {
  const records = new Map(history().map((record) => [record.taskId, record]))
  const all = [...records.values()]
  for (let from = 0; from < all.length; from += 1_000) {
    const some = all.slice(from, from + 1_000)
    await tasks.write(some.map((next) => ({ previous: null, next, attempt: null, logs: [] })))
  }
  const change = async (some: readonly TaskRecord[], changes: (record: TaskRecord) => Partial<TaskRecord>) => {
    const transitions = some.map((record) => transition(record, changes(record)))
    await tasks.write(transitions)
    for (const { next } of transitions) records.set(next.taskId, next)
  }
  const running = all.filter(({ status }) => status === 'running')
  const pending = all.filter(({ status, startTime }) => status === 'pending' && startTime === null)
  // One ends earlier and one later than all that were counted with it; another is begun anew and goes on.
  await change(running.slice(0, 10), ({ createdAt }) => ended(createdAt, createdAt - 9 * hourMs))
  await change(running.slice(10, 20), ({ createdAt }) => ended(createdAt, createdAt + 700 * hourMs))
  await change(running.slice(20, 30), ({ createdAt }) => ({ startTime: createdAt + 90 * hourMs }))
  // As many end as begin in one batch.
  await change([...running.slice(30, 40), ...pending.slice(0, 10)], ({ status, createdAt }) =>
    status === 'running' ? ended(createdAt, createdAt) : { status: 'running', startTime: createdAt - 3 * hourMs },
  )
  await change(pending.slice(10, 20), ({ createdAt }) => ({ startTime: createdAt - 5 * hourMs }))
  const successes = all.filter(({ status }) => status === 'success')
  for (const { taskId } of successes.filter((_, index) => index % 200 === 0)) {
    await tasks.delete(taskId)
    records.delete(taskId)
  }
  return [...records.values()]
}

/**
 * Times mostly follow creation. Of some hundred tasks some ended weeks later, some began and ended before they were created
 * because a clock is behind, and some run, wait again, or never began.
 */
function history(): readonly TaskRecord[] {
  const chance = createChance(5)
  return Array.from({ length: 5_500 }, (_, index) => {
    const createdAt = at(index)
    const startTime = createdAt + (index % 409 === 7 ? -2 * hourMs : Math.floor(chance() * 12) * 5_000)
    const endTime = startTime + (index % 521 === 30 ? 500 * hourMs : Math.floor(chance() * 20) * 3_000)
    const begun = { startTime, attempt: 1 }
    const states: Readonly<Record<number, Partial<TaskRecord>>> = {
      11: { ...begun, status: 'running' },
      12: { ...begun, status: 'pending' },
      13: { status: 'pending' },
    }
    return buildRecord({
      createdAt,
      funcName: ['send_mail', 'render', 'import'][index % 3] ?? '',
      queue: index % 5 === 0 ? 'slow' : 'default',
      ...(states[index % 97] ?? { ...begun, status: 'success', endTime, durationMs: endTime - startTime }),
    })
  })
}

function ended(startTime: number, endTime: number): Partial<TaskRecord> {
  return { status: 'success', startTime, endTime, durationMs: Math.max(0, endTime - startTime) }
}
