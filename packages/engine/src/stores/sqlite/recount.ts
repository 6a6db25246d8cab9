import { isTaskStatus, minuteMs, type TaskStatus } from '@taskloom/protocol'
import type { Database } from './driver/port.ts'
import { countedDuration, countedWait } from '../figures.ts'
import { addBins, addToBin, binOf, readBins, type Bins } from '../histogram.ts'
import { levels } from '../reading/cube.ts'
import { firstIdAt } from '../reading/ids-of-time.ts'
import { covers, noBounds, widen, widenToTask, type TimeBounds } from '../time-bounds.ts'
import type { CountDifference, RecountAnswer, RecountQuestion } from '../store.ts'
import type { GroupCommit } from './group-commit.ts'
import type { Rollups } from './rollups.ts'

/** One slice holds the event loop about this long, and never less than one bucket takes. */
const sliceMs = 5
const maxExamples = 20

type Place = readonly [funcName: string, queue: string, source: string, status: string]
type TaskRow = [
  ...Place,
  durationMs: number | null,
  waitMs: number | null,
  startTime: number | null,
  endTime: number | null,
]
type StoredRow = [
  ...Place,
  tasks: number,
  durationCount: number,
  durationSum: number,
  durationBins: string | null,
  waitCount: number,
  waitSum: number,
  waitBins: string | null,
  earliest: number,
  latest: number,
]

/** What the tasks of one bucket, function, queue, source and status come to. */
class Count {
  tasks = 0
  durationCount = 0
  durationSum = 0
  readonly durationBins: Bins = new Map()
  waitCount = 0
  waitSum = 0
  readonly waitBins: Bins = new Map()
  readonly bounds: TimeBounds = { ...noBounds }

  constructor(readonly place: Place) {}

  addTask(status: TaskStatus, [, , , , durationMs, waitMs, startTime, endTime]: TaskRow): void {
    if (status !== 'running') widenToTask(this.bounds, { startTime, endTime })
    const duration = countedDuration({ status, durationMs, waitMs })
    const wait = countedWait({ status, durationMs, waitMs })
    this.tasks += 1
    if (duration !== null) {
      this.durationCount += 1
      this.durationSum += duration
      addToBin(this.durationBins, binOf(duration), 1)
    }
    if (wait === null) return
    this.waitCount += 1
    this.waitSum += wait
    addToBin(this.waitBins, binOf(wait), 1)
  }

  addStored([, , , , tasks, dCount, dSum, dBins, wCount, wSum, wBins, earliest, latest]: StoredRow): void {
    widen(this.bounds, { earliest, latest })
    this.tasks += tasks
    this.durationCount += dCount
    this.durationSum += dSum
    readBins(dBins, (bin, amount) => addToBin(this.durationBins, bin, amount))
    this.waitCount += wCount
    this.waitSum += wSum
    readBins(wBins, (bin, amount) => addToBin(this.waitBins, bin, amount))
  }

  values(): [number, number, number, string | null, number, number, string | null] {
    const { tasks, durationCount, durationSum, waitCount, waitSum } = this
    const [durationBins, waitBins] = [addBins(null, this.durationBins), addBins(null, this.waitBins)]
    return [tasks, durationCount, durationSum, durationBins, waitCount, waitSum, waitBins]
  }
}

/**
 * Compares the kept counts with what they were counted from: minutes with the tasks created in them, longer buckets with
 * the shorter ones they are made of.
 */
export class Recount {
  readonly #nextRow
  readonly #nextTask
  readonly #tasks
  readonly #kept
  readonly #finer
  readonly #write
  readonly #remove

  constructor(
    db: Database,
    private readonly commit: GroupCommit,
    private readonly rollups: Rollups,
  ) {
    const values =
      'tasks, duration_count, duration_sum, duration_bins, wait_count, wait_sum, wait_bins, earliest, latest'
    const row = `SELECT func_name, queue, source, status, ${values} FROM rollups`
    this.#nextRow = db
      .prepare<unknown[], number | null>('SELECT min(bucket) FROM rollups WHERE level = ? AND bucket >= ?')
      .pluck()
    this.#nextTask = db
      .prepare<unknown[], number>('SELECT created_at FROM tasks INDEXED BY tasks_id WHERE id >= ? ORDER BY id LIMIT 1')
      .pluck()
    this.#tasks = db
      .prepare<unknown[], TaskRow>(
        `SELECT func_name, queue, source, status, duration_ms, wait_ms, start_time, end_time FROM tasks INDEXED BY tasks_id
         WHERE id >= ? AND id < ?`,
      )
      .raw()
    this.#kept = db.prepare<unknown[], StoredRow>(`${row} WHERE level = ? AND bucket = ?`).raw()
    this.#finer = db.prepare<unknown[], StoredRow>(`${row} WHERE level = ? AND bucket >= ? AND bucket < ?`).raw()
    this.#write = db.prepare('INSERT OR REPLACE INTO rollups VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    this.#remove = db.prepare(
      `DELETE FROM rollups WHERE level = ? AND bucket = ? AND func_name = ? AND queue = ? AND source = ? AND status = ?`,
    )
  }

  next({ after, mend }: RecountQuestion): Promise<RecountAnswer> {
    return this.commit.run(() => {
      // Counts that the same transaction has gathered and not written yet would look like differences.
      this.rollups.flush()
      const endMs = performance.now() + sliceMs
      const differences: CountDifference[] = []
      let checked = 0
      let place = this.#placeAfter(after)
      while (place !== null) {
        checked += 1
        differences.push(...this.#compare(place, mend))
        const done = formatPlace(place)
        if (performance.now() > endMs) return answer(checked, differences, done)
        place = this.#placeAfter(done)
      }
      return answer(checked, differences, null)
    })
  }

  /** Buckets in order, level by level, the finest first. */
  #placeAfter(after: string | null): BucketPlace | null {
    let { index, bucket } = after === null ? { index: 0, bucket: -1 } : parsePlace(after)
    for (; index < levels.length; index += 1) {
      const next = this.#nextBucket(index, bucket)
      if (next !== null) return { index, bucket: next }
      bucket = -1
    }
    return null
  }

  /** The next one that has rows, or something to make rows of. */
  #nextBucket(index: number, bucket: number): number | null {
    const level = levels[index] ?? 0
    if (level === 0) return bucket < 0 ? 0 : null
    const from = bucket < 0 ? 0 : bucket + level
    const kept = this.#nextRow.get(level, from) ?? null
    const source = index === 0 ? this.#nextTask.get(firstIdAt(from)) : this.#nextRow.get(levels[index - 1], from)
    if (source === undefined || source === null) return kept
    const counted = Math.floor(source / level) * level
    return kept === null ? counted : Math.min(kept, counted)
  }

  #compare({ index, bucket }: BucketPlace, mend: boolean): readonly CountDifference[] {
    const level = levels[index] ?? 0
    const counts = index === 0 ? this.#countTasks(bucket) : this.#countFiner(index, bucket)
    const differences: CountDifference[] = []
    for (const stored of this.#kept.all(level, bucket)) {
      const place = placeOf(stored)
      const count = counts.get(keyOf(place)) ?? new Count(place)
      counts.delete(keyOf(place))
      if (isRight(stored, count)) continue
      differences.push(difference(level, bucket, place, stored[4], count.tasks))
      if (mend) this.#put(level, bucket, count)
    }
    for (const count of counts.values()) {
      differences.push(difference(level, bucket, count.place, 0, count.tasks))
      if (mend) this.#put(level, bucket, count)
    }
    return differences
  }

  #put(level: number, bucket: number, count: Count): void {
    if (count.tasks <= 0) this.#remove.run(level, bucket, ...rowPlace(count.place))
    else {
      const [funcName, queue, source, status] = count.place
      const { earliest, latest } = count.bounds
      this.#write.run(level, bucket, funcName, queue, source, status, ...count.values(), earliest, latest)
    }
  }

  #countTasks(bucket: number): Map<string, Count> {
    const counts = new Map<string, Count>()
    for (const row of this.#tasks.iterate(firstIdAt(bucket), firstIdAt(bucket + minuteMs))) {
      const status = row[3]
      if (isTaskStatus(status)) countAt(counts, placeOf(row)).addTask(status, row)
    }
    return counts
  }

  #countFiner(index: number, bucket: number): Map<string, Count> {
    const counts = new Map<string, Count>()
    const end = levels[index] === 0 ? Number.MAX_SAFE_INTEGER : bucket + (levels[index] ?? 0)
    for (const row of this.#finer.iterate(levels[index - 1], bucket, end)) countAt(counts, placeOf(row)).addStored(row)
    return counts
  }
}

interface BucketPlace {
  readonly index: number
  readonly bucket: number
}

function formatPlace({ index, bucket }: BucketPlace): string {
  return `${index}:${bucket}`
}

function parsePlace(text: string): { index: number; bucket: number } {
  const [index = 0, bucket = -1] = text.split(':').map(Number)
  return { index, bucket }
}

function answer(checked: number, differences: readonly CountDifference[], next: string | null): RecountAnswer {
  return { checked, differing: differences.length, examples: differences.slice(0, maxExamples), next }
}

function difference(
  level: number,
  bucket: number,
  [funcName, queue, source, status]: Place,
  kept: number,
  counted: number,
): CountDifference {
  return { bucketMs: level === 0 ? null : level, since: bucket, funcName, queue, source, status, kept, counted }
}

function placeOf(row: readonly unknown[]): Place {
  return [row[0], row[1], row[2], row[3]] as unknown as Place
}

function rowPlace([funcName, queue, source, status]: Place): readonly string[] {
  return [funcName, queue, source, status]
}

function keyOf(place: Place): string {
  return JSON.stringify(place)
}

function countAt(counts: Map<string, Count>, place: Place): Count {
  const key = keyOf(place)
  const known = counts.get(key)
  if (known) return known
  const fresh = new Count(place)
  counts.set(key, fresh)
  return fresh
}

/** Sums that were added to and subtracted from for long are not exact to the last digit, and bounds may be too wide. */
function isRight(stored: StoredRow, count: Count): boolean {
  const [earliest, latest] = [stored[11], stored[12]]
  const counted = count.values()
  if (!covers({ earliest, latest }, count.bounds)) return false
  return counted.every((other, index) => {
    const value = stored[index + 4]
    if (typeof value !== 'number' || typeof other !== 'number') return value === other
    return Math.abs(value - other) <= 0.001 + 1e-6 * Math.max(Math.abs(value), Math.abs(other))
  })
}
