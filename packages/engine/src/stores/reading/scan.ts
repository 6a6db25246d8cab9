import type { Row } from '../sql/database.ts'
import type { Cell } from './cube.ts'
import { isIdPart, type ExactFilter, type Names, type Residual } from './exact-filter.ts'
import { idsAround } from './id-search.ts'
import { maxCounted, maxScanned, maxSorted } from './limits.ts'
import { branchesById, conditionsOf } from './branches.ts'
import type { Reads } from './reads.ts'
import { residualColumns, rowTest } from './residual-rows.ts'
import { walk } from './walk.ts'

const shortestIdPart = 8

export interface Scanned {
  readonly rows: readonly Row[]
  /** Whether looking was given up before the end. */
  readonly isCapped: boolean
  /** The row that was looked at last; null where that says nothing. */
  readonly last: Row | null
}

/** The newest tasks of a filter with a residual; each row has the residual's columns, then `columns`, then created_at. */
export async function scanNewest(
  reads: Reads,
  exact: ExactFilter,
  residual: Residual,
  context: { readonly cube: readonly Cell[]; readonly names: Names },
  columns: readonly string[] = [],
): Promise<Scanned> {
  const list = [residualColumns(residual), ...columns, 'created_at'].join(', ')
  const ids = await candidateIds(reads, residual, context.names)
  if (ids) return { rows: await rowsOf(reads, ids, exact, residual, list), isCapped: false, last: null }
  const holds = rowTest(residual)
  const groups = [{ by: 'id', branches: branchesById(reads.dialect, exact, context.cube, residual) }] as const
  const found: Row[] = []
  let scanned = 0
  let last: Row | null = null
  for await (const rows of walk(reads, { groups, sign: -1, after: null, columns: list, firstPortion: 500 })) {
    for (const row of rows) {
      if (scanned === maxScanned || found.length === maxCounted) return { rows: found, isCapped: true, last }
      scanned += 1
      last = row
      if (holds(row)) found.push(row)
    }
  }
  return { rows: found, isCapped: false, last }
}

/** Ids that hold everything a residual can mean, when an index knows them and they are few; else null. */
export async function candidateIds(reads: Reads, residual: Residual, names: Names): Promise<readonly string[] | null> {
  const { tags, terms, errorGroup, taskIds } = residual
  if (taskIds !== null && taskIds.length <= maxSorted) return taskIds
  if (errorGroup !== null) {
    const ids = await fewIds(reads, 'SELECT id FROM @tasks WHERE error_group = ? LIMIT ?', errorGroup)
    if (ids) return ids
  }
  for (const { key, value } of tags) {
    const sql = 'SELECT task_id FROM @task_tags WHERE tag_key = ? AND tag_value = ? LIMIT ?'
    const ids = await fewIds(reads, sql, key, value)
    if (ids) return ids
  }
  for (const term of terms) {
    if (term.kind !== 'word' || term.negated || !isIdPart(term.text) || term.text.length < shortestIdPart) continue
    const word = term.text.toLowerCase()
    if (names.funcNames.some((name) => name.toLowerCase().includes(word))) continue
    const ids = await idsAround(reads, word)
    if (ids.length > 0 && ids.length <= maxSorted) return ids
  }
  return null
}

/** Rows of known ids that belong to the filter. */
export async function rowsOf(
  { session, dialect }: Reads,
  ids: readonly string[],
  exact: ExactFilter,
  residual: Residual,
  columns: string,
): Promise<readonly Row[]> {
  const conditions = conditionsOf(dialect, exact)
  const where = [dialect.among('id'), ...conditions.map(({ sql }) => sql)].join(' AND ')
  const params = [ids, ...conditions.flatMap((condition) => condition.params)]
  const sql = `SELECT ${columns} FROM @tasks ${dialect.along('tasks_id')} WHERE ${where}`
  return (await session.rows(sql, params)).filter(rowTest(residual))
}

/** Null when there are too many. */
async function fewIds(
  { session }: Reads,
  sql: string,
  ...params: readonly string[]
): Promise<readonly string[] | null> {
  const rows = await session.rows(sql, [...params, maxSorted + 1])
  return rows.length <= maxSorted ? rows.map(([taskId]) => taskId as string) : null
}
