import { isIdPart, residualColumns, residualTest, type ExactFilter, type Residual } from './exact-filter.ts'
import type { Cell, Names } from './cube.ts'
import { branchesById, conditionsOf } from './plan.ts'
import type { Value } from './rows.ts'
import type { StatementCache } from './statement-cache.ts'
import { walk } from './walk.ts'

/** What a question may cost that roll-ups and indexes cannot answer: rows looked at, and rows counted. */
export const maxScanned = 20_000
export const maxCounted = 10_000
/** Sets up to this size are read whole and sorted. */
export const maxSorted = 2_000
const shortestIdPart = 8
/** Ids lie close together in their index: looking at so many of them costs some tens of milliseconds. */
const maxIdsLookedAt = 250_000

export interface Scanned {
  readonly rows: readonly Value[][]
  readonly isCapped: boolean
}

/** The newest tasks of a filter with a residual; each row has the residual's columns, then `columns`, then created_at. */
export function scanNewest(
  cache: StatementCache,
  exact: ExactFilter,
  residual: Residual,
  context: { readonly cube: readonly Cell[]; readonly names: Names },
  columns: readonly string[] = [],
): Scanned {
  const list = [residualColumns(residual), ...columns, 'created_at'].join(', ')
  const ids = candidateIds(cache, residual, context.names)
  if (ids) return { rows: rowsOf(cache, ids, exact, residual, list), isCapped: false }
  const holds = residualTest(residual)
  const groups = [{ by: 'id', branches: branchesById(exact, context.cube) }] as const
  const found: Value[][] = []
  let scanned = 0
  for (const row of walk(cache, { groups, sign: -1, after: null, columns: list, firstPortion: 500 })) {
    if (scanned === maxScanned || found.length === maxCounted) return { rows: found, isCapped: true }
    scanned += 1
    if (holds(row)) found.push(row)
  }
  return { rows: found, isCapped: false }
}

/** Ids that hold everything a residual can mean, when an index knows them and they are few; else null. */
export function candidateIds(cache: StatementCache, residual: Residual, names: Names): readonly string[] | null {
  const { tags, terms } = residual
  for (const { key, value } of tags) {
    const sql = 'SELECT task_id FROM task_tags WHERE key = ? AND value = ? LIMIT ?'
    const rows = cache.rows(sql, key, value, maxSorted + 1)
    if (rows.length <= maxSorted) return rows.map(([taskId]) => taskId as string)
  }
  for (const term of terms) {
    if (term.kind !== 'word' || term.negated || !isIdPart(term.text) || term.text.length < shortestIdPart) continue
    const word = term.text.toLowerCase()
    if (names.funcNames.some((name) => name.toLowerCase().includes(word))) continue
    const ids = idsAround(cache, word)
    if (ids.length > 0 && ids.length <= maxSorted) return ids
  }
  return null
}

/** Rows of known ids that belong to the filter. */
export function rowsOf(
  cache: StatementCache,
  ids: readonly string[],
  exact: ExactFilter,
  residual: Residual,
  columns: string,
): Value[][] {
  const conditions = conditionsOf(exact)
  const where = ['id IN (SELECT value FROM json_each(?))', ...conditions.map(({ sql }) => sql)].join(' AND ')
  const params = [JSON.stringify(ids), ...conditions.flatMap(({ params }) => params)]
  const sql = `SELECT ${columns} FROM tasks INDEXED BY tasks_id WHERE ${where}`
  return cache.rows(sql, ...params).filter(residualTest(residual))
}

/** Ids that hold a word: among the newest anywhere, among all at the start. Only the narrow index of ids is read. */
function idsAround(cache: StatementCache, word: string): readonly string[] {
  const starting = cache.rows('SELECT id FROM tasks WHERE id >= ? AND id < ? LIMIT ?', word, `${word}g`, maxSorted + 1)
  const holding = cache.rows(
    `SELECT id FROM (SELECT id FROM tasks INDEXED BY tasks_id ORDER BY id DESC LIMIT ?)
     WHERE instr(id, ?) > 0 LIMIT ?`,
    maxIdsLookedAt,
    word,
    maxSorted + 1,
  )
  return [...new Set([...starting, ...holding].map(([taskId]) => taskId as string))]
}
