import type { Database, Statement } from './driver/port.ts'
import type { Creation, TaskRecord } from '../../core/record.ts'
import { isImplied } from '../attempts.ts'
import { recordColumns, toRow } from '../reading/rows.ts'
import type { Value } from '../sql/database.ts'

/** Columns in which the tasks of one burst are mostly alike: those are bound once. */
const sharedColumns = [
  'status',
  'func_name',
  'queue',
  'attempt',
  'max_retries',
  'priority',
  'executor',
  'source',
  'worker_id',
  'version',
]
/** Columns in which they differ. */
const ownColumns = ['id', 'created_at', 'start_time', 'wait_ms', 'args']
const plainColumns = [...sharedColumns, ...ownColumns, 'attempt_started_at']

/** So many plain rows are stored by one statement. */
export const rowsAtOnce = 25

/** Stores new rows. Most tasks begin with nothing but a few fields: those bind a third of the columns. */
export class RowInsert {
  readonly #plain: Statement<Value[]>
  readonly #several: Statement<Value[]>
  readonly #alike: Statement<Value[]>
  readonly #whole: Statement<Value[]>

  constructor(db: Database) {
    this.#plain = insertInto(db, plainColumns, 1)
    this.#several = insertInto(db, plainColumns, rowsAtOnce)
    this.#alike = db.prepare(insertAlike())
    this.#whole = insertInto(db, [...recordColumns, 'attempt_started_at'], 1)
  }

  /** `attemptStartedAt` is null when the attempt, if there is one, has a row of its own. Returns the place of the row. */
  run(record: TaskRecord, attemptStartedAt: number | null): number {
    if (!hasPlainRow(record)) return Number(this.#whole.run(...toRow(record), attemptStartedAt).lastInsertRowid)
    const values: Value[] = []
    pushPlain(values, record, attemptStartedAt)
    return Number(this.#plain.run(...values).lastInsertRowid)
  }

  /** {@link rowsAtOnce} tasks that are all {@link isPlain}. Returns the place of the last; the others lie before it in turn. */
  runSeveral(creations: readonly Creation[]): number {
    const values: Value[] = []
    const isAlike = areAlike(creations)
    if (isAlike && creations[0]) pushShared(values, creations[0].next)
    for (const { next, attempt } of creations) {
      if (isAlike) pushOwn(values, next)
      else pushPlain(values, next, attempt?.startedAt ?? null)
    }
    return Number((isAlike ? this.#alike : this.#several).run(...values).lastInsertRowid)
  }
}

/** Whether a new task is its row and nothing else, and can clash with no other: no tags, keys or attempt of its own. */
export function isPlain({ next, attempt }: Creation): boolean {
  return hasPlainRow(next) && (attempt === null || isImplied(next, attempt))
}

function pushPlain(values: Value[], record: TaskRecord, attemptStartedAt: number | null): void {
  pushShared(values, record)
  pushOwn(values, record)
  values.push(attemptStartedAt)
}

/** In the order of {@link ownColumns}. */
function pushOwn(values: Value[], { taskId, createdAt, startTime, waitMs, args }: TaskRecord): void {
  values.push(taskId, createdAt, startTime, waitMs, args)
}

/** In the order of {@link sharedColumns}. */
function pushShared(values: Value[], record: TaskRecord): void {
  values.push(
    record.status,
    record.funcName,
    record.queue,
    record.attempt,
    record.maxRetries,
    record.priority,
    record.executor,
    record.source,
    record.workerId,
    record.version,
  )
}

/** Whether they differ in nothing but {@link ownColumns}, and began when their tasks did. */
function areAlike(creations: readonly Creation[]): boolean {
  const first = creations[0]?.next
  return first !== undefined && creations.every((creation) => isLike(creation, first))
}

function isLike({ next, attempt }: Creation, first: TaskRecord): boolean {
  return (
    next.status === first.status &&
    next.funcName === first.funcName &&
    next.queue === first.queue &&
    next.attempt === first.attempt &&
    next.maxRetries === first.maxRetries &&
    next.priority === first.priority &&
    next.executor === first.executor &&
    next.source === first.source &&
    next.workerId === first.workerId &&
    next.version === first.version &&
    next.startTime === (attempt?.startedAt ?? null)
  )
}

function insertAlike(): string {
  const shared = sharedColumns.map((column) => `? AS ${column}`).join(', ')
  const own = Array.from({ length: rowsAtOnce }, () => `(${ownColumns.map(() => '?').join(', ')})`).join(', ')
  const from = plainColumns.map((column) => {
    const place = ownColumns.indexOf(column === 'attempt_started_at' ? 'start_time' : column)
    return place < 0 ? `shared.${column}` : `own.column${place + 1}`
  })
  return `INSERT INTO tasks (${plainColumns.join(', ')}) SELECT ${from.join(', ')}
    FROM (SELECT ${shared}) shared CROSS JOIN (VALUES ${own}) own`
}

function insertInto(db: Database, columns: readonly string[], rows: number): Statement<Value[]> {
  const row = `(${columns.map(() => '?').join(', ')})`
  const values = Array.from({ length: rows }, () => row).join(', ')
  return db.prepare(`INSERT INTO tasks (${columns.join(', ')}) VALUES ${values}`)
}

/** Whether every other column has the value that the schema gives it by default. */
function hasPlainRow(record: TaskRecord): boolean {
  return isUntouched(record) && isUnlabelled(record)
}

/** Nothing has happened to it yet that is kept in the other columns. */
function isUntouched(record: TaskRecord): boolean {
  return (
    record.endTime === null &&
    record.durationMs === null &&
    record.retriesUsed === 0 &&
    record.error === null &&
    record.errorCode === null &&
    record.stacktrace === null &&
    record.result === null &&
    record.progress === null &&
    record.progressPayload === null &&
    !record.hasLogs &&
    record.retryCount === 0 &&
    record.interruptions === 0 &&
    record.cancelRequestedAt === null &&
    record.truncated.length === 0
  )
}

/** Whoever asked for it said nothing that is kept in the other columns. */
function isUnlabelled(record: TaskRecord): boolean {
  for (const key in record.tags) if (Object.hasOwn(record.tags, key)) return false
  return (
    record.runAt === null &&
    record.userLabel === null &&
    record.retriedFrom === null &&
    record.idempotencyKey === null &&
    record.schedule === null &&
    record.slotAt === null &&
    record.traceId === null &&
    record.traceparent === null &&
    record.redact.length === 0 &&
    record.locks.length === 0 &&
    record.affected.length === 0
  )
}
