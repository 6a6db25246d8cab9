import type { TaskSummary } from '@taskloom/protocol'
import { comparePlaces, pageOf, readingSign, type Place } from '../order.ts'
import type { ListAnswer, ListQuestion } from '../store.ts'
import { countWithin, readCube, readNames, type Cell, type Names } from './cube.ts'
import { residualColumns, residualTest, splitFilter, type ExactFilter, type Residual } from './exact-filter.ts'
import { branchesById, groupsFor } from './plan.ts'
import { summaryFromRow, summaryList, type Value } from './rows.ts'
import { candidateIds, maxCounted, maxScanned, maxSorted, rowsOf, scanNewest } from './scan.ts'
import type { StatementCache } from './statement-cache.ts'
import { placeInWalk, sortColumns, walk, type Walk } from './walk.ts'

interface Context {
  readonly cache: StatementCache
  readonly question: ListQuestion
  readonly exact: ExactFilter
  readonly cube: readonly Cell[]
  readonly names: Names
  /** How many tasks the exact part holds. */
  readonly exactCount: number
}

interface Found {
  /** Ids in reading order, one more than the page holds if there is one. */
  readonly ids: readonly string[]
  readonly resumeAt: Place | null
}

type Total = Pick<ListAnswer, 'total' | 'totalIsCapped'>

export function readList(cache: StatementCache, question: ListQuestion): ListAnswer {
  const names = readNames(cache)
  const { exact, residual } = splitFilter(question.filter, names)
  const cube = readCube(cache, exact)
  const context = { cache, question, exact, cube, names, exactCount: countWithin(cube, exact) }
  if (context.exactCount === 0) return answer(context, { ids: [], resumeAt: null }, exactTotal(0))
  if (residual) return listWithResidual(context, residual)
  const isByTime = question.sort === 'created_at' || question.sort === 'task_id'
  const found = !isByTime && context.exactCount <= maxSorted ? sortedWhole(context) : inIndexOrder(context)
  return answer(context, found, exactTotal(context.exactCount))
}

function listWithResidual(context: Context, residual: Residual): ListAnswer {
  const { cache, question, exact, names } = context
  const ids = candidateIds(cache, residual, names)
  if (!ids) return answer(context, scanned(context, residual), countedTotal(context, residual))
  const columns = `${residualColumns(residual)}, ${sortColumns[question.sort]}`
  const rows = rowsOf(cache, ids, exact, residual, columns)
  return answer(context, pickPage(rows, question), exactTotal(rows.length))
}

/** Rows as an index gives them. */
function inIndexOrder(context: Context): Found {
  const { limit } = context.question
  const ids: string[] = []
  for (const row of walk(context.cache, walkOf(context, `id, ${sortColumns[context.question.sort]}`, limit + 1))) {
    if (ids.push(row[0] as string) > limit) break
  }
  return { ids, resumeAt: null }
}

/** Few rows: read all of them by their smallest index and sort. */
function sortedWhole({ cache, question, exact, cube }: Context): Found {
  const columns = `id, ${sortColumns[question.sort]}`
  const groups = [{ by: 'id', branches: branchesById(exact, cube) }] as const
  return pickPage([...walk(cache, { groups, sign: -1, after: null, columns, firstPortion: maxSorted })], question)
}

/** Rows in order, each looked at, up to a bound; reading on continues where it gave up. */
function scanned(context: Context, residual: Residual): Found {
  const { cache, question } = context
  const holds = residualTest(residual)
  const ids: string[] = []
  let count = 0
  let last: Place | null = null
  for (const row of walk(cache, walkOf(context, `${residualColumns(residual)}, ${sortColumns[question.sort]}`, 200))) {
    if (count === maxScanned) return { ids, resumeAt: last }
    count += 1
    last = placeInWalk(row)
    if (holds(row) && ids.push(row[0] as string) > question.limit) break
  }
  return { ids, resumeAt: null }
}

function walkOf({ cache, question, exact, cube }: Context, columns: string, firstPortion: number): Walk {
  const sign = readingSign(question)
  const groups = groupsFor(cache, question.sort, sign, exact, cube)
  return { groups, sign, after: question.cursor, columns, firstPortion }
}

function pickPage(rows: readonly Value[][], question: ListQuestion): Found {
  const { cursor, limit } = question
  const sign = readingSign(question)
  const ids = rows
    .map(placeInWalk)
    .filter((place) => cursor === null || comparePlaces(place, cursor) * sign > 0)
    .sort((a, b) => comparePlaces(a, b) * sign)
    .slice(0, limit + 1)
    .map(({ taskId }) => taskId)
  return { ids, resumeAt: null }
}

function countedTotal({ cache, exact, cube, names }: Context, residual: Residual): Total {
  const [tag] = residual.tags
  const isTagAlone = residual.tags.length === 1 && residual.workerIds.length === 0 && residual.terms.length === 0
  if (tag && isTagAlone && Object.values(exact).every((part) => part === null)) {
    const sql = 'SELECT count(*) FROM (SELECT 1 FROM task_tags WHERE key = ? AND value = ? LIMIT ?)'
    const count = Number(cache.row(sql, tag.key, tag.value, maxCounted + 1)?.[0] ?? 0)
    return { total: Math.min(count, maxCounted), totalIsCapped: count > maxCounted }
  }
  const { rows, isCapped } = scanNewest(cache, exact, residual, { cube, names })
  return { total: rows.length, totalIsCapped: isCapped }
}

function exactTotal(total: number): Total {
  return { total, totalIsCapped: false }
}

function answer({ cache, question }: Context, { ids, resumeAt }: Found, total: Total): ListAnswer {
  const sql = `SELECT ${summaryList} FROM tasks WHERE id = ?`
  const read: TaskSummary[] = []
  for (const id of ids) {
    const row = cache.row(sql, id)
    if (row) read.push(summaryFromRow(row))
  }
  return { ...pageOf(read, question, resumeAt), ...total }
}
