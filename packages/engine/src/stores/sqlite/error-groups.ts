import type { Database } from 'better-sqlite3'
import { errorKind } from '../../core/error-group.ts'
import type { TaskRecord } from '../../core/record.ts'
import { errorWindows, hourOf, withFunction } from '../error-book.ts'
import { errorCountsMs, maxErrorGroups, type ErrorGroup, type ErrorQuestion } from '../fleet.ts'
import type { StatementCache } from './statement-cache.ts'

/** Counts failures by kind, inside the transaction that is open. */
export class ErrorCounter {
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
    this.#functionsOf = db
      .prepare<unknown[], string>('SELECT functions FROM error_groups WHERE fingerprint = ?')
      .pluck()
    this.#insert = db.prepare('INSERT INTO error_groups VALUES (?, ?, ?, ?, ?, ?, ?)')
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

  run(record: TaskRecord): void {
    const { fingerprint, type } = errorKind(record)
    const { taskId, funcName } = record
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

/** The groups with their counts, the one that was seen last first. */
export function readErrorGroups(cache: StatementCache, { now, since }: ErrorQuestion): readonly ErrorGroup[] {
  const { hour, day, week } = errorWindows(now)
  const rows = cache.rows(
    `SELECT fingerprint, type, message, functions, first_seen, last_seen, sample_task,
       coalesce(sum(tasks) FILTER (WHERE hour >= ?), 0), coalesce(sum(tasks) FILTER (WHERE hour >= ?), 0),
       coalesce(sum(tasks) FILTER (WHERE hour >= ?), 0)
     FROM error_groups LEFT JOIN error_counts USING (fingerprint)
     WHERE last_seen >= ? GROUP BY fingerprint ORDER BY last_seen DESC, fingerprint`,
    hour,
    day,
    week,
    since ?? Number.MIN_SAFE_INTEGER,
  )
  return rows.map((row) => ({
    fingerprint: row[0] as string,
    type: row[1] as string,
    message: row[2] as string,
    functions: JSON.parse(row[3] as string) as string[],
    firstSeen: row[4] as number,
    lastSeen: row[5] as number,
    sampleTaskId: row[6] as string,
    lastHour: row[7] as number,
    lastDay: row[8] as number,
    lastWeek: row[9] as number,
  }))
}
