import { taskStatuses } from '@taskloom/protocol'
import type { Dialect, Param } from '../sql/database.ts'
import { countWithin, isWithin, type BoundedCell, type Cell } from './cube.ts'
import type { ExactFilter, Residual } from './exact-filter.ts'
import { resting } from '../sql/schema.ts'
import { firstIdAt } from './ids-of-time.ts'
import type { Branch } from './walk.ts'

/** Which tasks, and how they are spread. */
export interface Wanted {
  readonly exact: ExactFilter
  readonly cube: readonly BoundedCell[]
  readonly residual: Residual | null
}

export interface Condition {
  readonly key: keyof ExactFilter
  readonly sql: string
  readonly params: readonly Param[]
}

/**
 * Branches in order of id that hold the tasks of the filter, of a residual with an error group those of that group alone,
 * read along the index that holds the fewest.
 */
export function branchesById(
  dialect: Dialect,
  exact: ExactFilter,
  cube: readonly Cell[],
  residual: Residual | null = null,
): readonly Branch[] {
  if (residual !== null && residual.errorGroup !== null) {
    const ofGroup: Condition = { key: 'statuses', sql: 'error_group = ?', params: [residual.errorGroup] }
    return [branch('tasks_error_group', [ofGroup, ...conditionsOf(dialect, exact)])]
  }
  const { statuses, funcNames, queues } = exact
  const any: ExactFilter = { ...exact, statuses: null, funcNames: null, queues: null, sources: null }
  const isNamed = funcNames !== null || queues !== null
  const byStatus = statuses ? countWithin(cube, { ...any, statuses }) : Infinity
  const byName = isNamed ? countWithin(cube, { ...any, funcNames, queues }) : Infinity
  const least = Math.min(byStatus, byName)
  if (least > countWithin(cube, any)) return [branch('tasks_id', conditionsOf(dialect, exact))]
  return least === byName ? branchesByName(dialect, exact, cube) : branchesByStatus(dialect, exact)
}

function branchesByStatus(dialect: Dialect, exact: ExactFilter): readonly Branch[] {
  const rest = conditionsOf(dialect, exact).filter(({ key }) => key !== 'statuses')
  return [...(exact.statuses ?? [])].map((status) => branch('tasks_status', [isIn(status), ...rest]))
}

/**
 * A status of ours is written out, so that a database knows by its statistics how few tasks have it. One that is handed over
 * beside others is taken for as frequent as the average: a rare one would be looked for along all ids.
 */
function isIn(status: string): Condition {
  const isKnown = taskStatuses.some((known) => known === status)
  return isKnown
    ? { key: 'statuses', sql: `status = '${status}'`, params: [] }
    : { key: 'statuses', sql: 'status = ?', params: [status] }
}

/** One branch for each function in each of its queues. */
function branchesByName(dialect: Dialect, exact: ExactFilter, cube: readonly Cell[]): readonly Branch[] {
  const rest = conditionsOf(dialect, exact).filter(({ key }) => key !== 'funcNames' && key !== 'queues')
  const pairs = new Map<string, readonly [funcName: string, queue: string]>()
  for (const cell of cube) {
    if (isWithin(cell, exact)) pairs.set(JSON.stringify([cell.funcName, cell.queue]), [cell.funcName, cell.queue])
  }
  const over = dialect.leavesOutRunning ? [restingOnly] : []
  const named = [...pairs.values()].map((pair) =>
    branch('tasks_name', [{ key: 'funcNames', sql: 'func_name = ? AND queue = ?', params: pair }, ...over, ...rest]),
  )
  return dialect.leavesOutRunning ? [...named, ...runningBranches(dialect, exact, cube)] : named
}

/** In the words of indexes that leave running tasks out, where there are such. */
export const restingOnly: Condition = { key: 'statuses', sql: resting, params: [] }

/** The few tasks that run, for whoever has left them out. */
export function runningBranches(
  dialect: Dialect,
  exact: ExactFilter,
  cube: readonly Cell[],
  more: readonly Condition[] = [],
): readonly Branch[] {
  const isWanted = exact.statuses === null || exact.statuses.has('running')
  if (!isWanted || countWithin(cube, { ...exact, statuses: new Set(['running']) }) === 0) return []
  const rest = conditionsOf(dialect, { ...exact, statuses: null })
  return [branch('tasks_status', [{ key: 'statuses', sql: "status = 'running'", params: [] }, ...more, ...rest])]
}

/** The exact part of a filter as conditions on rows. Creation time is part of the id. */
export function conditionsOf(dialect: Dialect, exact: ExactFilter): readonly Condition[] {
  const among = (key: 'statuses' | 'funcNames' | 'queues' | 'sources', column: string): Condition[] => {
    const values = exact[key]
    if (values === null) return []
    return [{ key, sql: dialect.among(column), params: [[...values]] }]
  }
  const { since, until } = exact
  return [
    ...(since === null ? [] : [{ key: 'since' as const, sql: 'id >= ?', params: [firstIdAt(since)] }]),
    ...(until === null ? [] : [{ key: 'until' as const, sql: 'id < ?', params: [firstIdAt(until)] }]),
    ...among('statuses', 'status'),
    ...among('funcNames', 'func_name'),
    ...among('queues', 'queue'),
    ...among('sources', 'source'),
  ]
}

export function branch(index: string, conditions: readonly Condition[]): Branch {
  return { index, conditions: conditions.map(({ sql }) => sql), params: conditions.flatMap(({ params }) => params) }
}
