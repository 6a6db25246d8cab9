import type { ListAnswer, ListQuestion } from '../../store.ts'
import { readingSign } from '../../order.ts'
import type { RedisConnection } from '../connection.ts'
import { listWithResidual } from './list-residual.ts'
import { lookingFor, pageWith, type Found } from './page.ts'
import { groupsFor, type PlannedGroup } from './plan.ts'
import { maxRanked, ranked } from './ranked.ts'
import { windowOf } from './scan.ts'
import { select, type Selection } from './selection.ts'
import { readSummaries } from './tasks.ts'
import { walk } from './walk.ts'

/** A page of tasks, and how many there are in all. */
export async function readList(connection: RedisConnection, question: ListQuestion): Promise<ListAnswer> {
  const selection = await select(connection, question.filter)
  const { exact, residual, cells, exactCount } = selection
  const total = { total: exactCount, totalIsCapped: false }
  if (exactCount === 0) return pageWith(question, { tasks: [], resumeAt: null }, total)
  if (residual) return listWithResidual(connection, question, selection, residual)
  const groups = groupsFor(question.sort, readingSign(question), exact, cells)
  if (groups.every(({ test }) => test === null)) {
    return pageWith(question, await along(connection, question, selection, groups), total)
  }
  const found =
    exactCount <= maxRanked
      ? await ranked(connection, question, selection)
      : await lookingFor(connection, question, selection, { groups, residual: null })
  return pageWith(question, found, total)
}

/** Rows as the sets give them: all of them belong to the filter. */
async function along(
  connection: RedisConnection,
  question: ListQuestion,
  { exact }: Selection,
  groups: readonly PlannedGroup[],
): Promise<Found> {
  const wanted = question.limit + 1
  const route = { sign: readingSign(question), after: question.cursor, firstPortion: wanted, ...windowOf(exact) }
  const ids: string[] = []
  for (const group of groups) {
    for await (const places of walk(connection, { group, ...route })) {
      ids.push(...places.map(({ taskId }) => taskId))
      if (ids.length >= wanted) break
    }
    if (ids.length >= wanted) break
  }
  return { tasks: await readSummaries(connection, ids.slice(0, wanted)), resumeAt: null }
}
