import { minuteMs, type TaskStatus } from '@taskloom/protocol'
import type { Database } from 'better-sqlite3'
import type { TaskRecord } from '../../core/record.ts'
import { countedDuration, countedWait } from '../figures.ts'
import { addBins, addToBin, binOf, type Bins } from '../histogram.ts'
import type { BatchMember } from './group-commit.ts'

/**
 * Lengths of the buckets that are kept, finest first, each a multiple of the one before: a chart of about sixty bars over
 * an hour, a day, a week or a month finds buckets of just its width. 0 is one bucket for all time.
 */
export const levels = [minuteMs, 5 * minuteMs, 30 * minuteMs, 180 * minuteMs, 720 * minuteMs, 0] as const

export type Counted = Pick<
  TaskRecord,
  'createdAt' | 'funcName' | 'queue' | 'source' | 'status' | 'durationMs' | 'waitMs'
>

interface Tally {
  count: number
  sum: number
  readonly bins: Bins
}

interface Delta {
  readonly bucket: number
  readonly funcName: string
  readonly queue: string
  readonly source: string
  readonly status: TaskStatus
  tasks: number
  readonly duration: Tally
  readonly wait: Tally
}

type StoredRow = [number, number, number, string | null, number, number, string | null]

/**
 * Counts per bucket of creation time, function, queue, source and status, with sums and bins of durations. Gathers what
 * the operations of a batch change and writes each touched row once, in their transaction. Bins lie packed in the row:
 * a figure over many tasks reads few rows.
 */
export class Rollups implements BatchMember {
  readonly #minutes = new Map<string, Delta>()
  /** The last delta used of each status: a batch is mostly of one kind, and comparing is cheaper than building keys. */
  readonly #recent = new Map<TaskStatus, Delta>()
  readonly #read
  readonly #write
  readonly #remove

  constructor(db: Database) {
    const key = 'level = ? AND bucket = ? AND func_name = ? AND queue = ? AND source = ? AND status = ?'
    this.#read = db
      .prepare<unknown[], StoredRow>(
        `SELECT tasks, duration_count, duration_sum, duration_bins, wait_count, wait_sum, wait_bins FROM rollups WHERE ${key}`,
      )
      .raw()
    this.#write = db.prepare('INSERT OR REPLACE INTO rollups VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    this.#remove = db.prepare(`DELETE FROM rollups WHERE ${key}`)
  }

  add(task: Counted): void {
    this.#change(task, 1)
  }

  subtract(task: Counted): void {
    this.#change(task, -1)
  }

  flush(): void {
    if (this.#minutes.size === 0) return
    const minutes = [...this.#minutes.values()]
    for (const level of levels) {
      for (const delta of fold(minutes, level)) this.#apply(level, delta)
    }
    this.reset()
  }

  reset(): void {
    this.#minutes.clear()
    this.#recent.clear()
  }

  #change(task: Counted, sign: 1 | -1): void {
    const delta = this.#deltaOf(task, Math.floor(task.createdAt / minuteMs) * minuteMs)
    delta.tasks += sign
    tally(delta.duration, countedDuration(task), sign)
    tally(delta.wait, countedWait(task), sign)
  }

  #deltaOf(task: Counted, bucket: number): Delta {
    const recent = this.#recent.get(task.status)
    if (recent && isAt(recent, task, bucket)) return recent
    const delta = deltaAt(this.#minutes, task, bucket)
    this.#recent.set(task.status, delta)
    return delta
  }

  #apply(level: number, { bucket, funcName, queue, source, status, tasks, duration, wait }: Delta): void {
    if (tasks === 0 && isZero(duration) && isZero(wait)) return
    const key = [level, bucket, funcName, queue, source, status]
    const [storedTasks, dCount, dSum, dBins, wCount, wSum, wBins] = this.#read.get(...key) ?? nothing
    const total = storedTasks + tasks
    if (total <= 0) return void this.#remove.run(...key)
    this.#write.run(
      ...key,
      total,
      dCount + duration.count,
      dSum + duration.sum,
      addBins(dBins, duration.bins),
      wCount + wait.count,
      wSum + wait.sum,
      addBins(wBins, wait.bins),
    )
  }
}

const nothing: StoredRow = [0, 0, 0, null, 0, 0, null]

/** The same changes in coarser buckets. */
function fold(minutes: readonly Delta[], level: number): Iterable<Delta> {
  const bucketOf = (minute: Delta): number => (level === 0 ? 0 : Math.floor(minute.bucket / level) * level)
  const [first] = minutes
  // Mostly all tasks of a batch are of the same minute: nothing falls together then.
  if (minutes.every(({ bucket }) => bucket === first?.bucket)) {
    return minutes.map((minute) => ({ ...minute, bucket: bucketOf(minute) }))
  }
  const folded = new Map<string, Delta>()
  for (const minute of minutes) {
    const into = deltaAt(folded, minute, bucketOf(minute))
    into.tasks += minute.tasks
    merge(into.duration, minute.duration)
    merge(into.wait, minute.wait)
  }
  return folded.values()
}

type Place = Pick<Counted, 'funcName' | 'queue' | 'source' | 'status'>

function isAt(delta: Delta, { funcName, queue, source }: Place, bucket: number): boolean {
  return delta.bucket === bucket && delta.funcName === funcName && delta.queue === queue && delta.source === source
}

function deltaAt(deltas: Map<string, Delta>, { funcName, queue, source, status }: Place, bucket: number): Delta {
  const key = `${bucket} ${status} ${source} ${funcName.length} ${funcName} ${queue}`
  const known = deltas.get(key)
  if (known) return known
  const fresh = { bucket, funcName, queue, source, status, tasks: 0, duration: emptyTally(), wait: emptyTally() }
  deltas.set(key, fresh)
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

function merge(into: Tally, from: Tally): void {
  into.count += from.count
  into.sum += from.sum
  for (const [bin, count] of from.bins) addToBin(into.bins, bin, count)
}

function isZero({ count, sum, bins }: Tally): boolean {
  return count === 0 && sum === 0 && bins.size === 0
}
