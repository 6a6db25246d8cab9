import { isTerminal, terminalStatuses } from '@taskloom/protocol'
import type { Database } from './driver/port.ts'
import { TaskError } from '../../core/errors.ts'
import type { Creation, LogLine, TaskRecord, Transition } from '../../core/record.ts'
import type { AuditDraft } from '../audit.ts'
import { withDeleted } from '../audit-chain.ts'
import type { Beside, DueQuestion, HistoryQuestion, NewTaskWrite, TaskStore, Write, Written } from '../store.ts'
import { isNewFailure } from '../error-book.ts'
import { isImplied, leavesAttemptOpen, openStart } from '../attempts.ts'
import { AuditInsert } from './audit.ts'
import type { Checkpoints } from './checkpoints.ts'
import { chunksOf, type Chunk } from './chunks.ts'
import type { GroupCommit } from './group-commit.ts'
import { ErrorCounter } from './error-groups.ts'
import { SqliteLedger } from './ledger.ts'
import type { SqliteLocks } from './locks.ts'
import { OperationItems } from './operations.ts'
import { OutboxInsert } from './outbox.ts'
import type { Rollups } from './rollups.ts'
import { RowInsert } from './row-insert.ts'
import { RowPlaces } from './row-places.ts'
import { changeOf, RowUpdate } from './row-update.ts'
import { taskStatements, type TaskStatements } from './statements.ts'
import { attemptToRow, recordFromRow, toJson } from '../reading/rows.ts'

/** More delayed tasks than this that are due at once are looked at in order of time, not of priority. */
const delayedPortion = 5_000

type Answer = readonly Written[] | TaskError

/** The verbs of the engine. Writes join the batch of this turn; reads answer at once from the writer's connection. */
export class SqliteTasks implements TaskStore {
  readonly #statements: TaskStatements
  readonly #insertRow: RowInsert
  readonly #update: RowUpdate
  readonly #outbox: OutboxInsert
  readonly #items: OperationItems
  readonly #ledger: SqliteLedger
  readonly #audit: AuditInsert
  readonly #errors: ErrorCounter
  readonly #places = new RowPlaces()

  constructor(
    db: Database,
    private readonly commit: GroupCommit,
    private readonly rollups: Rollups,
    private readonly locks: SqliteLocks,
    /** Hear how much was written; null where that is the host's to know. */
    private readonly checkpoints: Checkpoints | null = null,
  ) {
    this.#statements = taskStatements(db)
    this.#insertRow = new RowInsert(db)
    this.#update = new RowUpdate(db)
    this.#outbox = new OutboxInsert(db)
    this.#items = new OperationItems(db)
    this.#ledger = new SqliteLedger(db)
    this.#audit = new AuditInsert(db)
    this.#errors = new ErrorCounter(db)
  }

  async write(batch: readonly Write[]): Promise<readonly Written[]> {
    const chunks = chunksOf(batch)
    const answers = await this.commit.runEach(chunks, (chunk) => this.#writeChunk(chunk))
    this.checkpoints?.wrote(batch)
    const written: Written[] = []
    for (const [index, chunk] of chunks.entries()) written.push(...(await this.#answersOf(chunk, answers[index])))
    return written
  }

  async writeAll(batch: readonly NewTaskWrite[]): Promise<readonly TaskRecord[]> {
    const chunks = chunksOf(batch)
    const stored = await this.commit.run(() => chunks.flatMap((chunk) => this.#writeChunk(chunk).map(requireStored)))
    this.checkpoints?.wrote(batch)
    return stored
  }

  /** Of several tasks that could not be written at once, each gets a try of its own. */
  async #answersOf(chunk: Chunk, answer: Answer | undefined): Promise<readonly Written[]> {
    if (!(answer instanceof TaskError)) return answer ?? []
    if (chunk.kind === 'one') return [answer]
    return this.commit.runEach<Write, Written>(chunk.writes, (write) => this.writeNow(write))
  }

  #writeChunk(chunk: Chunk): readonly Written[] {
    switch (chunk.kind) {
      case 'one':
        return [this.writeNow(chunk.write)]
      case 'inserts':
        this.#places.remember(chunk.writes, this.#insertRow.runSeveral(chunk.writes))
        break
      case 'updates':
        if (!this.#update.runSeveral(chunk.change, chunk.writes, this.#places.take(chunk.writes)))
          throw new Error('Not all are what they were')
        break
      case 'starts':
        if (!this.#update.startSeveral(chunk.writes)) throw new Error('Not all are what they were')
    }
    return chunk.writes.map((write) => this.#counted(write))
  }

  /** Writes inside a transaction that is already open. */
  writeNow(write: Write): Written {
    if (write.operation !== undefined && !this.#items.isOpen(write.operation)) return null
    return write.previous === null ? this.#insert(write) : this.#save(write)
  }

  #insert(creation: Creation): Written {
    const { next: record, attempt } = creation
    const holder = this.#holderOf(record)
    if (holder) return holder
    if (creation.marks !== undefined && !this.#isAsMarked(creation.marks)) return null
    if (record.locks.length > 0 && !isTerminal(record.status)) {
      const conflict = this.locks.take(record, creation.joins)
      if (conflict) return conflict
    }
    const { insertAttempt, insertTag } = this.#statements
    const isSaid = attempt !== null && isImplied(record, attempt)
    const row = this.#insertRow.run(record, isSaid ? attempt.startedAt : null)
    if (isSaid) this.#places.remember([creation], row)
    if (attempt && !isSaid) insertAttempt.run(...attemptToRow(record.taskId, attempt))
    for (const key in record.tags) insertTag.run(key, record.tags[key], record.taskId)
    if (creation.marks !== undefined) this.#save(creation.marks)
    return this.#counted(creation)
  }

  /** Nobody writes between this and the end of the transaction. */
  #isAsMarked({ previous }: Transition): boolean {
    const row = this.#statements.get.get(previous.taskId)
    const original = row && recordFromRow(row)
    return (
      original?.status === previous.status &&
      original.attempt === previous.attempt &&
      original.workerId === previous.workerId &&
      original.retryCount === previous.retryCount
    )
  }

  #save(transition: Transition): TaskRecord | null {
    const { previous, next, attempt, logs } = transition
    const { keepOpenAttempt, insertAttempt } = this.#statements
    if (leavesAttemptOpen(transition)) {
      keepOpenAttempt.run(previous.taskId, previous.status, previous.attempt, previous.workerId)
    }
    const isSaid = attempt !== null && isImplied(next, attempt)
    if (!this.#update.run(changeOf(transition, openStart(transition, isSaid)), previous)) return null
    if (attempt && !isSaid) insertAttempt.run(...attemptToRow(next.taskId, attempt))
    this.#appendLines(next.taskId, logs)
    if (previous.tags !== next.tags) this.#replaceTags(next)
    if (next.locks.length > 0 && isTerminal(next.status)) this.locks.release(next.taskId)
    return this.#counted(transition)
  }

  #counted({ previous, next, outbox, operation, audit }: Write): TaskRecord {
    if (operation !== undefined) this.#items.settle(operation)
    if (outbox !== undefined) this.#outbox.run(outbox)
    if (audit !== undefined) this.#audit.record(audit)
    if (previous) this.rollups.replace(previous, next)
    else this.rollups.add(next)
    if (previous && next.retriesUsed > previous.retriesUsed) this.#ledger.addRetries(previous, next)
    if (isNewFailure(previous, next)) this.#errors.run(next, previous !== null)
    return next
  }

  appendLogs(taskId: string, lines: readonly LogLine[]): Promise<void> {
    return this.commit.run(() => this.#appendLines(taskId, lines))
  }

  async get(taskId: string): Promise<TaskRecord | undefined> {
    const row = this.#statements.get.get(taskId)
    return row && recordFromRow(row)
  }

  async due({ now, funcNames, exceptQueues = [], limit }: DueQuestion): Promise<readonly TaskRecord[]> {
    if (funcNames.length === 0) return []
    const names = JSON.stringify(funcNames)
    const closed = JSON.stringify(exceptQueues)
    const rows = [
      ...this.#statements.ready.all(names, closed, limit),
      ...this.#statements.delayed.all(now, delayedPortion, names, closed, limit),
    ]
    return rows.map(recordFromRow).sort(byUrgency).slice(0, limit)
  }

  async nextDueAt(now: number): Promise<number | null> {
    return this.#statements.nextDueAt.get(now) ?? null
  }

  async orphans(liveWorkerIds: readonly string[], limit: number): Promise<readonly TaskRecord[]> {
    return this.#statements.orphans.all(JSON.stringify(liveWorkerIds), limit).map(recordFromRow)
  }

  delete(taskId: string, { operation, audit }: Beside = {}): Promise<boolean> {
    return this.commit.run(() => {
      if (operation && !this.#items.isOpen(operation)) return false
      const row = this.#statements.get.get(taskId)
      const record = row && recordFromRow(row)
      if (!record || !(terminalStatuses as readonly string[]).includes(record.status)) return false
      this.#remove([record])
      if (operation) this.#items.settle(operation)
      if (audit) this.#audit.record(audit)
      return true
    })
  }

  deleteHistory(question: HistoryQuestion, audit?: AuditDraft): Promise<readonly string[]> {
    const { statuses, endedBefore, limit } = question
    const wanted = statuses.filter((status) => (terminalStatuses as readonly string[]).includes(status))
    return this.commit.run(() => {
      const rows = this.#statements.history.all(endedBefore, JSON.stringify(wanted), limit)
      const records = rows.map(recordFromRow)
      this.#remove(records)
      const taskIds = records.map(({ taskId }) => taskId)
      if (audit && taskIds.length > 0) this.#audit.record(withDeleted(audit, taskIds))
      return taskIds
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

  #remove(records: readonly TaskRecord[]): void {
    const { deleteTask, deleteAttempts, deleteLogs, deleteTag } = this.#statements
    for (const record of records) {
      deleteTask.run(record.taskId)
      deleteAttempts.run(record.taskId)
      if (record.locks.length > 0) this.locks.release(record.taskId)
      if (record.hasLogs) deleteLogs.run(record.taskId)
      for (const [key, value] of Object.entries(record.tags)) deleteTag.run(key, value, record.taskId)
      this.rollups.subtract(record)
    }
    this.#ledger.addDeleted(records)
  }
}

function requireStored(written: Written): TaskRecord {
  if (written === null || written instanceof TaskError) throw written ?? new Error('A new task was not stored')
  return written
}

function byUrgency(a: TaskRecord, b: TaskRecord): number {
  return (b.priority ?? 0) - (a.priority ?? 0) || (a.taskId < b.taskId ? -1 : 1)
}
