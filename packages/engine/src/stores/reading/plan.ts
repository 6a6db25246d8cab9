import { taskStatuses, type SortField } from '@taskloom/protocol'
import { compareValues } from '../order.ts'
import type { Dialect } from '../sql/database.ts'
import { branch, branchesById, conditionsOf, type Wanted } from './branches.ts'
import { countWithin } from './cube.ts'
import { measureGroups } from './measures.ts'
import type { Reads } from './reads.ts'
import type { Group } from './walk.ts'

/** The groups that give the tasks of a filter in the order asked for. */
export async function groupsFor(
  reads: Reads,
  sort: SortField,
  sign: 1 | -1,
  wanted: Wanted,
): Promise<readonly Group[]> {
  const { exact, cube, residual } = wanted
  switch (sort) {
    case 'duration':
    case 'start_time':
    case 'end_time':
      return inOrder(await measureGroups(reads, sort, sign, wanted), sign)
    case 'func_name':
      return namedGroups(reads.dialect, [...new Set(cube.map(({ funcName }) => funcName))], 'funcNames', sign, wanted)
    case 'status':
      return namedGroups(reads.dialect, taskStatuses, 'statuses', sign, wanted)
    case 'priority':
      return numberGroups(reads, urgencies, sign, wanted)
    case 'retries_used':
      return numberGroups(reads, retries, sign, wanted)
    default:
      return [{ by: 'id', branches: branchesById(reads.dialect, exact, cube, residual) }]
  }
}

function namedGroups(
  dialect: Dialect,
  names: readonly string[],
  key: 'statuses' | 'funcNames',
  sign: 1 | -1,
  { exact, cube }: Wanted,
): readonly Group[] {
  const allowed = exact[key]
  const groups = names
    .filter((name) => allowed === null || allowed.has(name))
    .map((name) => ({ name, only: { ...exact, [key]: new Set([name]) } }))
    .filter(({ only }) => countWithin(cube, only) > 0)
    .sort((a, b) => compareValues(a.name, b.name))
    .map(({ name, only }) => ({ by: { value: name }, branches: branchesById(dialect, only, cube) }))
  return inOrder(groups, sign)
}

/** A column that is 0 in most rows; the others lie in a small index of their own. */
interface Numbers {
  readonly column: string
  readonly index: string
  /** In the words of the index. */
  readonly isOther: string
  /** What the sort value is of a value of the column. */
  readonly sortValue: (value: number) => number
}

const retries: Numbers = {
  column: 'retries_used',
  index: 'tasks_retries_used',
  isOther: 'retries_used > 0',
  sortValue: (value) => value,
}

const urgencies: Numbers = {
  column: 'urgency',
  index: 'tasks_urgency',
  isOther: 'urgency <> 0',
  sortValue: (value) => 0 - value,
}

async function numberGroups(
  reads: Reads,
  { column, index, isOther, sortValue }: Numbers,
  sign: 1 | -1,
  { exact, cube }: Wanted,
): Promise<readonly Group[]> {
  const rest = conditionsOf(reads.dialect, exact)
  const isZero = `${column} = 0`
  const zero = branchesById(reads.dialect, exact, cube)
  const groups = [
    { value: 0, branches: zero.map((plain) => ({ ...plain, conditions: [...plain.conditions, isZero] })) },
    ...(await distinct(reads, { column, index, isOther })).map((value) => ({
      value: sortValue(value),
      branches: [branch(index, [{ key: 'since', sql: `${isOther} AND ${column} = ?`, params: [value] }, ...rest])],
    })),
  ]
  const rising = groups.sort((a, b) => a.value - b.value)
  return inOrder(
    rising.map(({ value, branches }) => ({ by: { value }, branches })),
    sign,
  )
}

/** The few different values of an index, each found by one step along it. */
async function distinct(
  { session, dialect }: Reads,
  { column, index, isOther }: Pick<Numbers, 'column' | 'index' | 'isOther'>,
): Promise<readonly number[]> {
  const from = `FROM @tasks ${dialect.along(index)} WHERE ${isOther}`
  const rows = await session.rows(dialect.distinct(column, from))
  return rows.map(([value]) => Number(value))
}

function inOrder(groups: readonly Group[], sign: 1 | -1): readonly Group[] {
  return sign === 1 ? groups : [...groups].reverse()
}
