import { placeOf } from '@taskloom/protocol'
import { readingSign } from '../../order.ts'
import type { Residual } from '../../reading/exact-filter.ts'
import type { ListAnswer, ListQuestion } from '../../store.ts'
import type { RedisConnection } from '../connection.ts'
import { candidateIds, narrowest, type Narrowed } from './candidates.ts'
import { lookingFor, pageWith, pickPlaces, type Found, type Total } from './page.ts'
import { groupsFor } from './plan.ts'
import { groupById, scanAlong, tasksAmong, type Scanned } from './scan.ts'
import type { Selection } from './selection.ts'

/** A page of a filter whose tasks must be looked at. */
export async function listWithResidual(
  connection: RedisConnection,
  question: ListQuestion,
  selection: Selection,
  residual: Residual,
): Promise<ListAnswer> {
  const { sort, cursor } = question
  const narrowed = await narrowest(connection, residual)
  const ids = await candidateIds(connection, residual, selection, narrowed)
  if (ids) {
    const all = await tasksAmong(connection, ids, selection, residual)
    const tasks = pickPlaces(all, (task) => placeOf(task, sort), question)
    return pageWith(question, { tasks, resumeAt: null }, { total: all.length, totalIsCapped: false })
  }
  const byId = groupById(selection, narrowed)
  const isById = sort === 'created_at' || sort === 'task_id'
  const known = knownTotal(selection, residual, narrowed)
  if (known === null && isById && cursor === null && readingSign(question) === -1) {
    const scanned = await scanAlong(connection, selection, residual, byId)
    return pageWith(question, firstPage(scanned, question), totalOf(scanned))
  }
  const groups = isById ? [byId] : groupsFor(sort, readingSign(question), selection.exact, selection.cells)
  const found = await lookingFor(connection, question, selection, { groups, residual })
  const total = known ?? totalOf(await scanAlong(connection, selection, residual, byId))
  return pageWith(question, found, total)
}

/** The first page of what was counted anyway. */
function firstPage({ tasks, isCapped, last }: Scanned, { sort, limit }: ListQuestion): Found {
  const resumeAt = isCapped && last !== null ? placeOf(last, sort) : null
  return { tasks: tasks.slice(0, limit + 1), resumeAt }
}

/** A set of just this tag, or of just this kind of failure, knows how many it holds; null where nothing does. */
function knownTotal({ exact }: Selection, residual: Residual, narrowed: Narrowed | null): Total | null {
  const { tags, terms, workerIds, taskIds, errorGroup } = residual
  const parts = tags.length + terms.length + workerIds.length + (taskIds === null ? 0 : 1)
  const isOneSet = parts === 1 && (tags.length === 1 || errorGroup !== null)
  const isAnyElse = Object.values(exact).every((part) => part === null)
  return narrowed !== null && isOneSet && isAnyElse ? { total: narrowed.tasks, totalIsCapped: false } : null
}

function totalOf({ tasks, isCapped }: Scanned): Total {
  return { total: tasks.length, totalIsCapped: isCapped }
}
