import type { TaskRecord } from '../core/record.ts'

/**
 * Between which moments tasks began and ended, both included, epoch milliseconds. They are never narrower than that, and
 * may be wider: a task that goes does not narrow them.
 */
export interface TimeBounds {
  earliest: number
  latest: number
}

export type TaskTimes = Pick<TaskRecord, 'startTime' | 'endTime'>

/** No moment lies before the first of them or after the second. */
const first = -8.64e15
const last = 8.64e15

/** Of tasks that nobody knows it of: those that were counted before bounds were kept. Columns have it where nothing is said. */
export const unknownBounds: Readonly<TimeBounds> = { earliest: first, latest: last }

/** Of tasks none of which has begun or ended: what lies within is nothing, and others are the same with it. */
export const noBounds: Readonly<TimeBounds> = { earliest: last, latest: first }

export function isEmpty({ earliest, latest }: TimeBounds): boolean {
  return latest < earliest
}

/** Whether all that lies within the others lies within these. */
export function covers(bounds: TimeBounds, others: TimeBounds): boolean {
  return isEmpty(others) || (bounds.earliest <= others.earliest && bounds.latest >= others.latest)
}

export function widen(into: TimeBounds, { earliest, latest }: TimeBounds): void {
  if (earliest < into.earliest) into.earliest = earliest
  if (latest > into.latest) into.latest = latest
}

export function widenToTask(into: TimeBounds, { startTime, endTime }: TaskTimes): void {
  if (startTime !== null) widenToMoment(into, startTime)
  if (endTime !== null) widenToMoment(into, endTime)
}

function widenToMoment(into: TimeBounds, moment: number): void {
  if (moment < into.earliest) into.earliest = moment
  if (moment > into.latest) into.latest = moment
}
