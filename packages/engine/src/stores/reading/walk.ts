import type { SortField } from '@taskloom/protocol'
import { compareValues, type Place, type SortValue } from '../order.ts'
import type { Param, Row, Value } from '../sql/database.ts'
import { rowsOfAll, rowsOfEach, type Query, type Reads } from './reads.ts'

/** Rows that one index gives in order. */
export interface Branch {
  readonly index: string
  readonly conditions: readonly string[]
  readonly params: readonly Param[]
}

/** Branches whose rows belong together. Groups follow each other; branches of one group are merged. */
export interface Group {
  /** The sort value that all rows of the group share, or the column that orders them: the indexes do not when they are sorted. */
  readonly by: { readonly value: SortValue } | { readonly column: string; readonly isSorted?: true } | 'id'
  readonly branches: readonly Branch[]
}

export interface Walk {
  readonly groups: readonly Group[]
  /** 1 for rising order, −1 for falling. */
  readonly sign: 1 | -1
  /** Rows after this place only. */
  readonly after: Place | null
  /** Columns of a row, the id first and the sort value last. */
  readonly columns: string
  readonly firstPortion: number
}

const longestPortion = 2_000
/** So many branches are each read as far as if they were alone: most likely one statement does. */
const fewBranches = 4

/** Reads rows in order, portion by portion, so that nothing is held open and little more is read than is wanted. */
export async function* walk(reads: Reads, plan: Walk): AsyncGenerator<readonly Row[], void> {
  for (const group of plan.groups) {
    const start = startOf(group, plan)
    if (start !== 'past') yield* walkGroup(reads, plan, group, start)
  }
}

/** The place of a row that a walk has given: the last column is the sort value, unless the group knows better. */
export function placeInWalk(row: Row): Place {
  return { taskId: row[0] as string, value: row.at(-1) ?? null }
}

export const sortColumns = {
  created_at: 'created_at',
  func_name: 'func_name',
  status: 'status',
  duration: 'duration_ms',
  retries_used: 'retries_used',
  start_time: 'start_time',
  end_time: 'end_time',
  priority: 'coalesce(priority, 0)',
  task_id: 'id',
} as const satisfies Record<SortField, string>

/** Where a group starts to be read: from its beginning, after a place, or not at all. */
function startOf({ by }: Group, { after, sign }: Walk): Place | null | 'past' {
  if (after === null || by === 'id') return after
  if ('column' in by) return after.value === null ? (sign === 1 ? null : 'past') : after
  const order = compareValues(by.value, after.value) * sign
  if (order === 0) return after
  return order > 0 ? null : 'past'
}

/** How far a branch is read. */
interface Run {
  readonly branch: Branch
  /** Rows that were read; those before `next` are given away. */
  rows: readonly Row[]
  next: number
  after: Place | null
  isAtEnd: boolean
}

type Compare = (a: Row, b: Row) => number

async function* walkGroup(
  reads: Reads,
  plan: Walk,
  group: Group,
  start: Place | null,
): AsyncGenerator<readonly Row[], void> {
  const runs = group.branches.map((branch): Run => ({ branch, rows: [], next: 0, after: start, isAtEnd: false }))
  const compare: Compare = (a, b) => compareRows(a, b, group) * plan.sign
  for (let portion = firstOf(plan, runs.length); ; portion = nextOf(plan, portion)) {
    const empty = runs.filter(({ rows, next, isAtEnd }) => next === rows.length && !isAtEnd)
    if (empty.length > 0) await fill(reads, plan, group, empty, portion, compare)
    const merged = takeMerged(runs, compare)
    if (merged.length === 0) return
    yield merged
  }
}

/** Of many branches each gives only some of the rows that are wanted: those that turn out to give more are read on. */
function firstOf({ firstPortion }: Walk, branches: number): number {
  return branches <= fewBranches ? firstPortion : Math.max(2, Math.ceil((2 * firstPortion) / branches))
}

function nextOf({ firstPortion }: Walk, portion: number): number {
  return Math.min(longestPortion, Math.max(firstPortion, portion * 4))
}

/** Reads the next rows of all these branches with one statement. */
async function fill(
  reads: Reads,
  plan: Walk,
  group: Group,
  runs: readonly Run[],
  portion: number,
  compare: Compare,
): Promise<void> {
  const [only] = runs
  if (only && runs.length === 1) {
    take(only, await rowsOfAll(reads, [portionQuery(reads, plan, group, only, plan.columns, portion)]), portion)
    return
  }
  const found = await rowsOfEach(reads, runs.length, (place, more) =>
    portionQuery(reads, plan, group, runs[place] as Run, plan.columns + more, portion),
  )
  // No database promises the order of rows that come from several queries.
  for (const [index, run] of runs.entries()) take(run, [...(found[index] ?? [])].sort(compare), portion)
}

function take(run: Run, rows: readonly Row[], portion: number): void {
  const last = rows.at(-1)
  run.rows = rows
  run.next = 0
  run.isAtEnd = rows.length < portion
  if (last) run.after = placeInWalk(last)
}

function portionQuery(
  { dialect }: Reads,
  { sign }: Walk,
  { by }: Group,
  { branch, after }: Run,
  columns: string,
  portion: number,
): Query {
  const { index, conditions, params } = branch
  const keys = typeof by === 'object' && 'column' in by ? [by.column, 'id'] : ['id']
  const direction = sign === 1 ? 'ASC' : 'DESC'
  const isSorted = typeof by === 'object' && 'column' in by && by.isSorted === true
  // A sum is in no index: a database that chooses for itself does not walk one either.
  const order = keys.map((key) => `${isSorted && key !== 'id' ? `${key} + 0` : key} ${direction}`).join(', ')
  const bound = after === null ? null : dialect.beyond(keys, sign === 1 ? '>' : '<')
  const place: readonly Value[] = after === null ? [] : [after.value, after.taskId].slice(-keys.length)
  const all = bound === null ? conditions : [...conditions, bound.sql]
  const where = all.length === 0 ? '' : ` WHERE ${all.join(' AND ')}`
  return {
    sql: `SELECT ${columns} FROM @tasks ${dialect.along(index)}${where} ORDER BY ${order} LIMIT ?`,
    params: [...params, ...(bound?.places ?? []).map((at) => place[at] ?? null), portion],
  }
}

/** The rows that are sure to come next: up to the end of a portion after which its branch has more. */
function takeMerged(runs: readonly Run[], compare: Compare): readonly Row[] {
  const [only] = runs
  if (only && runs.length === 1) {
    const rest = only.rows.slice(only.next)
    only.next = only.rows.length
    return rest
  }
  const merged: Row[] = []
  for (;;) {
    const first = leastOf(runs, compare)
    const row = first?.rows[first.next]
    if (!first || !row) return merged
    merged.push(row)
    first.next += 1
    if (first.next === first.rows.length && !first.isAtEnd) return merged
  }
}

function leastOf(runs: readonly Run[], compare: Compare): Run | null {
  let least: Run | null = null
  let leastRow: Row | undefined
  for (const run of runs) {
    const row = run.rows[run.next]
    if (!row || (leastRow && compare(row, leastRow) >= 0)) continue
    least = run
    leastRow = row
  }
  return least
}

function compareRows(a: Row, b: Row, { by }: Group): number {
  const byValue = typeof by === 'object' && 'column' in by ? compareValues(a.at(-1) ?? null, b.at(-1) ?? null) : 0
  return byValue || compareValues(a[0] ?? null, b[0] ?? null)
}
