import { minuteMs, type TaskStatus } from '@taskloom/protocol'
import type { TaskRecord } from '../core/record.ts'
import { countedDuration, countedWait } from './figures.ts'
import { addToBin, binOf, type Bins } from './histogram.ts'
import { isEmpty, noBounds, widen, widenToTask, type TaskTimes, type TimeBounds } from './time-bounds.ts'

/** What the roll-ups count of a task. */
export type Counted = Pick<
  TaskRecord,
  'createdAt' | 'funcName' | 'queue' | 'source' | 'status' | 'durationMs' | 'waitMs'
>

export interface Tally {
  count: number
  sum: number
  readonly bins: Bins
}

/** What they keep of a task that is counted. */
export type Timed = Counted & TaskTimes

/**
 * How the counts of one bucket of creation time, function, queue, source and status change, and what the bounds are of those
 * that came. Of running tasks none are kept: there are few, and each batch of starts and ends would write them.
 */
export interface RollupChange extends TimeBounds {
  readonly bucket: number
  readonly funcName: string
  readonly queue: string
  readonly source: string
  readonly status: TaskStatus
  tasks: number
  readonly duration: Tally
  readonly wait: Tally
}

/** Gathers by minute what the writes of one transaction change in the roll-ups. */
export class RollupChanges {
  readonly #minutes = new Map<string, RollupChange>()
  /** The last change used of each status: a batch is mostly of one kind, and comparing is cheaper than building keys. */
  readonly #recent = new Map<TaskStatus, RollupChange>()

  add(task: Timed): void {
    bound(this.#change(task, 1), task)
  }

  subtract(task: Counted): void {
    this.#change(task, -1)
  }

  /** Counts a task as what it has become. One that goes on in the same place with the same times changes nothing there. */
  replace(before: Timed, after: Timed): void {
    const from = this.#change(before, -1)
    const to = this.#change(after, 1)
    const isSame = from === to && before.startTime === after.startTime && before.endTime === after.endTime
    if (!isSame) bound(to, after)
  }

  /** By minute, in which nothing may have changed in the end: see {@link isNothing}. */
  minutes(): readonly RollupChange[] {
    return [...this.#minutes.values()]
  }

  clear(): void {
    this.#minutes.clear()
    this.#recent.clear()
  }

  #change(task: Counted, sign: 1 | -1): RollupChange {
    const change = this.#changeOf(task, Math.floor(task.createdAt / minuteMs) * minuteMs)
    change.tasks += sign
    tally(change.duration, countedDuration(task), sign)
    tally(change.wait, countedWait(task), sign)
    return change
  }

  #changeOf(task: Counted, bucket: number): RollupChange {
    const recent = this.#recent.get(task.status)
    if (recent && isAt(recent, task, bucket)) return recent
    const change = changeAt(this.#minutes, task, bucket)
    this.#recent.set(task.status, change)
    return change
  }
}

/** The same changes in coarser buckets; level 0 is one bucket for all time. */
export function fold(minutes: readonly RollupChange[], level: number): Iterable<RollupChange> {
  const bucketOf = (minute: RollupChange): number => (level === 0 ? 0 : Math.floor(minute.bucket / level) * level)
  const [first] = minutes
  // Mostly all tasks of a batch are of the same minute: nothing falls together then.
  if (minutes.every(({ bucket }) => bucket === first?.bucket)) {
    return minutes.map((minute) => ({ ...minute, bucket: bucketOf(minute) }))
  }
  const folded = new Map<string, RollupChange>()
  for (const minute of minutes) merge(changeAt(folded, minute, bucketOf(minute)), minute)
  return folded.values()
}

/** The sum of all changes of the same place. */
export function summed(changes: Iterable<RollupChange>): readonly RollupChange[] {
  const sums = new Map<string, RollupChange>()
  for (const change of changes) merge(changeAt(sums, change, change.bucket), change)
  return [...sums.values()]
}

/** Whether no count changes; bounds that are known already may come with it. */
export function changesNoCount(change: RollupChange): boolean {
  return change.tasks === 0 && changesNoSum(change)
}

/** Whether nothing but the number of tasks changes, and perhaps the bounds: most of what waits and runs. */
export function changesNoSum({ duration, wait }: RollupChange): boolean {
  return isZero(duration) && isZero(wait)
}

export function isNothing(change: RollupChange): boolean {
  return changesNoCount(change) && isEmpty(change)
}

/** The same for the same bucket, function, queue, source and status. */
export function placeOf({ bucket, funcName, queue, source, status }: Place): string {
  return `${bucket} ${status} ${source} ${funcName.length} ${funcName} ${queue}`
}

type Place = Pick<RollupChange, 'bucket' | 'funcName' | 'queue' | 'source' | 'status'>

function isAt(change: RollupChange, { funcName, queue, source }: Omit<Place, 'bucket'>, bucket: number): boolean {
  return change.bucket === bucket && change.funcName === funcName && change.queue === queue && change.source === source
}

function changeAt(
  changes: Map<string, RollupChange>,
  { funcName, queue, source, status }: Omit<Place, 'bucket'>,
  bucket: number,
): RollupChange {
  const place = { bucket, funcName, queue, source, status }
  const key = placeOf(place)
  const known = changes.get(key)
  if (known) return known
  const fresh = { ...place, ...noBounds, tasks: 0, duration: emptyTally(), wait: emptyTally() }
  changes.set(key, fresh)
  return fresh
}

function emptyTally(): Tally {
  return { count: 0, sum: 0, bins: new Map() }
}

function tally(into: Tally, value: number | null, sign: 1 | -1): void {
  if (value === null) return
  into.count += sign
  into.sum += sign * value
  addToBin(into.bins, binOf(value), sign)
}

function bound(change: RollupChange, task: Timed): void {
  if (task.status !== 'running') widenToTask(change, task)
}

function merge(into: RollupChange, from: RollupChange): void {
  widen(into, from)
  into.tasks += from.tasks
  mergeTally(into.duration, from.duration)
  mergeTally(into.wait, from.wait)
}

function mergeTally(into: Tally, from: Tally): void {
  into.count += from.count
  into.sum += from.sum
  for (const [bin, count] of from.bins) addToBin(into.bins, bin, count)
}

function isZero({ count, sum, bins }: Tally): boolean {
  return count === 0 && sum === 0 && bins.size === 0
}
