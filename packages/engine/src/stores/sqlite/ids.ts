import type { IdsAnswer, IdsQuestion } from '../store.ts'
import { countWithin, readCube, readNames } from './cube.ts'
import { residualColumns, residualTest, splitFilter } from './exact-filter.ts'
import { branchesById } from './plan.ts'
import { maxScanned } from './scan.ts'
import type { StatementCache } from './statement-cache.ts'
import { walk } from './walk.ts'

/** A slice of the ids of a filter, along the index that holds the fewest rows. */
export function readIds(cache: StatementCache, { filter, after, until, limit }: IdsQuestion): IdsAnswer {
  const { exact, residual } = splitFilter(filter, readNames(cache))
  const cube = readCube(cache, exact)
  if (countWithin(cube, exact) === 0) return { taskIds: [], next: null }
  const holds = residual ? residualTest(residual) : () => true
  const columns = residual ? residualColumns(residual) : 'id'
  const groups = [{ by: 'id', branches: branchesById(exact, cube) }] as const
  const start = after === null ? null : { taskId: after, value: null }
  const taskIds: string[] = []
  let looked = 0
  for (const row of walk(cache, { groups, sign: 1, after: start, columns, firstPortion: limit })) {
    const taskId = row[0] as string
    if (taskId > until) break
    looked += 1
    if (holds(row)) taskIds.push(taskId)
    if (taskIds.length === limit || looked === maxScanned) return { taskIds, next: taskId }
  }
  return { taskIds, next: null }
}
