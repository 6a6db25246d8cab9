import { taskStatuses, type SortField } from '@taskloom/protocol'
import { compareValues } from '../order.ts'
import { countWithin, isWithin, type Cell } from './cube.ts'
import type { ExactFilter } from './exact-filter.ts'
import type { Value } from './rows.ts'
import type { StatementCache } from './statement-cache.ts'
import { sortColumns, type Branch, type Group } from './walk.ts'

const columnIndexes: Partial<Record<SortField, string>> = {
  duration: 'tasks_duration',
  start_time: 'tasks_start_time',
  end_time: 'tasks_end_time',
}

/** In the words of the index that it must match. */
const isUnmeasured =
  "status <> 'pending' AND status <> 'running' AND (start_time IS NULL OR end_time IS NULL OR duration_ms IS NULL)"

interface Condition {
  readonly key: keyof ExactFilter
  readonly sql: string
  readonly params: readonly Value[]
}

/** Branches in order of id that hold exactly the tasks of the filter, read along the index that holds the fewest. */
export function branchesById(exact: ExactFilter, cube: readonly Cell[]): readonly Branch[] {
  const { statuses, funcNames, queues } = exact
  const any: ExactFilter = { ...exact, statuses: null, funcNames: null, queues: null, sources: null }
  const isNamed = funcNames !== null || queues !== null
  const byStatus = statuses ? countWithin(cube, { ...any, statuses }) : Infinity
  const byName = isNamed ? countWithin(cube, { ...any, funcNames, queues }) : Infinity
  const least = Math.min(byStatus, byName)
  if (least > countWithin(cube, any)) return [branch('tasks_id', conditionsOf(exact))]
  return least === byName ? branchesByName(exact, cube) : branchesByStatus(exact)
}

function branchesByStatus(exact: ExactFilter): readonly Branch[] {
  const rest = conditionsOf(exact).filter(({ key }) => key !== 'statuses')
  return [...(exact.statuses ?? [])].map((status) =>
    branch('tasks_status', [{ key: 'statuses', sql: 'status = ?', params: [status] }, ...rest]),
  )
}

/** One branch for each function in each of its queues. */
function branchesByName(exact: ExactFilter, cube: readonly Cell[]): readonly Branch[] {
  const rest = conditionsOf(exact).filter(({ key }) => key !== 'funcNames' && key !== 'queues')
  const pairs = new Map<string, readonly [funcName: string, queue: string]>()
  for (const cell of cube) {
    if (isWithin(cell, exact)) pairs.set(JSON.stringify([cell.funcName, cell.queue]), [cell.funcName, cell.queue])
  }
  return [...pairs.values()].map((pair) =>
    branch('tasks_name', [{ key: 'funcNames', sql: 'func_name = ? AND queue = ?', params: pair }, ...rest]),
  )
}

/** The groups that give the tasks of a filter in the order asked for. */
export function groupsFor(
  cache: StatementCache,
  sort: SortField,
  sign: 1 | -1,
  exact: ExactFilter,
  cube: readonly Cell[],
): readonly Group[] {
  const index = columnIndexes[sort]
  if (index) return inOrder(columnGroups(sortColumns[sort], index, exact), sign)
  switch (sort) {
    case 'func_name':
      return namedGroups([...new Set(cube.map(({ funcName }) => funcName))], 'funcNames', sign, exact, cube)
    case 'status':
      return namedGroups(taskStatuses, 'statuses', sign, exact, cube)
    case 'priority':
      return numberGroups(cache, 'priority', 'tasks_priority', sign, exact, cube)
    case 'retries_used':
      return numberGroups(cache, 'retries_used', 'tasks_retries_used', sign, exact, cube)
    default:
      return [{ by: 'id', branches: branchesById(exact, cube) }]
  }
}

/** The exact part of a filter as conditions on rows. Creation time is part of the id. */
export function conditionsOf(exact: ExactFilter): readonly Condition[] {
  const among = (key: 'statuses' | 'funcNames' | 'queues' | 'sources', column: string): Condition[] => {
    const values = exact[key]
    if (values === null) return []
    return [{ key, sql: `${column} IN (SELECT value FROM json_each(?))`, params: [JSON.stringify([...values])] }]
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

/** These indexes leave out what has no value yet: live tasks are found by status, the odd rest by an index of its own. */
function columnGroups(column: string, index: string, exact: ExactFilter): readonly Group[] {
  const rest = conditionsOf(exact)
  const when = (from: string, sql: string) => branch(from, [{ key: 'since', sql, params: [] }, ...rest])
  const missing = `${column} IS NULL`
  const without = [
    when('tasks_status', `status = 'pending' AND ${missing}`),
    when('tasks_status', `status = 'running' AND ${missing}`),
    when('tasks_unmeasured', `${missing} AND ${isUnmeasured}`),
  ]
  return [
    { by: { value: null }, branches: without },
    { by: { column }, branches: [when(index, `${column} IS NOT NULL`)] },
  ]
}

function namedGroups(
  names: readonly string[],
  key: 'statuses' | 'funcNames',
  sign: 1 | -1,
  exact: ExactFilter,
  cube: readonly Cell[],
): readonly Group[] {
  const allowed = exact[key]
  const groups = names
    .filter((name) => allowed === null || allowed.has(name))
    .sort(compareValues)
    .map((name) => ({ by: { value: name }, branches: branchesById({ ...exact, [key]: new Set([name]) }, cube) }))
  return inOrder(groups, sign)
}

/** Most tasks have 0; the others lie in a small index of their own. */
function numberGroups(
  cache: StatementCache,
  column: 'priority' | 'retries_used',
  index: string,
  sign: 1 | -1,
  exact: ExactFilter,
  cube: readonly Cell[],
): readonly Group[] {
  const isOther = column === 'priority' ? 'priority <> 0' : 'retries_used > 0'
  const isZero = column === 'priority' ? '(priority IS NULL OR priority = 0)' : 'retries_used = 0'
  const zero = branchesById(exact, cube).map((plain) => ({ ...plain, conditions: [...plain.conditions, isZero] }))
  const groups: Group[] = distinct(cache, column, index, isOther).map((value) => ({
    by: { value },
    branches: [
      branch(index, [{ key: 'since', sql: `${isOther} AND ${column} = ?`, params: [value] }, ...conditionsOf(exact)]),
    ],
  }))
  groups.push({ by: { value: 0 }, branches: zero })
  const valueOf = ({ by }: Group) => (typeof by === 'object' && 'value' in by ? by.value : null)
  return inOrder(
    groups.sort((a, b) => compareValues(valueOf(a), valueOf(b))),
    sign,
  )
}

/** The few different values of an index, each found by one step. */
function distinct(cache: StatementCache, column: string, index: string, condition: string): readonly number[] {
  const values: number[] = []
  const sql = `SELECT min(${column}) FROM tasks INDEXED BY ${index} WHERE ${condition} AND ${column} > ?`
  for (let value: number | null = Number.MIN_SAFE_INTEGER; ;) {
    value = (cache.row(sql, value)?.[0] ?? null) as number | null
    if (value === null) return values
    values.push(value)
  }
}

function inOrder(groups: readonly Group[], sign: 1 | -1): readonly Group[] {
  return sign === 1 ? groups : [...groups].reverse()
}

function branch(index: string, conditions: readonly Condition[]): Branch {
  return { index, conditions: conditions.map(({ sql }) => sql), params: conditions.flatMap(({ params }) => params) }
}

/** The least id that a task created at an instant can have. */
export function firstIdAt(instant: number): string {
  const time = Math.min(Math.max(0, instant), 2 ** 48 - 1)
    .toString(16)
    .padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}`
}
