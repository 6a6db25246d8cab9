import type { Database } from './driver/port.ts'
import { addBins } from '../histogram.ts'
import { levels } from '../reading/cube.ts'
import { changesNoSum, fold, isNothing, RollupChanges } from '../rollup-changes.ts'
import type { Counted, RollupChange, Timed } from '../rollup-changes.ts'
import { covers, noBounds } from '../time-bounds.ts'
import type { BatchMember } from './group-commit.ts'

type StoredRow = [number, number, number, string | null, number, number, string | null, number, number]

/**
 * Counts per bucket of creation time, function, queue, source and status, with sums and bins of durations. Gathers what
 * the operations of a batch change and writes each touched row once, in their transaction. Bins lie packed in the row:
 * a figure over many tasks reads few rows.
 */
export class Rollups implements BatchMember {
  readonly #changes = new RollupChanges()
  readonly #read
  readonly #write
  readonly #count
  readonly #remove

  constructor(db: Database) {
    const key = 'level = ? AND bucket = ? AND func_name = ? AND queue = ? AND source = ? AND status = ?'
    this.#read = db
      .prepare<unknown[], StoredRow>(
        `SELECT tasks, duration_count, duration_sum, duration_bins, wait_count, wait_sum, wait_bins, earliest, latest
         FROM rollups WHERE ${key}`,
      )
      .raw()
    this.#write = db.prepare('INSERT OR REPLACE INTO rollups VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    this.#count = db.prepare(`UPDATE rollups SET tasks = ? WHERE ${key}`)
    this.#remove = db.prepare(`DELETE FROM rollups WHERE ${key}`)
  }

  add(task: Timed): void {
    this.#changes.add(task)
  }

  replace(before: Timed, after: Timed): void {
    this.#changes.replace(before, after)
  }

  subtract(task: Counted): void {
    this.#changes.subtract(task)
  }

  flush(): void {
    const minutes = this.#changes.minutes()
    if (minutes.length === 0) return
    for (const level of levels) {
      for (const change of fold(minutes, level)) this.#apply(level, change)
    }
    this.reset()
  }

  reset(): void {
    this.#changes.clear()
  }

  #apply(level: number, change: RollupChange): void {
    if (isNothing(change)) return
    const { bucket, funcName, queue, source, status, tasks, duration, wait } = change
    const key = [level, bucket, funcName, queue, source, status]
    const [storedTasks, dCount, dSum, dBins, wCount, wSum, wBins, earliest, latest] = this.#read.get(...key) ?? nothing
    const total = storedTasks + tasks
    if (total <= 0) return void this.#remove.run(...key)
    if (storedTasks > 0 && changesNoSum(change) && covers({ earliest, latest }, change)) {
      if (tasks !== 0) this.#count.run(total, ...key)
      return
    }
    this.#write.run(
      ...key,
      total,
      dCount + duration.count,
      dSum + duration.sum,
      addBins(dBins, duration.bins),
      wCount + wait.count,
      wSum + wait.sum,
      addBins(wBins, wait.bins),
      Math.min(earliest, change.earliest),
      Math.max(latest, change.latest),
    )
  }
}

const nothing: StoredRow = [0, 0, 0, null, 0, 0, null, noBounds.earliest, noBounds.latest]
