import type { ExactFilter } from './exact-filter.ts'
import { levels } from './rollups.ts'
import type { StatementCache } from './statement-cache.ts'

/** How many tasks there are of one kind within a stretch of time. */
export interface Cell {
  readonly funcName: string
  readonly queue: string
  readonly source: string
  readonly status: string
  readonly tasks: number
}

export interface Names {
  readonly funcNames: readonly string[]
  readonly queues: readonly string[]
}

/** A run of buckets of one level; the bounds are starts of buckets, `to` excluded. */
export interface Segment {
  readonly level: number
  readonly from: number
  readonly to: number
}

const farPast = -8.64e15
const farFuture = 8.64e15

/** Covers [since, until) with as few buckets as there can be, none of them longer than `longest`. */
export function segments(since: number | null, until: number | null, longest = Infinity): readonly Segment[] {
  if (since === null && until === null && longest === Infinity) return [{ level: 0, from: 0, to: 1 }]
  const lengths = levels.filter((level) => level > 0 && level <= longest)
  return cover(since ?? farPast, until ?? farFuture, lengths).filter(({ from, to }) => from < to)
}

export function readNames(cache: StatementCache): Names {
  const names = (column: string) =>
    cache.rows(`SELECT DISTINCT ${column} FROM rollups WHERE level = 0 AND bucket = 0`).map(([name]) => name as string)
  return { funcNames: names('func_name'), queues: names('queue') }
}

/** Every kind of task in a stretch of time with its count. */
export function readCube(
  cache: StatementCache,
  { since, until }: Pick<ExactFilter, 'since' | 'until'>,
): readonly Cell[] {
  return segments(since, until).flatMap(({ level, from, to }) =>
    cache
      .rows(
        `SELECT func_name, queue, source, status, sum(tasks) FROM rollups
         WHERE level = ? AND bucket >= ? AND bucket < ? GROUP BY func_name, queue, source, status`,
        level,
        from,
        to,
      )
      .map(([funcName, queue, source, status, tasks]) => ({
        funcName: funcName as string,
        queue: queue as string,
        source: source as string,
        status: status as string,
        tasks: tasks as number,
      })),
  )
}

export function isWithin(cell: Omit<Cell, 'tasks'>, { statuses, funcNames, queues, sources }: ExactFilter): boolean {
  return (
    (statuses === null || statuses.has(cell.status)) &&
    (funcNames === null || funcNames.has(cell.funcName)) &&
    (queues === null || queues.has(cell.queue)) &&
    (sources === null || sources.has(cell.source))
  )
}

export function countWithin(cube: readonly Cell[], filter: ExactFilter): number {
  let count = 0
  for (const cell of cube) if (isWithin(cell, filter)) count += cell.tasks
  return count
}

function cover(from: number, to: number, [level = 0, ...coarser]: readonly number[]): Segment[] {
  const [next] = coarser
  if (next === undefined) return [{ level, from, to }]
  const inner = Math.ceil(from / next) * next
  const outer = Math.floor(to / next) * next
  if (inner >= outer) return [{ level, from, to }]
  return [{ level, from, to: inner }, ...cover(inner, outer, coarser), { level, from: outer, to }]
}
