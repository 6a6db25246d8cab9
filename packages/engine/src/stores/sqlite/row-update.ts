import type { Database, Statement } from './driver/port.ts'
import type { TaskRecord, Transition } from '../../core/record.ts'
import type { RowSpan } from './row-places.ts'
import { listToText, toJson } from '../reading/rows.ts'
import type { Value } from '../sql/database.ts'

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
  'queue',
] as const
const progressBit = columns.indexOf('progress')
const truncatedBit = columns.indexOf('truncated')
const hasLogsBit = columns.indexOf('has_logs')
const attemptStartBit = columns.indexOf('attempt_started_at')
const queueBit = columns.indexOf('queue')
/** There are as many statements as kinds of transitions, a few dozen. */
const maxStatements = 200

/** What a transition changes in its row: a bit for each column that is set, and the values in that order. */
export interface RowChange {
  readonly mask: number
  readonly values: readonly Value[]
}

/**
 * Nothing but what is different: SQLite rewrites every index of a column that is set, even to the value it has.
 * `attemptStartedAt` null leaves that column alone and −1 empties it.
 */
export function changeOf({ previous, next }: Transition, attemptStartedAt: number | null): RowChange {
  const change = new Change()
  gather(change, previous, next, attemptStartedAt)
  return change
}

function gather(change: Change, previous: TaskRecord, next: TaskRecord, attemptStartedAt: number | null): void {
  compare(change, previous, next)
  if (previous.progress !== next.progress) change.set(progressBit, toJson(next.progress))
  if (previous.truncated !== next.truncated) change.set(truncatedBit, listToText(next.truncated))
  if (next.hasLogs && !previous.hasLogs) change.set(hasLogsBit, 1)
  if (attemptStartedAt !== null) change.set(attemptStartBit, attemptStartedAt < 0 ? null : attemptStartedAt)
  change.note(queueBit, previous.queue, next.queue)
}

/** Whether a transition that leaves the start of its attempt alone changes the same to the same. */
export function isSameChange({ mask, values }: RowChange, { previous, next }: Transition): boolean {
  scratch.clear()
  gather(scratch, previous, next, null)
  if (scratch.mask !== mask) return false
  for (let index = 0; index < values.length; index += 1) if (scratch.values[index] !== values[index]) return false
  return true
}

class Change implements RowChange {
  mask = 0
  readonly values: Value[] = []

  note(bit: number, before: Value, after: Value): void {
    if (before !== after) this.set(bit, after)
  }

  set(bit: number, value: Value): void {
    this.mask |= 1 << bit
    this.values.push(value)
  }

  clear(): void {
    this.mask = 0
    this.values.length = 0
  }
}

/** What a transition is compared with others by; used again for each. */
const scratch = new Change()

/** Written out, in the order of the columns: looking fields up by name takes longer than the update itself. */
function compare(change: Change, previous: TaskRecord, next: TaskRecord): void {
  change.note(0, previous.status, next.status)
  change.note(1, previous.runAt, next.runAt)
  change.note(2, previous.startTime, next.startTime)
  change.note(3, previous.endTime, next.endTime)
  change.note(4, previous.durationMs, next.durationMs)
  change.note(5, previous.waitMs, next.waitMs)
  change.note(6, previous.attempt, next.attempt)
  change.note(7, previous.retriesUsed, next.retriesUsed)
  change.note(8, previous.priority, next.priority)
  change.note(9, previous.error, next.error)
  change.note(10, previous.workerId, next.workerId)
  change.note(11, previous.retryCount, next.retryCount)
  change.note(12, previous.version, next.version)
  change.note(13, previous.interruptions, next.interruptions)
  change.note(14, previous.cancelRequestedAt, next.cancelRequestedAt)
  change.note(15, previous.errorCode, next.errorCode)
  change.note(16, previous.progressPayload, next.progressPayload)
  change.note(17, previous.result, next.result)
  change.note(18, previous.stacktrace, next.stacktrace)
}

/**
 * Whether a row still is what a transition starts from. The sign keeps SQLite from looking for all that run when it was
 * told where they are.
 */
const isUnchanged = '+status = ? AND attempt = ? AND worker_id IS ?'
/** What waits may have been moved meanwhile, and is counted in its new queue then. What runs stays where it is. */
const isInQueue = '+queue = ?'

/** Changes rows that still are what their transitions start from. */
export class RowUpdate {
  readonly #one: Statements
  readonly #several: Statements
  readonly #neighbours: Statements
  readonly #starts: Statement<Value[]>

  constructor(db: Database) {
    this.#one = new Statements(db, `id = ? AND ${isUnchanged} AND ${isInQueue}`)
    this.#several = new Statements(
      db,
      `id IN (SELECT value FROM json_each(?)) AND ${isUnchanged} AND attempt_started_at IS NOT NULL`,
    )
    this.#starts = db.prepare(
      `UPDATE tasks SET status = 'running', attempt = 1, worker_id = ?, start_time = ?, attempt_started_at = ?,
         wait_ms = max(0, ? - created_at), version = version + 1
       WHERE id IN (SELECT value FROM json_each(?)) AND +status = 'pending' AND attempt = 0 AND worker_id IS NULL
         AND ${isInQueue}`,
    )
    // A range of ids holds nobody else's tasks of one worker, so the rows there are the ones that were meant.
    this.#neighbours = new Statements(
      db,
      `rowid BETWEEN ? AND ? AND +id BETWEEN ? AND ? AND ${isUnchanged} AND attempt_started_at IS NOT NULL`,
    )
  }

  /** Tasks of one queue that all {@link startsPlainly}, at one instant; whether all were changed. */
  startSeveral(transitions: readonly Transition[]): boolean {
    const { startTime = null, workerId = null, queue = '' } = transitions[0]?.next ?? {}
    const ids = JSON.stringify(transitions.map(({ next }) => next.taskId))
    return this.#starts.run(workerId, startTime, startTime, startTime, ids, queue).changes === transitions.length
  }

  /** Whether the row was changed. */
  run({ mask, values }: RowChange, { taskId, status, attempt, workerId, queue }: TaskRecord): boolean {
    return this.#one.get(mask).run(...values, taskId, status, attempt, workerId, queue).changes === 1
  }

  /**
   * The same change of several rows whose start of attempt is kept in them; whether all were changed. `span` is null when
   * their places are not known.
   */
  runSeveral({ mask, values }: RowChange, transitions: readonly Transition[], span: RowSpan | null): boolean {
    const [first] = transitions
    if (!first) return true
    const { status, attempt, workerId } = first.previous
    const where = span
      ? [span.firstRow, span.lastRow, span.firstId, span.lastId]
      : [JSON.stringify(transitions.map(({ next }) => next.taskId))]
    const statement = (span ? this.#neighbours : this.#several).get(mask)
    return statement.run(...values, ...where, status, attempt, workerId).changes === transitions.length
  }
}

/** Statements by the columns they set. */
class Statements {
  readonly #statements = new Map<number, Statement<Value[]>>()

  constructor(
    private readonly db: Database,
    private readonly where: string,
  ) {}

  get(mask: number): Statement<Value[]> {
    const known = this.#statements.get(mask)
    if (known) return known
    if (this.#statements.size >= maxStatements) this.#statements.clear()
    const changes = columns.filter((_, index) => mask & (1 << index)).map((column) => `${column} = ?`)
    const statement = this.db.prepare<Value[]>(`UPDATE tasks SET ${changes.join(', ')} WHERE ${this.where}`)
    this.#statements.set(mask, statement)
    return statement
  }
}
