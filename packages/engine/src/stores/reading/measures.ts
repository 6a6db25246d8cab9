import { isTerminal, taskStatuses } from '@taskloom/protocol'
import type { TimeBounds } from '../time-bounds.ts'
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
import { boundsWithin, countWithin, isWithin } from './cube.ts'
import { isNarrow } from './exact-filter.ts'
import { maxSorted } from './limits.ts'
import { countPassedBy } from './passed-by.ts'
import type { Reads } from './reads.ts'
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
  const missing = `${column} IS NULL`
  const known = `${column} IS NOT NULL`
  const { hasPartialIndexes } = dialect
  if (sort === 'duration') {
    const along = (condition: string) => alongKinds(dialect, condition, wanted)
    return groupsOf(column, hasPartialIndexes ? unindexed(dialect, missing, wanted) : along(missing), along(known))
  }
  const bounds = isNarrow(wanted.exact) ? boundsWithin(wanted.cube, wanted.exact) : null
  const without = hasPartialIndexes ? unindexed(dialect, missing, wanted) : alongTimes(dialect, sort, missing, wanted)
  if (await isFarOff(reads, sign, wanted)) return groupsOf(column, without, byId(dialect, wanted, known), true)
  return groupsOf(column, without, alongTimes(dialect, sort, known, wanted, bounds))
}

function groupsOf(
  column: string,
  missing: readonly Branch[],
  known: readonly Branch[],
  isSorted = false,
): readonly Group[] {
  return [
    { by: { value: null }, branches: missing },
    { by: isSorted ? { column, isSorted } : { column }, branches: known },
  ]
}

/**
 * Whether more tasks of outside the window than there are within are passed by before the first is met along the index of a
 * time, even from the bounds of those within on. Then all that are within are looked at and sorted.
 */
async function isFarOff(reads: Reads, sign: 1 | -1, { exact, cube }: Wanted): Promise<boolean> {
  if ((sign === 1 ? exact.since : exact.until) === null) return false
  const passedBy = await countPassedBy(reads, sign, exact, boundsWithin(cube, exact))
  return passedBy > Math.max(maxSorted, countWithin(cube, exact))
}

function byId(dialect: Dialect, { exact, cube }: Wanted, condition: string): readonly Branch[] {
  return branchesById(dialect, exact, cube).map((plain) => ({ ...plain, conditions: [...plain.conditions, condition] }))
}

function alongTimes(
  dialect: Dialect,
  sort: 'start_time' | 'end_time',
  condition: string,
  { exact, cube }: Wanted,
  bounds: Readonly<TimeBounds> | null = null,
): readonly Branch[] {
  const known: Condition = { key: 'since', sql: condition, params: [] }
  const isLeftOut = sort === 'start_time' && dialect.leavesOutRunning
  const running = isLeftOut || bounds !== null ? runningBranches(dialect, exact, cube, [known]) : []
  // An index holds what else is asked for: a status only where it has to be looked at.
  const resting = isLeftOut || running.length > 0 ? [restingOnly] : []
  const all = [known, ...within(sortColumns[sort], bounds), ...resting, ...conditionsOf(dialect, exact)]
  return [branch(indexes[sort], all), ...running]
}

/** Bounds are not kept of tasks that run. */
function within(column: string, bounds: Readonly<TimeBounds> | null): readonly Condition[] {
  if (bounds === null) return []
  return [{ key: 'since', sql: `${column} >= ? AND ${column} <= ?`, params: [bounds.earliest, bounds.latest] }]
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
