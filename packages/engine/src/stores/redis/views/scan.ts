import type { TaskSummary } from '@taskloom/protocol'
import { residualTest, type Residual } from '../../reading/exact-filter.ts'
import { firstIdAt } from '../../reading/ids-of-time.ts'
import { maxCounted, maxScanned } from '../../reading/limits.ts'
import type { RedisConnection } from '../connection.ts'
import { candidateIds, narrowest } from './candidates.ts'
import { exactTest, setsOf, type PlannedGroup } from './plan.ts'
import type { Selection } from './selection.ts'
import { readForResidual } from './tasks.ts'
import { walk, type Walk } from './walk.ts'

/** Tasks that were looked at and belong to a filter. */
export interface Scanned {
  readonly tasks: readonly TaskSummary[]
  /** Whether there may be more. */
  readonly isCapped: boolean
  /** The last task that was looked at. */
  readonly last: TaskSummary | null
}

/** The newest tasks of a filter with a residual. */
export async function scanNewest(
  connection: RedisConnection,
  selection: Selection,
  residual: Residual,
): Promise<Scanned> {
  const none = { tasks: [], isCapped: false, last: null }
  if (selection.exactCount === 0) return none
  const narrowed = await narrowest(connection, residual)
  const ids = await candidateIds(connection, residual, selection, narrowed)
  if (ids) return { ...none, tasks: await tasksAmong(connection, ids, selection, residual) }
  return scanAlong(connection, selection, residual, groupById(selection, narrowed))
}

/** The newest tasks along a group in order of ids, each looked at, up to a bound. */
export async function scanAlong(
  connection: RedisConnection,
  selection: Selection,
  residual: Residual,
  group: PlannedGroup,
): Promise<Scanned> {
  const tasks: TaskSummary[] = []
  let last: TaskSummary | null = null
  let scanned = 0
  for await (const portion of lookAt(connection, selection, residual, { groups: [group], ...newestFirst })) {
    for (const { summary, isWanted } of portion) {
      if (scanned === maxScanned || tasks.length === maxCounted) return { tasks, isCapped: true, last }
      scanned += 1
      last = summary
      if (isWanted) tasks.push(summary)
    }
  }
  return { tasks, isCapped: false, last }
}

const newestFirst = { sign: -1, after: null, firstPortion: 500 } as const

/** Tasks of known ids that belong to the filter. */
export async function tasksAmong(
  connection: RedisConnection,
  ids: readonly string[],
  { exact }: Selection,
  residual: Residual,
): Promise<readonly TaskSummary[]> {
  const isWithin = exactTest(exact)
  const holds = residualTest(residual)
  const found: TaskSummary[] = []
  for await (const portion of readForResidual(connection, ids, residual)) {
    for (const task of portion) if (isWithin(task.summary) && holds(task)) found.push(task.summary)
  }
  return found
}

/** All tasks in order of ids, along the smallest sets there are. */
export function groupById(
  { exact, cells, exactCount }: Selection,
  narrowed: { readonly set: string; readonly tasks: number } | null,
): PlannedGroup {
  if (narrowed !== null && narrowed.tasks < exactCount) {
    return { by: 'id', sets: [narrowed.set], test: exactTest(exact) }
  }
  return { by: 'id', sets: setsOf(exact, cells), test: null }
}

/** What is walked along: groups, one after the other. */
export type Route = Pick<Walk, 'sign' | 'after' | 'firstPortion'> & { readonly groups: readonly PlannedGroup[] }

/** A task that was looked at. */
export interface LookedAt {
  readonly summary: TaskSummary
  readonly isWanted: boolean
}

/** Reads tasks in order, in portions, and says of each whether it belongs to the filter. */
export async function* lookAt(
  connection: RedisConnection,
  { exact }: Selection,
  residual: Residual | null,
  { groups, ...route }: Route,
): AsyncGenerator<readonly LookedAt[], void> {
  const holds = residual && residualTest(residual)
  for (const group of groups) {
    for await (const places of walk(connection, { group, ...route, ...windowOf(exact) })) {
      const ids = places.map(({ taskId }) => taskId)
      for await (const portion of readForResidual(connection, ids, residual)) {
        yield portion.map((task) => {
          const isWithin = group.test === null || group.test(task.summary)
          return { summary: task.summary, isWanted: isWithin && (holds === null || holds(task)) }
        })
      }
    }
  }
}

/** The window of a filter in ids. */
export function windowOf({ since, until }: Selection['exact']): Pick<Walk, 'since' | 'until'> {
  return {
    since: since === null ? null : firstIdAt(since),
    until: until === null ? null : firstIdAt(until),
  }
}
