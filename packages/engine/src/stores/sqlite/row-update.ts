import type { Database, Statement } from 'better-sqlite3'
import type { TaskRecord } from '../../core/record.ts'
import { listToText, toJson, type Value } from './rows.ts'

/** Columns that a transition may change, and how their values are written. */
const columns: readonly (readonly [column: string, field: keyof TaskRecord, write?: (record: TaskRecord) => Value])[] =
  [
    ['status', 'status'],
    ['run_at', 'runAt'],
    ['start_time', 'startTime'],
    ['end_time', 'endTime'],
    ['duration_ms', 'durationMs'],
    ['wait_ms', 'waitMs'],
    ['attempt', 'attempt'],
    ['retries_used', 'retriesUsed'],
    ['priority', 'priority'],
    ['error', 'error'],
    ['progress', 'progress', ({ progress }) => toJson(progress)],
    ['worker_id', 'workerId'],
    ['retry_count', 'retryCount'],
    ['version', 'version'],
    ['interruptions', 'interruptions'],
    ['cancel_requested_at', 'cancelRequestedAt'],
    ['error_code', 'errorCode'],
    ['progress_payload', 'progressPayload'],
    ['result', 'result'],
    ['stacktrace', 'stacktrace'],
    ['truncated', 'truncated', ({ truncated }) => listToText(truncated)],
  ]
const hasLogsBit = columns.length
const attemptBit = columns.length + 1
/** There are as many statements as kinds of transitions, a few dozen. */
const maxStatements = 200

/**
 * Writes what a transition changes and nothing else: SQLite rewrites every index of a column that is set, even to the
 * value it has.
 */
export class RowUpdate {
  readonly #statements = new Map<number, Statement<Value[]>>()

  constructor(
    private readonly db: Database,
    private readonly guard: string,
  ) {}

  /** `attemptStartedAt` null leaves that column alone and −1 empties it. Returns how many rows were changed. */
  run(previous: TaskRecord, next: TaskRecord, attemptStartedAt: number | null, guard: readonly Value[]): number {
    const values: Value[] = []
    let mask = 0
    for (let index = 0; index < columns.length; index += 1) {
      const [, field, write] = columns[index]!
      if (previous[field] === next[field]) continue
      mask |= 1 << index
      values.push(write ? write(next) : (next[field] as Value))
    }
    if (next.hasLogs && !previous.hasLogs) mask |= 1 << hasLogsBit
    if (attemptStartedAt !== null) {
      mask |= 1 << attemptBit
      values.push(attemptStartedAt)
    }
    return this.#statement(mask).run(...values, ...guard).changes
  }

  #statement(mask: number): Statement<Value[]> {
    const known = this.#statements.get(mask)
    if (known) return known
    if (this.#statements.size >= maxStatements) this.#statements.clear()
    const changes = columns.filter((_, index) => mask & (1 << index)).map(([column]) => `${column} = ?`)
    if (mask & (1 << hasLogsBit)) changes.push('has_logs = 1')
    if (mask & (1 << attemptBit)) changes.push('attempt_started_at = nullif(?, -1)')
    const statement = this.db.prepare<Value[]>(`UPDATE tasks SET ${changes.join(', ')} WHERE ${this.guard}`)
    this.#statements.set(mask, statement)
    return statement
  }
}
