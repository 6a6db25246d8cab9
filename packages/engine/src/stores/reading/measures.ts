import { isTerminal, taskStatuses } from '@taskloom/protocol'
import type { Dialect } from '../sql/database.ts'
import { unmeasured } from '../sql/schema.ts'
import {
  branch,
  branchesById,
  conditionsOf,
  restingOnly,
  runningBranches,
  type Condition,
  type Wanted,
} from './branches.ts'
import { countWithin, isWithin } from './cube.ts'
import { maxSorted } from './limits.ts'
import type { Reads } from './reads.ts'
import { readCube } from './rollups.ts'
import { sortColumns, type Branch, type Group } from './walk.ts'

type Measure = 'duration' | 'start_time' | 'end_time'

const indexes = {
  start_time: 'tasks_start_time',
  end_time: 'tasks_end_time',
  duration: 'tasks_kind_duration',
} as const satisfies Record<Measure, string>

/** The tasks of a filter in rising order of a measure, first those that have none; `sign` says which end is read first. */
export async function measureGroups(
  reads: Reads,
  sort: Measure,
  sign: 1 | -1,
  wanted: Wanted,
): Promise<readonly Group[]> {
  const { dialect } = reads
  const column = sortColumns[sort]
  const along = (condition: string) =>
    sort === 'duration' ? alongKinds(dialect, condition, wanted) : alongTimes(dialect, sort, condition, wanted)
  const missing = `${column} IS NULL`
  const known = `${column} IS NOT NULL`
  const isSorted = sort !== 'duration' && (await isFarOff(reads, sign, wanted))
  return [
    { by: { value: null }, branches: dialect.hasPartialIndexes ? unindexed(dialect, missing, wanted) : along(missing) },
    isSorted
      ? { by: { column, isSorted }, branches: byId(dialect, wanted, known) }
      : { by: { column }, branches: along(known) },
  ]
}

/**
 * Whether an index of a time begins with more tasks of outside the window than there are within: times follow creation. Then
 * all that are within are looked at and sorted.
 */
async function isFarOff(reads: Reads, sign: 1 | -1, { exact, cube }: Wanted): Promise<boolean> {
  const { since, until } = exact
  if ((sign === 1 ? since : until) === null) return false
  const before = await readCube(reads, sign === 1 ? { since: null, until: since } : { since: until, until: null })
  const count = before.reduce((sum, { tasks }) => sum + tasks, 0)
  return count > Math.max(maxSorted, countWithin(cube, exact))
}

function byId(dialect: Dialect, { exact, cube }: Wanted, condition: string): readonly Branch[] {
  return branchesById(dialect, exact, cube).map((plain) => ({ ...plain, conditions: [...plain.conditions, condition] }))
}

function alongTimes(
  dialect: Dialect,
  sort: 'start_time' | 'end_time',
  condition: string,
  { exact, cube }: Wanted,
): readonly Branch[] {
  const known: Condition = { key: 'since', sql: condition, params: [] }
  const rest = conditionsOf(dialect, exact)
  if (sort === 'end_time') return [branch(indexes[sort], [known, ...rest])]
  const ended = branch(indexes[sort], [known, ...restingOnly(dialect), ...rest])
  return [ended, ...runningBranches(dialect, exact, cube, [known])]
}

/**
 * One branch for each function in each of its states. What a function does takes its own time, and what failed took another
 * than what went well: along an index of all durations the tasks of one kind may come last.
 */
function alongKinds(dialect: Dialect, condition: string, { exact, cube }: Wanted): readonly Branch[] {
  const kinds = new Map<string, readonly [funcName: string, status: string]>()
  for (const cell of cube) {
    if (isWithin(cell, exact)) kinds.set(`${cell.status} ${cell.funcName}`, [cell.funcName, cell.status])
  }
  const rest = conditionsOf(dialect, { ...exact, funcNames: null, statuses: null })
  const sql = `func_name = ? AND status = ? AND ${condition}`
  return [...kinds.values()].map((kind) => branch(indexes.duration, [{ key: 'funcNames', sql, params: kind }, ...rest]))
}

/** What an index of a measure leaves out: live tasks are found by status or name, the odd rest has an index of its own. */
function unindexed(dialect: Dialect, missing: string, wanted: Wanted): readonly Branch[] {
  const { exact, cube } = wanted
  const statuses = taskStatuses.filter((status) => {
    const isAllowed = exact.statuses === null || exact.statuses.has(status)
    return isAllowed && countWithin(cube, { ...exact, statuses: new Set([status]) }) > 0
  })
  const live = statuses
    .filter((status) => !isTerminal(status))
    .flatMap((status) => byId(dialect, { ...wanted, exact: { ...exact, statuses: new Set([status]) } }, missing))
  if (!statuses.some(isTerminal)) return live
  const odd = { key: 'since' as const, sql: `${missing} AND ${unmeasured}`, params: [] }
  return [...live, branch('tasks_unmeasured', [odd, ...conditionsOf(dialect, exact)])]
}
