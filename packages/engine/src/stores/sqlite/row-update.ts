import type { Database, Statement } from 'better-sqlite3'
import type { TaskRecord } from '../../core/record.ts'
import { listToText, toJson, type Value } from './rows.ts'

/** Columns that a transition may change; their places are the bits of a mask. */
const columns = [
  'status',
  'run_at',
  'start_time',
  'end_time',
  'duration_ms',
  'wait_ms',
  'attempt',
  'retries_used',
  'priority',
  'error',
  'worker_id',
  'retry_count',
  'version',
  'interruptions',
  'cancel_requested_at',
  'error_code',
  'progress_payload',
  'result',
  'stacktrace',
  'progress',
  'truncated',
  'has_logs',
  'attempt_started_at',
] as const
const progressBit = columns.indexOf('progress')
const truncatedBit = columns.indexOf('truncated')
const hasLogsBit = columns.indexOf('has_logs')
const attemptStartBit = columns.indexOf('attempt_started_at')
/** There are as many statements as kinds of transitions, a few dozen. */
const maxStatements = 200

/**
 * Writes what a transition changes and nothing else: SQLite rewrites every index of a column that is set, even to the
 * value it has.
 */
export class RowUpdate {
  readonly #statements = new Map<number, Statement<Value[]>>()
  #mask = 0
  #values: Value[] = []

  constructor(
    private readonly db: Database,
    private readonly guard: string,
  ) {}

  /** `attemptStartedAt` null leaves that column alone and −1 empties it. Returns how many rows were changed. */
  run(previous: TaskRecord, next: TaskRecord, attemptStartedAt: number | null, guard: readonly Value[]): number {
    this.#mask = 0
    this.#values = []
    this.#compare(previous, next)
    if (previous.progress !== next.progress) this.#set(progressBit, toJson(next.progress))
    if (previous.truncated !== next.truncated) this.#set(truncatedBit, listToText(next.truncated))
    if (next.hasLogs && !previous.hasLogs) this.#set(hasLogsBit, 1)
    if (attemptStartedAt !== null) this.#set(attemptStartBit, attemptStartedAt < 0 ? null : attemptStartedAt)
    return this.#statement(this.#mask).run(...this.#values, ...guard).changes
  }

  /** Written out, in the order of the columns: looking fields up by name takes longer than the update itself. */
  #compare(previous: TaskRecord, next: TaskRecord): void {
    this.#note(0, previous.status, next.status)
    this.#note(1, previous.runAt, next.runAt)
    this.#note(2, previous.startTime, next.startTime)
    this.#note(3, previous.endTime, next.endTime)
    this.#note(4, previous.durationMs, next.durationMs)
    this.#note(5, previous.waitMs, next.waitMs)
    this.#note(6, previous.attempt, next.attempt)
    this.#note(7, previous.retriesUsed, next.retriesUsed)
    this.#note(8, previous.priority, next.priority)
    this.#note(9, previous.error, next.error)
    this.#note(10, previous.workerId, next.workerId)
    this.#note(11, previous.retryCount, next.retryCount)
    this.#note(12, previous.version, next.version)
    this.#note(13, previous.interruptions, next.interruptions)
    this.#note(14, previous.cancelRequestedAt, next.cancelRequestedAt)
    this.#note(15, previous.errorCode, next.errorCode)
    this.#note(16, previous.progressPayload, next.progressPayload)
    this.#note(17, previous.result, next.result)
    this.#note(18, previous.stacktrace, next.stacktrace)
  }

  #note(bit: number, before: Value, after: Value): void {
    if (before !== after) this.#set(bit, after)
  }

  #set(bit: number, value: Value): void {
    this.#mask |= 1 << bit
    this.#values.push(value)
  }

  #statement(mask: number): Statement<Value[]> {
    const known = this.#statements.get(mask)
    if (known) return known
    if (this.#statements.size >= maxStatements) this.#statements.clear()
    const changes = columns.filter((_, index) => mask & (1 << index)).map((column) => `${column} = ?`)
    const statement = this.db.prepare<Value[]>(`UPDATE tasks SET ${changes.join(', ')} WHERE ${this.guard}`)
    this.#statements.set(mask, statement)
    return statement
  }
}
