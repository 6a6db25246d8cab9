import type { TaskSummary } from '@taskloom/protocol'
import { comparePlaces, pageOf, readingSign, type Place } from '../order.ts'
import type { Row } from '../sql/database.ts'
import type { ListAnswer, ListQuestion } from '../store.ts'
import { countWithin, type BoundedCell } from './cube.ts'
import { isNarrow, splitFilter, type ExactFilter, type Names, type Residual } from './exact-filter.ts'
import { maxCounted, maxScanned, maxSorted } from './limits.ts'
import { branchesById } from './branches.ts'
import { groupsFor } from './plan.ts'
import type { Reads } from './reads.ts'
import { residualColumns, rowTest } from './residual-rows.ts'
import { readCube, readNames } from './rollups.ts'
import { summaryFromRow, summaryList } from './rows.ts'
import { candidateIds, rowsOf, scanNewest } from './scan.ts'
import { placeInWalk, sortColumns, walk, type Walk } from './walk.ts'

interface Context {
  readonly reads: Reads
  readonly question: ListQuestion
  readonly exact: ExactFilter
  readonly cube: readonly BoundedCell[]
  readonly names: Names
  /** How many tasks the exact part holds. */
  readonly exactCount: number
}

interface Found {
  /** In reading order, one more than the page holds if there is one. */
  readonly tasks: readonly TaskSummary[]
  readonly resumeAt: Place | null
}

type Total = Pick<ListAnswer, 'total' | 'totalIsCapped'>

export async function readList(reads: Reads, question: ListQuestion): Promise<ListAnswer> {
  const names = await readNames(reads, question.filter)
  const { exact, residual } = splitFilter(question.filter, names)
  const cube = await readCube(reads, exact, isByBounds(question, exact))
  const context = { reads, question, exact, cube, names, exactCount: countWithin(cube, exact) }
  if (context.exactCount === 0) return answer(question, { tasks: [], resumeAt: null }, exactTotal(0))
  if (residual) return listWithResidual(context, residual)
  const isShort = !isByTime(question) && context.exactCount <= maxSorted
  const found = isShort ? await sortedWhole(context) : await inIndexOrder(context)
  return answer(question, found, exactTotal(context.exactCount))
}

async function listWithResidual(context: Context, residual: Residual): Promise<ListAnswer> {
  const { reads, question, exact, names } = context
  const ids = await candidateIds(reads, residual, names)
  if (!ids) return listScanned(context, residual)
  const columns = `${residualColumns(residual)}, ${sortColumns[question.sort]}`
  const rows = await rowsOf(reads, ids, exact, residual, columns)
  return answer(question, await pickPage(reads, rows, question), exactTotal(rows.length))
}

/** The page and how many there are in all: by one look where both begin with the newest. */
async function listScanned(context: Context, residual: Residual): Promise<ListAnswer> {
  const { reads, question, exact, cube, names } = context
  const { sort, order, cursor, limit } = question
  if (sort !== 'created_at' || order !== 'desc' || cursor !== null || isTagAlone(context, residual)) {
    return answer(question, await scanned(context, residual), await countedTotal(context, residual))
  }
  const { rows, isCapped, last } = await scanNewest(reads, exact, residual, { cube, names })
  const resumeAt = isCapped && last && rows.length <= limit ? placeInWalk(last) : null
  const tasks = await summariesOf(reads, rows.slice(0, limit + 1).map(idOf))
  return answer(question, { tasks, resumeAt }, { total: rows.length, totalIsCapped: isCapped })
}

/** Rows as an index gives them: where it is one alone, all of them at once; else first their ids, which indexes hold. */
async function inIndexOrder(context: Context): Promise<Found> {
  const { reads, question, exact } = context
  const plan = await walkOf(context, question.limit + 1)
  // An index that is not of creation passes by what lies outside a window: of that it should read no more than it holds.
  const passesBy = !isByTime(question) && (exact.since !== null || exact.until !== null)
  const isAlone = !passesBy && plan.groups.every(({ branches }) => branches.length <= 1)
  const columns = `${isAlone ? summaryList : 'id'}, ${sortColumns[question.sort]}`
  const rows: Row[] = []
  for await (const some of walk(reads, { ...plan, columns })) {
    rows.push(...some)
    if (rows.length > question.limit) break
  }
  const page = rows.slice(0, question.limit + 1)
  return { tasks: isAlone ? page.map(summaryFromRow) : await summariesOf(reads, page.map(idOf)), resumeAt: null }
}

/** Few rows: read all of them by their smallest index and sort. */
async function sortedWhole({ reads, question, exact, cube }: Context): Promise<Found> {
  const columns = `id, ${sortColumns[question.sort]}`
  const groups = [{ by: 'id', branches: branchesById(reads.dialect, exact, cube) }] as const
  const rows: Row[] = []
  for await (const some of walk(reads, { groups, sign: -1, after: null, columns, firstPortion: maxSorted })) {
    rows.push(...some)
  }
  return pickPage(reads, rows, question)
}

/** Rows in order, each looked at, up to a bound; reading on continues where it gave up. */
async function scanned(context: Context, residual: Residual): Promise<Found> {
  const { reads, question } = context
  const holds = rowTest(residual)
  const plan = await walkOf(context, 200, residual)
  const columns = `${residualColumns(residual)}, ${sortColumns[question.sort]}`
  const ids: string[] = []
  let count = 0
  let last: Row | null = null
  const found = async (resumeAt: Place | null) => ({ tasks: await summariesOf(reads, ids), resumeAt })
  for await (const rows of walk(reads, { ...plan, columns })) {
    for (const row of rows) {
      if (count === maxScanned) return found(last && placeInWalk(last))
      count += 1
      last = row
      if (holds(row) && ids.push(idOf(row)) > question.limit) return found(null)
    }
  }
  return found(null)
}

async function walkOf(
  { reads, question, exact, cube }: Context,
  firstPortion: number,
  residual: Residual | null = null,
): Promise<Omit<Walk, 'columns'>> {
  const sign = readingSign(question)
  const groups = await groupsFor(reads, question.sort, sign, { exact, cube, residual })
  return { groups, sign, after: question.cursor, firstPortion }
}

async function pickPage(reads: Reads, rows: readonly Row[], question: ListQuestion): Promise<Found> {
  const { cursor, limit } = question
  const sign = readingSign(question)
  const ids = rows
    .map(placeInWalk)
    .filter((place) => cursor === null || comparePlaces(place, cursor) * sign > 0)
    .sort((a, b) => comparePlaces(a, b) * sign)
    .slice(0, limit + 1)
    .map(({ taskId }) => taskId)
  return { tasks: await summariesOf(reads, ids), resumeAt: null }
}

async function countedTotal({ reads, exact, cube, names }: Context, residual: Residual): Promise<Total> {
  const [tag] = residual.tags
  if (tag && isTagAlone({ exact }, residual)) {
    const [row] = await reads.session.rows(
      'SELECT count(*) FROM (SELECT task_id FROM @task_tags WHERE tag_key = ? AND tag_value = ? LIMIT ?) tagged',
      [tag.key, tag.value, maxCounted + 1],
    )
    const count = Number(row?.[0] ?? 0)
    return { total: Math.min(count, maxCounted), totalIsCapped: count > maxCounted }
  }
  const { rows, isCapped } = await scanNewest(reads, exact, residual, { cube, names })
  return { total: rows.length, totalIsCapped: isCapped }
}

/** Whether one tag is all that is asked for: an index counts that. */
function isTagAlone({ exact }: Pick<Context, 'exact'>, { tags, workerIds, terms, taskIds }: Residual): boolean {
  const hasOthers = workerIds.length > 0 || terms.length > 0 || taskIds !== null
  return tags.length === 1 && !hasOthers && Object.values(exact).every((part) => part === null)
}

/** In the order of the ids. */
async function summariesOf({ session, dialect }: Reads, ids: readonly string[]): Promise<readonly TaskSummary[]> {
  if (ids.length === 0) return []
  const from = `FROM @tasks ${dialect.along('tasks_id')}`
  const rows = await session.rows(`SELECT ${summaryList} ${from} WHERE ${dialect.among('id')}`, [ids])
  const byId = new Map(rows.map((row) => [idOf(row), row]))
  return ids.flatMap((id) => {
    const row = byId.get(id)
    return row ? [summaryFromRow(row)] : []
  })
}

function isByTime({ sort }: ListQuestion): boolean {
  return sort === 'created_at' || sort === 'task_id'
}

/** Whether the list may begin where its tasks began or ended. */
function isByBounds({ sort }: ListQuestion, exact: ExactFilter): boolean {
  return (sort === 'start_time' || sort === 'end_time') && isNarrow(exact)
}

function idOf(row: Row): string {
  return row[0] as string
}

function exactTotal(total: number): Total {
  return { total, totalIsCapped: false }
}

function answer(question: ListQuestion, { tasks, resumeAt }: Found, total: Total): ListAnswer {
  return { ...pageOf(tasks, question, resumeAt), ...total }
}
