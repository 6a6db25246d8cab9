import type { Database, Statement } from './driver/port.ts'
import type { TaskRecord } from '../../core/record.ts'
import { addBins } from '../histogram.ts'
import { tally, type Tally } from '../tally.ts'

type DeletedRow = [
  tasks: number,
  durationSum: number,
  durationBins: string | null,
  waitSum: number,
  waitBins: string | null,
]

const nothing: DeletedRow = [0, 0, null, 0, null]

/**
 * Counts that must never fall: of tasks that were deleted, and of retries. Written in the transaction that deletes or
 * retries; its statements are made when they are first needed.
 */
export class SqliteLedger {
  #statements: LedgerStatements | null = null

  constructor(private readonly db: Database) {}

  addDeleted(records: readonly TaskRecord[]): void {
    const tallies = new Map<string, Tally>()
    tally(tallies, records)
    for (const deleted of tallies.values()) this.#add(deleted)
  }

  addRetries({ retriesUsed: before }: TaskRecord, { funcName, queue, retriesUsed }: TaskRecord): void {
    this.#prepared().retry.run(funcName, queue, retriesUsed - before)
  }

  #add({ funcName, queue, status, tasks, duration, wait }: Tally): void {
    const { read, write } = this.#prepared()
    const key = [funcName, queue, status]
    const [stored, durationSum, durationBins, waitSum, waitBins] = read.get(...key) ?? nothing
    write.run(
      ...key,
      stored + tasks,
      durationSum + duration.sum,
      addBins(durationBins, duration.bins),
      waitSum + wait.sum,
      addBins(waitBins, wait.bins),
    )
  }

  #prepared(): LedgerStatements {
    this.#statements ??= prepare(this.db)
    return this.#statements
  }
}

interface LedgerStatements {
  readonly read: Statement<unknown[], DeletedRow>
  readonly write: Statement<unknown[]>
  readonly retry: Statement<unknown[]>
}

function prepare(db: Database): LedgerStatements {
  return {
    read: db
      .prepare<unknown[], DeletedRow>(
        `SELECT tasks, duration_sum, duration_bins, wait_sum, wait_bins FROM deleted_counts
         WHERE func_name = ? AND queue = ? AND status = ?`,
      )
      .raw(),
    write: db.prepare('INSERT OR REPLACE INTO deleted_counts VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    retry: db.prepare(
      `INSERT INTO retry_counts VALUES (?, ?, ?)
       ON CONFLICT (func_name, queue) DO UPDATE SET retries = retries + excluded.retries`,
    ),
  }
}
