import type { TaskFilter } from '@taskloom/protocol'
import type { Cell } from '../../reading/cube.ts'
import { splitFilter, type ExactFilter, type Names, type Residual } from '../../reading/exact-filter.ts'
import type { RedisConnection } from '../connection.ts'
import { countCells, namesOf, readAllCells, sumOf } from './counts.ts'

/** A filter with what is known of its tasks before any of them is looked at. */
export interface Selection {
  readonly exact: ExactFilter
  readonly residual: Residual | null
  /** The kinds of tasks that the exact part holds, with their counts. */
  readonly cells: readonly Cell[]
  /** How many tasks the exact part holds. */
  readonly exactCount: number
  /** All names that occur in the store. */
  readonly names: Names
}

/** Reads what is known of a filter: counts alone. */
export async function select(connection: RedisConnection, filter: TaskFilter): Promise<Selection> {
  const all = await readAllCells(connection)
  const names = namesOf(all)
  const { exact, residual } = splitFilter(filter, names)
  const cells = await countCells(connection, all, exact)
  return { exact, residual, cells, exactCount: sumOf(cells), names }
}
