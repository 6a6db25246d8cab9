import type { TaskSummary } from '@taskloom/protocol'
import { lineageOf, maxAncestors, maxDescendants, type StoredLineage } from '../../lineage.ts'
import type { RedisConnection } from '../connection.ts'
import { inPipelines } from './counts.ts'
import { textsOf } from './replies.ts'
import { readSummaries } from './tasks.ts'

/** Reads all that a lineage can be made of, a generation at a time, and makes it. */
export async function readLineage(connection: RedisConnection, taskId: string): Promise<StoredLineage | undefined> {
  const tasks = new Map<string, TaskSummary>()
  const retries = new Map<string, readonly string[]>()
  const read = async (ids: readonly string[]): Promise<void> => {
    for (const task of await readSummaries(connection, ids)) tasks.set(task.taskId, task)
  }
  await read([taskId])
  let above = tasks.get(taskId)?.retriedFrom ?? null
  for (let depth = 0; above !== null && !tasks.has(above) && depth <= maxAncestors; depth += 1) {
    await read([above])
    above = tasks.get(above)?.retriedFrom ?? null
  }
  let generation: readonly string[] = tasks.has(taskId) ? [taskId] : []
  for (let count = 0; generation.length > 0 && count <= maxDescendants; count += generation.length) {
    const replies = await inPipelines(
      connection,
      generation.map((id) => ['ZRANGE', connection.keys.retriesOf(id), 0, maxDescendants]),
    )
    for (const [index, id] of generation.entries()) retries.set(id, textsOf(replies[index]))
    generation = [...new Set(replies.flatMap(textsOf))].filter((id) => !retries.has(id)).slice(0, maxDescendants + 1)
    await read(generation)
  }
  return lineageOf(taskId, {
    find: (id) => tasks.get(id),
    retriesOf: (ids, limit) =>
      ids.map((id) => (retries.get(id) ?? []).flatMap((retry) => tasks.get(retry) ?? []).slice(0, limit)),
  })
}
