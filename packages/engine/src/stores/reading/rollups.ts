import type { TaskFilter } from '@taskloom/protocol'
import { segments, type Cell } from './cube.ts'
import type { ExactFilter, Names } from './exact-filter.ts'
import { rowsOfAll, type Query, type Reads } from './reads.ts'

/** What is read from roll-ups. */
export interface RollupQuestion {
  readonly window: Pick<ExactFilter, 'since' | 'until'>
  /** Buckets that are longer are not taken. */
  readonly longest?: number
  /** Names, or expressions that are of one row or of the rows of a group. */
  readonly columns: string
  readonly conditions?: readonly Pick<Query, 'sql' | 'params'>[]
  readonly by: string
}

/**
 * Roll-ups summed by the database along their key, which costs no sorting. Where changes lie beside them, these come as
 * rows of their own: counts of both are to be added, and may be negative alone.
 */
export function readRollups(reads: Reads, question: RollupQuestion) {
  const { window, longest, columns, by, conditions = [] } = question
  const more = conditions.map(({ sql }) => ` AND ${sql}`).join('')
  const moreParams = conditions.flatMap(({ params }) => params)
  const parts = segments(window.since, window.until, longest).map(({ level, from, to }): Query => ({
    sql: `SELECT ${columns} FROM @rollups WHERE level = ? AND bucket >= ? AND bucket < ?${more} GROUP BY ${by}`,
    params: [level, from, to, ...moreParams],
  }))
  return rowsOfAll(reads, reads.hasChanges ? [...parts, changesQuery(window, columns, more, moreParams, by)] : parts)
}

function changesQuery(
  { since, until }: RollupQuestion['window'],
  columns: string,
  more: string,
  params: Query['params'],
  by: string,
): Query {
  return {
    sql: `SELECT ${columns} FROM @rollup_changes WHERE bucket >= ? AND bucket < ?${more} GROUP BY ${by}`,
    params: [since ?? Number.MIN_SAFE_INTEGER, until ?? Number.MAX_SAFE_INTEGER, ...params],
  }
}

/** The names that occur, for whoever searches; without a search nobody needs them. */
export async function readNames(reads: Reads, { search }: Pick<TaskFilter, 'search'>): Promise<Names> {
  if (search.length === 0) return { funcNames: [], queues: [] }
  const rows = await readRollups(reads, {
    window: { since: null, until: null },
    columns: 'func_name, queue',
    by: 'func_name, queue',
  })
  const distinct = (place: 0 | 1): readonly string[] => [...new Set(rows.map((row) => row[place] as string))]
  return { funcNames: distinct(0), queues: distinct(1) }
}

/** Every kind of task in a stretch of time with its count; none of which there are no tasks. */
export async function readCube(reads: Reads, window: Pick<ExactFilter, 'since' | 'until'>): Promise<readonly Cell[]> {
  const by = 'func_name, queue, source, status'
  const rows = await readRollups(reads, { window, columns: `${by}, sum(tasks)`, by })
  const cells = new Map<string, { -readonly [K in keyof Cell]: Cell[K] }>()
  for (const [funcName, queue, source, status, tasks] of rows as readonly CubeRow[]) {
    const key = `${status} ${source} ${funcName.length} ${funcName} ${queue}`
    const cell = cells.get(key)
    if (cell) cell.tasks += tasks
    else cells.set(key, { funcName, queue, source, status, tasks })
  }
  return [...cells.values()].filter(({ tasks }) => tasks > 0)
}

type CubeRow = readonly [funcName: string, queue: string, source: string, status: string, tasks: number]
