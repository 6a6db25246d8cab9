import type { TaskSummary } from '@taskloom/protocol'
import { compareValues } from './order.ts'

/** Where a task comes from, and what came of it. */
export interface StoredLineage {
  /** The task, those that it was retried from, and those that were retried from it: the oldest first. */
  readonly tasks: readonly TaskSummary[]
  /** Whether there are more than are kept here. */
  readonly truncated: boolean
}

/** What a store is asked one step at a time. */
export interface LineageReads {
  /** One task; undefined when there is none. */
  readonly find: (taskId: string) => Awaitable<TaskSummary | undefined>
  /** Those retried from each of these, the oldest first, of each so many at most. */
  readonly retriesOf: (taskIds: readonly string[], limit: number) => Awaitable<readonly (readonly TaskSummary[])[]>
}

type Awaitable<T> = T | Promise<T>

/** Tasks that a lineage goes back at most. */
export const maxAncestors = 20
/** Tasks that it has at most after the one it is of. */
export const maxDescendants = 50

/** The lineage of a task; undefined when there is none. A chain ends where a task was deleted. */
export async function lineageOf(taskId: string, { find, retriesOf }: LineageReads): Promise<StoredLineage | undefined> {
  const task = await find(taskId)
  if (!task) return undefined
  const seen = new Map([[taskId, task]])
  let isMore = false
  let above = await parentOf(task, seen, find)
  for (let depth = 0; above; depth += 1) {
    isMore = depth === maxAncestors
    if (isMore) break
    seen.set(above.taskId, above)
    above = await parentOf(above, seen, find)
  }
  let left = maxDescendants
  let parents: readonly string[] = [taskId]
  while (parents.length > 0) {
    const children: string[] = []
    for (const retries of await retriesOf(parents, left + 1)) {
      isMore ||= retries.length > left
      for (const retry of retries.slice(0, left)) {
        if (seen.has(retry.taskId)) continue
        seen.set(retry.taskId, retry)
        children.push(retry.taskId)
        left -= 1
      }
      if (isMore && left === 0) break
    }
    parents = isMore && left === 0 ? [] : children
  }
  const tasks = [...seen.values()].sort(
    (a, b) => compareValues(a.createdAt, b.createdAt) || compareValues(a.taskId, b.taskId),
  )
  return { tasks, truncated: isMore }
}

async function parentOf(
  { retriedFrom }: TaskSummary,
  seen: ReadonlyMap<string, TaskSummary>,
  find: LineageReads['find'],
): Promise<TaskSummary | undefined> {
  return retriedFrom === null || seen.has(retriedFrom) ? undefined : find(retriedFrom)
}
