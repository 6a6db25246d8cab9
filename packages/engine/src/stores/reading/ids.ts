import type { IdsAnswer, IdsQuestion } from '../store.ts'
import { countWithin } from './cube.ts'
import { splitFilter } from './exact-filter.ts'
import { maxScanned } from './limits.ts'
import { branchesById } from './branches.ts'
import type { Reads } from './reads.ts'
import { residualColumns, rowTest } from './residual-rows.ts'
import { readCube, readNames } from './rollups.ts'
import { walk } from './walk.ts'

/** A slice of the ids of a filter, along the index that holds the fewest rows. */
export async function readIds(reads: Reads, { filter, after, until, limit }: IdsQuestion): Promise<IdsAnswer> {
  const { exact, residual } = splitFilter(filter, await readNames(reads, filter))
  const cube = await readCube(reads, exact)
  if (countWithin(cube, exact) === 0) return { taskIds: [], next: null }
  const holds = residual ? rowTest(residual) : () => true
  const columns = residual ? residualColumns(residual) : 'id'
  const groups = [{ by: 'id', branches: branchesById(reads.dialect, exact, cube, residual) }] as const
  const start = after === null ? null : { taskId: after, value: null }
  const taskIds: string[] = []
  let looked = 0
  for await (const rows of walk(reads, { groups, sign: 1, after: start, columns, firstPortion: limit })) {
    for (const row of rows) {
      const taskId = row[0] as string
      if (taskId > until) return { taskIds, next: null }
      looked += 1
      if (holds(row)) taskIds.push(taskId)
      if (taskIds.length === limit || looked === maxScanned) return { taskIds, next: taskId }
    }
  }
  return { taskIds, next: null }
}
