import type { TaskFilter } from '@taskloom/protocol'
import { unknownBounds, widen } from '../time-bounds.ts'
import { segments, type BoundedCell, type Segment } from './cube.ts'
import type { ExactFilter, Names } from './exact-filter.ts'
import { rowsOfAll, type Query, type Reads } from './reads.ts'

/** What is read from roll-ups. */
export interface RollupQuestion {
  readonly window: Pick<ExactFilter, 'since' | 'until'>
  /** Buckets that are longer are not taken. */
  readonly longest?: number
  /** The buckets that are taken; as few as there can be by default. */
  readonly parts?: readonly Segment[]
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
  const taken = question.parts ?? segments(window.since, window.until, longest)
  const parts = taken.map(({ level, from, to }): Query => ({
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

/**
 * Every kind of task in a stretch of time with its count; none of which there are no tasks. Bounds lie behind all else in a
 * row, and are read for whoever says that he needs them.
 */
export async function readCube(
  reads: Reads,
  window: Pick<ExactFilter, 'since' | 'until'>,
  hasBounds = false,
): Promise<readonly BoundedCell[]> {
  const by = 'func_name, queue, source, status'
  const bounds = hasBounds ? 'min(earliest), max(latest)' : `${unknownBounds.earliest}, ${unknownBounds.latest}`
  const rows = await readRollups(reads, { window, columns: `${by}, sum(tasks), ${bounds}`, by })
  const cells = new Map<string, { -readonly [K in keyof BoundedCell]: BoundedCell[K] }>()
  for (const [funcName, queue, source, status, tasks, earliest, latest] of rows as readonly CubeRow[]) {
    const key = `${status} ${source} ${funcName.length} ${funcName} ${queue}`
    const cell = cells.get(key)
    if (cell) {
      cell.tasks += tasks
      widen(cell, { earliest, latest })
    } else cells.set(key, { funcName, queue, source, status, tasks, earliest, latest })
  }
  return [...cells.values()].filter(({ tasks }) => tasks > 0)
}

type CubeRow = readonly [
  ...[funcName: string, queue: string, source: string, status: string, tasks: number],
  ...[earliest: number, latest: number],
]
