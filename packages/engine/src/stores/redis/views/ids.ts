import { maxScanned } from '../../reading/limits.ts'
import type { IdsAnswer, IdsQuestion } from '../../store.ts'
import type { RedisConnection } from '../connection.ts'
import { narrowest } from './candidates.ts'
import { groupById, lookAt, windowOf } from './scan.ts'
import { select } from './selection.ts'
import { walk } from './walk.ts'

/** A slice of the ids of a filter, along the sets that hold the fewest tasks. */
export async function readIds(
  connection: RedisConnection,
  { filter, after, until, limit }: IdsQuestion,
): Promise<IdsAnswer> {
  const selection = await select(connection, filter)
  const { exact, residual, exactCount } = selection
  const taskIds: string[] = []
  if (exactCount === 0) return { taskIds, next: null }
  const group = groupById(selection, residual && (await narrowest(connection, residual)))
  const start = after === null ? null : { taskId: after, value: null }
  const route = { sign: 1, after: start, firstPortion: limit } as const
  if (residual === null && group.test === null) {
    for await (const places of walk(connection, { group, ...route, ...windowOf(exact) })) {
      for (const { taskId } of places) {
        if (taskId > until) return { taskIds, next: null }
        if (taskIds.push(taskId) === limit) return { taskIds, next: taskId }
      }
    }
    return { taskIds, next: null }
  }
  let looked = 0
  for await (const portion of lookAt(connection, selection, residual, { groups: [group], ...route })) {
    for (const { summary, isWanted } of portion) {
      const { taskId } = summary
      if (taskId > until) return { taskIds, next: null }
      looked += 1
      if (isWanted) taskIds.push(taskId)
      if (taskIds.length === limit || looked === maxScanned) return { taskIds, next: taskId }
    }
  }
  return { taskIds, next: null }
}
