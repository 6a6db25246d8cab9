import type { Database } from './driver/port.ts'
import { errorKind } from '../../core/error-group.ts'
import type { TaskRecord } from '../../core/record.ts'
import { hourOf, withFunction } from '../error-book.ts'
import { errorCountsMs, maxErrorGroups } from '../fleet.ts'

/** Marks failures with their kind and counts them, inside the transaction that is open. */
export class ErrorCounter {
  readonly #mark
  readonly #functionsOf
  readonly #insert
  readonly #update
  readonly #count
  readonly #size
  readonly #oldest
  readonly #dropGroup
  readonly #dropCounts
  readonly #dropOld
  #sweptHour = 0

  constructor(db: Database) {
    this.#mark = db.prepare('UPDATE tasks SET error_group = ? WHERE id = ?')
    this.#functionsOf = db
      .prepare<unknown[], string>('SELECT functions FROM error_groups WHERE fingerprint = ?')
      .pluck()
    this.#insert = db.prepare(
      `INSERT INTO error_groups (fingerprint, type, message, functions, first_seen, last_seen, sample_task)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#update = db.prepare(
      `UPDATE error_groups SET message = ?, functions = ?, last_seen = max(last_seen, ?), sample_task = ?
       WHERE fingerprint = ?`,
    )
    this.#count = db.prepare(
      'INSERT INTO error_counts VALUES (?, ?, 1) ON CONFLICT (fingerprint, hour) DO UPDATE SET tasks = tasks + 1',
    )
    this.#size = db.prepare<unknown[], number>('SELECT count(*) FROM error_groups').pluck()
    this.#oldest = db
      .prepare<unknown[], string>('SELECT fingerprint FROM error_groups ORDER BY last_seen LIMIT 1')
      .pluck()
    this.#dropGroup = db.prepare('DELETE FROM error_groups WHERE fingerprint = ?')
    this.#dropCounts = db.prepare('DELETE FROM error_counts WHERE fingerprint = ?')
    this.#dropOld = db.prepare('DELETE FROM error_counts WHERE hour < ?')
  }

  /** What was stored as failed from the first has failed elsewhere and is not counted. */
  run(record: TaskRecord, isCounted: boolean): void {
    const { fingerprint, type } = errorKind(record)
    const { taskId, funcName } = record
    this.#mark.run(fingerprint, taskId)
    if (!isCounted) return
    const error = record.error ?? ''
    const at = record.endTime ?? record.createdAt
    const known = this.#functionsOf.get(fingerprint)
    if (known === undefined) {
      this.#makeRoom()
      this.#insert.run(fingerprint, type, error, JSON.stringify([funcName]), at, at, taskId)
    } else {
      const functions = withFunction(JSON.parse(known) as string[], funcName)
      this.#update.run(error, JSON.stringify(functions), at, taskId, fingerprint)
    }
    const hour = hourOf(at)
    this.#count.run(fingerprint, hour)
    if (hour <= this.#sweptHour) return
    this.#sweptHour = hour
    this.#dropOld.run(at - errorCountsMs)
  }

  #makeRoom(): void {
    if ((this.#size.get() ?? 0) < maxErrorGroups) return
    const oldest = this.#oldest.get()
    this.#dropGroup.run(oldest)
    this.#dropCounts.run(oldest)
  }
}
