import { minuteMs } from '@taskloom/protocol'
import { noBounds, widen, type TimeBounds } from '../time-bounds.ts'
import type { ExactFilter } from './exact-filter.ts'

/**
 * Lengths of the buckets that are kept, finest first, each a multiple of the one before: a chart of about sixty bars over
 * an hour, a day, a week or a month finds buckets of just its width. 0 is one bucket for all time.
 */
export const levels = [minuteMs, 5 * minuteMs, 30 * minuteMs, 180 * minuteMs, 720 * minuteMs, 0] as const

/** How many tasks there are of one kind within a stretch of time. */
export interface Cell {
  readonly funcName: string
  readonly queue: string
  readonly source: string
  readonly status: string
  readonly tasks: number
}

/** One with the bounds of those of its tasks that do not run. */
export interface BoundedCell extends Cell, Readonly<TimeBounds> {}

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

/**
 * Covers what lies before a moment with buckets that are the shorter the nearer they lie to it: about a day, and all before
 * that only when it reaches back to another moment.
 */
export function segmentsBefore(moment: number, backTo: number): readonly Segment[] {
  const [, ...lengths] = levels.filter((level) => level > 0)
  const found: Segment[] = []
  let to = moment
  for (const [index, level] of lengths.entries()) {
    const next = lengths[index + 1]
    if (next === undefined && backTo >= to) break
    const from = next === undefined ? farPast : Math.floor(to / next) * next - next
    found.push({ level, from, to })
    to = from
  }
  return found
}

/** The longest buckets that never lie across the border of two buckets of a chart. */
export function longestLevel(bucketMs: number, since: number): number {
  return Math.max(...levels.filter((level) => level > 0 && bucketMs % level === 0 && since % level === 0))
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

/** Between which moments the tasks of a filter began and ended that do not run. */
export function boundsWithin(cube: readonly BoundedCell[], filter: ExactFilter): Readonly<TimeBounds> {
  const bounds = { ...noBounds }
  for (const cell of cube) if (cell.status !== 'running' && isWithin(cell, filter)) widen(bounds, cell)
  return bounds
}

function cover(from: number, to: number, [level = 0, ...coarser]: readonly number[]): Segment[] {
  const [next] = coarser
  if (next === undefined) return [{ level, from, to }]
  const inner = Math.ceil(from / next) * next
  const outer = Math.floor(to / next) * next
  if (inner >= outer) return [{ level, from, to }]
  return [{ level, from, to: inner }, ...cover(inner, outer, coarser), { level, from: outer, to }]
}
