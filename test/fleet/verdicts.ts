import type { Store, TaskRecord } from '@taskloom/engine/store'
import { anyTask, isTerminal } from '@taskloom/protocol'

const atOnce = 100
const lastId = '~'

/** Everything a store has, read past all instances. */
export async function readAll({ views, tasks }: Store): Promise<readonly TaskRecord[]> {
  const records: TaskRecord[] = []
  let after: string | null = null
  do {
    const slice = await views.ids({ filter: anyTask, after, until: lastId, limit: atOnce })
    const found = await Promise.all(slice.taskIds.map((taskId) => tasks.get(taskId)))
    for (const record of found) if (record) records.push(record)
    after = slice.next
  } while (after !== null)
  return records
}

type Facts = readonly (readonly string[])[]

/** Tasks whose enqueueing was answered and that are not there or have not ended. */
export function lost(facts: Facts, records: readonly TaskRecord[]): readonly string[] {
  const ended = new Set(records.filter(({ status }) => isTerminal(status)).map(({ taskId }) => taskId))
  return facts.flatMap(([word, id = '', name]) => (word === 'ack' && !ended.has(id) ? [`${name} ${id}`] : []))
}

/** Functions that were called more often than the record of their task says: an attempt twice, or without its mark. */
export function unmarked(facts: Facts, records: readonly TaskRecord[]): readonly string[] {
  const known = new Map(records.map((record) => [record.taskId, record]))
  const begun = new Set<string>()
  const doubles: string[] = []
  for (const [word, id = '', attempt] of facts) {
    if (word !== 'begin') continue
    const run = `${id}/${attempt}`
    const record = known.get(id)
    if (begun.has(run) || !record || Number(attempt) > record.attempt) doubles.push(`${record?.funcName} ${run}`)
    begun.add(run)
  }
  return doubles
}

/** Tasks whose attempts are not as many as their retries and interruptions ask for. */
export function miscounted(records: readonly TaskRecord[]): readonly string[] {
  return records
    .filter(({ status, attempt, interruptions, retriesUsed }) => {
      const ownEnd = status === 'interrupted' || (status === 'cancelled' && attempt === 0) ? 0 : 1
      return attempt !== interruptions + retriesUsed + ownEnd
    })
    .map(({ taskId, funcName, status, attempt, interruptions, retriesUsed }) =>
      [funcName, taskId, status, attempt, interruptions, retriesUsed].join(' '),
    )
}

/** Tasks that succeeded although their last attempt has not. */
export function unfinished(facts: Facts, records: readonly TaskRecord[]): readonly string[] {
  const ends = new Set(facts.flatMap(([word, id, attempt]) => (word === 'end' ? [`${id}/${attempt}`] : [])))
  return records
    .filter(({ status, taskId, attempt }) => status === 'success' && !ends.has(`${taskId}/${attempt}`))
    .map(({ taskId, funcName }) => `${funcName} ${taskId}`)
}

/** Keys under which more than one task was run to its end. */
export function keysTwice(records: readonly TaskRecord[]): readonly string[] {
  const holders = new Map<string, number>()
  for (const { idempotencyKey, status } of records) {
    if (idempotencyKey !== null && status === 'success') {
      holders.set(idempotencyKey, (holders.get(idempotencyKey) ?? 0) + 1)
    }
  }
  return [...holders].filter(([, count]) => count > 1).map(([key]) => key)
}

/** The slots of a schedule that have a task, rising. */
export function slotsOf(schedule: string, records: readonly TaskRecord[]): readonly number[] {
  return records
    .flatMap((record) => (record.schedule === schedule && record.slotAt !== null ? [record.slotAt] : []))
    .sort((a, b) => a - b)
}
