import type { SortField } from '@taskloom/protocol'
import { compareValues, type Place, type SortValue } from '../order.ts'
import type { Value } from './rows.ts'
import type { StatementCache } from './statement-cache.ts'

/** Rows that one index gives in order. */
export interface Branch {
  readonly index: string
  readonly conditions: readonly string[]
  readonly params: readonly Value[]
}

/** Branches whose rows belong together. Groups follow each other; branches of one group are merged. */
export interface Group {
  /** The sort value that all rows of the group share, or the column that orders them. */
  readonly by: { readonly value: SortValue } | { readonly column: string } | 'id'
  readonly branches: readonly Branch[]
}

export interface Walk {
  readonly groups: readonly Group[]
  /** 1 for rising order, −1 for falling. */
  readonly sign: 1 | -1
  /** Rows after this place only. */
  readonly after: Place | null
  /** Columns of a row, the id first. */
  readonly columns: string
  readonly firstPortion: number
}

const longestPortion = 2_000

/** Reads rows in order, portion by portion, so that nothing is held open and no more is read than is wanted. */
export function* walk(cache: StatementCache, plan: Walk): Generator<Value[], void> {
  for (const group of plan.groups) {
    const after = startOf(group, plan)
    if (after === 'past') continue
    yield* mergeRows(
      group.branches.map((branch) => readBranch(cache, plan, group, branch, after)),
      (a, b) => compareRows(a, b, group) * plan.sign,
    )
  }
}

/** The place of a row that a walk has given: the last column is the sort value, unless the group knows better. */
export function placeInWalk(row: readonly Value[]): Place {
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

function* readBranch(
  cache: StatementCache,
  { sign, columns, firstPortion }: Walk,
  { by }: Group,
  { index, conditions, params }: Branch,
  start: Place | null,
): Generator<Value[], void> {
  const column = typeof by === 'object' && 'column' in by ? by.column : null
  const beyond = sign === 1 ? '>' : '<'
  const direction = sign === 1 ? 'ASC' : 'DESC'
  const keys = column === null ? 'id' : `(${column}, id)`
  const order = column === null ? `id ${direction}` : `${column} ${direction}, id ${direction}`
  const head = `SELECT ${columns} FROM tasks INDEXED BY ${index}`
  let after = start
  let portion = firstPortion
  for (;;) {
    const bound = after === null ? [] : [`${keys} ${beyond} ${column === null ? '?' : '(?, ?)'}`]
    const keyParams = after === null ? [] : column === null ? [after.taskId] : [after.value, after.taskId]
    const all = [...conditions, ...bound]
    const where = all.length === 0 ? '' : ` WHERE ${all.join(' AND ')}`
    const rows = cache.rows(`${head}${where} ORDER BY ${order} LIMIT ?`, ...params, ...keyParams, portion)
    yield* rows
    const last = rows.at(-1)
    if (rows.length < portion || !last) return
    after = placeInWalk(last)
    portion = Math.min(longestPortion, portion * 4)
  }
}

type Compare = (a: readonly Value[], b: readonly Value[]) => number

function* mergeRows(branches: readonly Generator<Value[], void>[], compare: Compare): Generator<Value[], void> {
  const [only] = branches
  if (only && branches.length === 1) {
    yield* only
    return
  }
  const heads = branches.flatMap((rows) => {
    const { value } = rows.next() as IteratorResult<Value[], undefined>
    return value ? [{ row: value, rows }] : []
  })
  while (heads.length > 0) {
    const first = heads.reduce((least, head) => (compare(head.row, least.row) < 0 ? head : least))
    yield first.row
    const { value } = first.rows.next() as IteratorResult<Value[], undefined>
    if (value) first.row = value
    else heads.splice(heads.indexOf(first), 1)
  }
}

function compareRows(a: readonly Value[], b: readonly Value[], { by }: Group): number {
  const byValue = typeof by === 'object' && 'column' in by ? compareValues(a.at(-1) ?? null, b.at(-1) ?? null) : 0
  return byValue || compareValues(a[0] ?? null, b[0] ?? null)
}
