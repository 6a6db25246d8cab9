import { terminalStatuses, type Attempt } from '@taskloom/protocol'
import type { Database } from 'better-sqlite3'
import type { Creation, LogLine, TaskRecord, Transition } from '../../core/record.ts'
import type { DueQuestion, HistoryQuestion, TaskStore, Write, Written } from '../store.ts'
import type { GroupCommit } from './group-commit.ts'
import type { Rollups } from './rollups.ts'
import { RowInsert } from './row-insert.ts'
import { RowUpdate } from './row-update.ts'
import { guarded, taskStatements, type TaskStatements } from './statements.ts'
import { attemptToRow, impliedAttempt, recordFromRow, toJson } from './rows.ts'

/** More delayed tasks than this that are due at once are looked at in order of time, not of priority. */
const delayedPortion = 5_000

/** The verbs of the engine. Writes join the batch of this turn; reads answer at once from the writer's connection. */
export class SqliteTasks implements TaskStore {
  readonly #statements: TaskStatements
  readonly #insertRow: RowInsert
  readonly #update: RowUpdate

  constructor(
    db: Database,
    private readonly commit: GroupCommit,
    private readonly rollups: Rollups,
  ) {
    this.#statements = taskStatements(db)
    this.#insertRow = new RowInsert(db)
    this.#update = new RowUpdate(db, guarded)
  }

  write(batch: readonly Write[]): Promise<readonly Written[]> {
    return this.commit.runEach(batch, (write) => this.writeNow(write))
  }

  /** Writes inside a transaction that is already open. */
  writeNow(write: Write): TaskRecord | null {
    return write.previous === null ? this.#insert(write) : this.#save(write)
  }

  #insert({ next: record, attempt }: Creation): TaskRecord {
    const holder = this.#holderOf(record)
    if (holder) return holder
    const { insertAttempt, insertTag } = this.#statements
    const isSaid = attempt !== null && isImplied(record, attempt)
    this.#insertRow.run(record, isSaid ? attempt.startedAt : null)
    if (attempt && !isSaid) insertAttempt.run(...attemptToRow(record.taskId, attempt))
    for (const key in record.tags) insertTag.run(key, record.tags[key], record.taskId)
    this.rollups.add(record)
    return record
  }

  #save({ previous, next, attempt, logs }: Transition): TaskRecord | null {
    const guard = [previous.taskId, previous.status, previous.attempt, previous.workerId]
    if (leavesAttemptOpen(previous, next, attempt)) this.#statements.keepOpenAttempt.run(...guard)
    const isSaid = attempt !== null && isImplied(next, attempt)
    if (this.#update.run(previous, next, openStart(previous, next, attempt, isSaid), guard) !== 1) return null
    if (attempt && !isSaid) this.#statements.insertAttempt.run(...attemptToRow(next.taskId, attempt))
    this.#appendLines(next.taskId, logs)
    if (previous.tags !== next.tags) this.#replaceTags(next)
    this.rollups.subtract(previous)
    this.rollups.add(next)
    return next
  }

  appendLogs(taskId: string, lines: readonly LogLine[]): Promise<void> {
    return this.commit.run(() => this.#appendLines(taskId, lines))
  }

  async get(taskId: string): Promise<TaskRecord | undefined> {
    const row = this.#statements.get.get(taskId)
    return row && recordFromRow(row)
  }

  async due({ now, funcNames, limit }: DueQuestion): Promise<readonly TaskRecord[]> {
    if (funcNames.length === 0) return []
    const names = JSON.stringify(funcNames)
    const rows = [
      ...this.#statements.ready.all(names, limit),
      ...this.#statements.delayed.all(now, delayedPortion, names, limit),
    ]
    return rows.map(recordFromRow).sort(byUrgency).slice(0, limit)
  }

  async nextDueAt(now: number): Promise<number | null> {
    return this.#statements.nextDueAt.get(now) ?? null
  }

  async orphans(liveWorkerIds: readonly string[], limit: number): Promise<readonly TaskRecord[]> {
    return this.#statements.orphans.all(JSON.stringify(liveWorkerIds), limit).map(recordFromRow)
  }

  delete(taskId: string): Promise<boolean> {
    return this.commit.run(() => {
      const row = this.#statements.get.get(taskId)
      const record = row && recordFromRow(row)
      if (!record || !(terminalStatuses as readonly string[]).includes(record.status)) return false
      this.#remove(record)
      return true
    })
  }

  deleteHistory({ statuses, endedBefore, limit }: HistoryQuestion): Promise<readonly string[]> {
    const wanted = statuses.filter((status) => (terminalStatuses as readonly string[]).includes(status))
    return this.commit.run(() => {
      const rows = this.#statements.history.all(endedBefore, JSON.stringify(wanted), limit)
      const records = rows.map(recordFromRow)
      for (const record of records) this.#remove(record)
      return records.map(({ taskId }) => taskId)
    })
  }

  #holderOf({ idempotencyKey, schedule, slotAt }: TaskRecord): TaskRecord | undefined {
    const { keyHolder, slotHolder } = this.#statements
    const row =
      (idempotencyKey === null ? undefined : keyHolder.get(idempotencyKey)) ??
      (schedule === null || slotAt === null ? undefined : slotHolder.get(schedule, slotAt))
    return row && recordFromRow(row)
  }

  #appendLines(taskId: string, lines: readonly LogLine[]): void {
    if (lines.length === 0) return
    const { markLogs, lastLine, insertLog } = this.#statements
    if (markLogs.run(taskId).changes === 0) return
    let line = lastLine.get(taskId) ?? 0
    for (const { at, level, message, attempt, extra } of lines) {
      line += 1
      insertLog.run(taskId, line, at, level, message, attempt, toJson(extra))
    }
  }

  #replaceTags({ taskId, tags }: TaskRecord): void {
    const { oldTags, deleteTag, insertTag, setTags } = this.#statements
    for (const [key, value] of Object.entries(JSON.parse(oldTags.get(taskId) ?? '{}') as Record<string, string>)) {
      deleteTag.run(key, value, taskId)
    }
    for (const [key, value] of Object.entries(tags)) insertTag.run(key, value, taskId)
    setTags.run(JSON.stringify(tags), taskId)
  }

  #remove(record: TaskRecord): void {
    const { deleteTask, deleteAttempts, deleteLogs, deleteTag } = this.#statements
    deleteTask.run(record.taskId)
    deleteAttempts.run(record.taskId)
    if (record.hasLogs) deleteLogs.run(record.taskId)
    for (const [key, value] of Object.entries(record.tags)) deleteTag.run(key, value, record.taskId)
    this.rollups.subtract(record)
  }
}

/**
 * An attempt that has only started, or has succeeded, says nothing that its task does not say, except when it began: that
 * instant is kept in the task's row, and a task that succeeds at once costs no row of attempts.
 */
function isImplied(task: TaskRecord, attempt: Attempt): boolean {
  const implied = impliedAttempt(task, attempt.startedAt)
  return (
    implied !== null &&
    attempt.attempt === implied.attempt &&
    attempt.endedAt === implied.endedAt &&
    attempt.outcome === implied.outcome &&
    attempt.error === null &&
    attempt.stacktrace === null &&
    attempt.workerId === implied.workerId
  )
}

/** Whether the task goes on to something else although this transition does not say how the attempt in its row went. */
function leavesAttemptOpen(previous: TaskRecord, next: TaskRecord, attempt: Attempt | null): boolean {
  if (attempt) return attempt.attempt !== previous.attempt && previous.attempt > 0
  return next.attempt !== previous.attempt || next.workerId !== previous.workerId || next.status !== previous.status
}

/** The start to keep in the task's row: null leaves what is there, −1 takes it away. */
function openStart(previous: TaskRecord, next: TaskRecord, attempt: Attempt | null, isSaid: boolean): number | null {
  if (attempt) return isSaid ? attempt.startedAt : -1
  return leavesAttemptOpen(previous, next, null) ? -1 : null
}

function byUrgency(a: TaskRecord, b: TaskRecord): number {
  return (b.priority ?? 0) - (a.priority ?? 0) || (a.taskId < b.taskId ? -1 : 1)
}
