import { isTerminal, taskStatuses, type SortField, type TaskStatus, type TaskSummary } from '@taskloom/protocol'
import { compareValues } from '../../order.ts'
import { isWithin, type Cell } from '../../reading/cube.ts'
import type { ExactFilter } from '../../reading/exact-filter.ts'
import { firstIdAt } from '../../reading/ids-of-time.ts'
import { Keys, type TaskOrder } from '../keys.ts'
import type { Group } from './walk.ts'

/** Names of sets without the prefix. */
export const names = new Keys('')

/** A group with the test of its tasks; null where all of them belong to the exact part of the filter. */
export interface PlannedGroup extends Group {
  readonly test: ((task: TaskSummary) => boolean) | null
}

/** Sets in order of ids that hold the tasks of the exact part of a filter, and no others but for its window. */
export function setsOf(
  { statuses, funcNames, queues, sources }: ExactFilter,
  cells: readonly Cell[],
): readonly string[] {
  if (funcNames !== null || queues !== null || sources !== null) return cells.map((cell) => names.cell(cell))
  if (statuses === null) return [names.ids()]
  return taskStatuses.filter((status) => statuses.has(status)).map((status) => names.status(status))
}

/** The test whether a task belongs to the exact part of a filter. */
export function exactTest(exact: ExactFilter): (task: TaskSummary) => boolean {
  const since = exact.since === null ? null : firstIdAt(exact.since)
  const until = exact.until === null ? null : firstIdAt(exact.until)
  return (task) =>
    (since === null || task.taskId >= since) && (until === null || task.taskId < until) && isWithin(task, exact)
}

/** The groups that give the tasks of a filter in the order asked for; `cells` are those that are within it. */
export function groupsFor(
  sort: SortField,
  sign: 1 | -1,
  exact: ExactFilter,
  cells: readonly Cell[],
): readonly PlannedGroup[] {
  const inOrder = (groups: readonly PlannedGroup[]) => (sign === 1 ? groups : [...groups].reverse())
  switch (sort) {
    case 'func_name':
      return inOrder(namedGroups('funcName', exact, cells))
    case 'status':
      return inOrder(namedGroups('status', exact, cells))
    case 'duration':
      return inOrder(measuredGroups([names.by('duration')], ({ durationMs }) => durationMs === null, exact, cells))
    case 'start_time':
      return inOrder(measuredGroups([names.by('start')], ({ startTime }) => startTime === null, exact, cells))
    case 'end_time':
      return inOrder(endGroups(exact, cells))
    case 'priority':
      return inOrder(numberGroups('priority', ({ priority }) => (priority ?? 0) === 0, exact, cells))
    case 'retries_used':
      return inOrder(numberGroups('retries', ({ retriesUsed }) => retriesUsed === 0, exact, cells))
    default:
      return [{ by: 'id', sets: setsOf(exact, cells), test: null }]
  }
}

function namedGroups(by: 'funcName' | 'status', exact: ExactFilter, cells: readonly Cell[]): readonly PlannedGroup[] {
  const values = [...new Set(cells.map((cell) => cell[by]))].sort(compareValues)
  const key = by === 'status' ? 'statuses' : 'funcNames'
  return values.map((value) => {
    const ofValue = cells.filter((cell) => cell[by] === value)
    return { by: { value }, sets: setsOf({ ...exact, [key]: new Set([value]) }, ofValue), test: null }
  })
}

function endGroups(exact: ExactFilter, cells: readonly Cell[]): readonly PlannedGroup[] {
  const queues = [...new Set(cells.map(({ queue }) => queue))]
  const sets = queues.map((queue) => names.ended(queue))
  return measuredGroups(sets, ({ endTime }) => endTime === null, { ...exact, queues: null }, cells, exact)
}

/** What has no value yet comes first: live tasks, and the odd rest, which has a set of its own. */
function measuredGroups(
  sets: readonly string[],
  isMissing: (task: TaskSummary) => boolean,
  tested: ExactFilter,
  cells: readonly Cell[],
  exact: ExactFilter = tested,
): readonly PlannedGroup[] {
  const test = exactTest(exact)
  const isAny = Object.values(tested).every((part) => part === null)
  const live = cells.filter(({ status }) => !isTerminal(status as TaskStatus))
  const statuses = new Set(live.map(({ status }) => status))
  const missing = [...setsOf({ ...exact, statuses }, live), names.unmeasured()]
  return [
    { by: { value: null }, sets: missing, test: (task) => isMissing(task) && test(task) },
    { by: { above: -Infinity, below: Infinity }, sets, test: isAny ? null : test },
  ]
}

/** Most tasks have 0; the others lie in a small set of their own. */
function numberGroups(
  order: TaskOrder,
  isZero: (task: TaskSummary) => boolean,
  exact: ExactFilter,
  cells: readonly Cell[],
): readonly PlannedGroup[] {
  const sets = [names.by(order)]
  const isAny = Object.values(exact).every((part) => part === null)
  const test = isAny ? null : exactTest(exact)
  return [
    { by: { above: -Infinity, below: 0 }, sets, test },
    { by: { value: 0 }, sets: setsOf(exact, cells), test: isZero },
    { by: { above: 0, below: Infinity }, sets, test },
  ]
}
