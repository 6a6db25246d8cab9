import { isTerminal, type Attempt, type LogEntry } from '@taskloom/protocol'
import { TaskError } from '../../core/errors.ts'
import { errorKind } from '../../core/error-group.ts'
import type { Creation, LogLine, TaskRecord, Transition } from '../../core/record.ts'
import { SessionBook } from '../../core/session-book.ts'
import type { AuditDraft } from '../audit.ts'
import { withDeleted } from '../audit-chain.ts'
import { MemoryAudit } from './audit.ts'
import { ErrorBook, isNewFailure } from '../error-book.ts'
import { MemoryErrorMarks } from './error-marks.ts'
import { MemoryLedger } from './ledger.ts'
import { MemoryLocks } from './locks.ts'
import { MemoryOperations } from './operations.ts'
import { compareValues } from '../order.ts'
import { MemoryOutbox } from './outbox.ts'
import { MemorySecrets } from './secrets.ts'
import { MemoryQueueControls } from './queue-controls.ts'
import { memoryViews } from './views.ts'
import type { Beside, DueQuestion, HistoryQuestion, NewTaskWrite, Store, TaskStore, Write, Written } from '../store.ts'
import type { ScheduleState, ScheduleStore, UpkeepStore, WorkerFunctions, WorkerState, WorkerStore } from '../store.ts'

/** A task with everything that hangs on it. */
export interface Kept {
  record: TaskRecord
  readonly attempts: Map<number, Attempt>
  readonly logs: LogEntry[]
  /** The kind of its failure; null unless it has failed. */
  errorGroup: string | null
}

/** A store that forgets everything with the process. Its meaning is the reference for every other store. */
export function memory(): Store {
  const kept = new Map<string, Kept>()
  const locks = new MemoryLocks(kept)
  const outbox = new MemoryOutbox()
  const ledger = new MemoryLedger()
  const audit = new MemoryAudit((taskId) => operations.holding(taskId))
  const operations: MemoryOperations = new MemoryOperations(kept, audit)
  const errors = new ErrorBook()
  return {
    name: 'memory',
    supports: { persistence: false, sharing: false, hostTransactions: false },
    open: () => Promise.resolve(),
    close: () => Promise.resolve(),
    tasks: new MemoryTasks(kept, locks, outbox, ledger, operations, audit, errors),
    schedules: new MemorySchedules(audit),
    workers: new MemoryWorkers(),
    locks,
    upkeep: memoryUpkeep,
    outbox,
    sessions: new SessionBook(),
    secrets: new MemorySecrets(),
    operations,
    audit,
    queueControls: new MemoryQueueControls(audit),
    errorMarks: new MemoryErrorMarks(errors, audit),
    views: memoryViews(kept, ledger, errors),
  }
}

class MemoryTasks implements TaskStore {
  readonly #pending = new Set<string>()
  readonly #running = new Set<string>()
  readonly #heldKeys = new Map<string, string>()
  readonly #slots = new Map<string, string>()

  constructor(
    private readonly kept: Map<string, Kept>,
    private readonly locks: MemoryLocks,
    private readonly outbox: MemoryOutbox,
    private readonly ledger: MemoryLedger,
    private readonly operations: MemoryOperations,
    private readonly audit: MemoryAudit,
    private readonly errors: ErrorBook,
  ) {}

  async write(batch: readonly Write[]): Promise<readonly Written[]> {
    return batch.map((write) => {
      if (write.operation && !this.operations.isOpen(write.operation)) return null
      const written = write.previous === null ? this.#insert(write) : this.#save(write)
      if (written === write.next) this.#addBeside(write)
      return written
    })
  }

  async writeAll(batch: readonly NewTaskWrite[]): Promise<readonly TaskRecord[]> {
    const stored: NewTaskWrite[] = []
    const answers = batch.map((write) => {
      const written = this.#insert(write)
      if (written === write.next) stored.push(write)
      return written
    })
    const refused = answers.find((answer) => answer instanceof TaskError)
    if (refused) {
      for (const { next } of stored) this.#remove(next)
      throw refused
    }
    for (const write of stored) this.#addBeside(write)
    return answers as readonly TaskRecord[]
  }

  #addBeside({ operation, outbox, audit }: Omit<Write, keyof Creation>): void {
    if (operation) this.operations.settleNow(operation)
    if (outbox) this.outbox.add(outbox)
    if (audit) this.audit.record(audit)
  }

  #insert({ next: record, attempt, joins, marks }: Creation): Written {
    const holder = this.#holderOf(record)
    if (holder) return holder
    if (marks && !this.#isAsMarked(marks)) return null
    if (this.kept.has(record.taskId)) {
      return new TaskError('store_failed', { message: `There is already a task ${record.taskId}` })
    }
    if (record.locks.length > 0 && !isTerminal(record.status)) {
      const conflict = this.locks.take(record, joins)
      if (conflict) return conflict
    }
    const errorGroup = isNewFailure(null, record) ? errorKind(record).fingerprint : null
    const attempts = new Map(attempt && [[attempt.attempt, attempt]])
    this.kept.set(record.taskId, { record, attempts, logs: [], errorGroup })
    if (record.schedule !== null && record.slotAt !== null) this.#slots.set(slotKey(record), record.taskId)
    this.#index(record)
    if (marks) this.#save(marks)
    return record
  }

  #isAsMarked({ previous }: Transition): boolean {
    const original = this.kept.get(previous.taskId)?.record
    return original !== undefined && isSame(original, previous) && original.retryCount === previous.retryCount
  }

  #save({ previous, next, attempt, logs }: Transition): Written {
    const entry = this.kept.get(previous.taskId)
    if (!entry || !isSame(entry.record, previous)) return null
    entry.record = { ...next, hasLogs: next.hasLogs || entry.record.hasLogs }
    if (attempt) entry.attempts.set(attempt.attempt, attempt)
    if (next.attempt < previous.attempt) entry.attempts.delete(previous.attempt)
    append(entry, logs)
    if (next.locks.length > 0 && isTerminal(next.status)) this.locks.release(next)
    this.#index(entry.record)
    this.ledger.addRetries(previous, next)
    if (isNewFailure(previous, next)) entry.errorGroup = this.errors.count(next)
    return next
  }

  async appendLogs(taskId: string, lines: readonly LogLine[]): Promise<void> {
    const entry = this.kept.get(taskId)
    if (entry) append(entry, lines)
  }

  async get(taskId: string): Promise<TaskRecord | undefined> {
    return this.kept.get(taskId)?.record
  }

  async due({ now, funcNames, exceptQueues = [], limit }: DueQuestion): Promise<readonly TaskRecord[]> {
    return this.#records(this.#pending)
      .filter(({ funcName, runAt }) => funcNames.includes(funcName) && (runAt === null || runAt <= now))
      .filter(({ queue }) => !exceptQueues.includes(queue))
      .sort((a, b) => (b.priority ?? 0) - (a.priority ?? 0) || compareValues(a.taskId, b.taskId))
      .slice(0, limit)
  }

  async nextDueAt(now: number): Promise<number | null> {
    return this.#records(this.#pending).reduce<number | null>(
      (least, { runAt }) => (runAt !== null && runAt > now && (least === null || runAt < least) ? runAt : least),
      null,
    )
  }

  async orphans(liveWorkerIds: readonly string[], limit: number): Promise<readonly TaskRecord[]> {
    const live = new Set(liveWorkerIds)
    return this.#records(this.#running)
      .filter(({ workerId }) => workerId === null || !live.has(workerId))
      .slice(0, limit)
  }

  async delete(taskId: string, { operation, audit }: Beside = {}): Promise<boolean> {
    const record = this.kept.get(taskId)?.record
    if (!record || !isTerminal(record.status) || (operation && !this.operations.isOpen(operation))) return false
    if (operation) this.operations.settleNow(operation)
    this.#remove(record)
    this.ledger.addDeleted(record)
    if (audit) this.audit.record(audit)
    return true
  }

  async deleteHistory(question: HistoryQuestion, audit?: AuditDraft): Promise<readonly string[]> {
    const { statuses, endedBefore, limit } = question
    const taskIds: string[] = []
    for (const { record } of this.kept.values()) {
      if (taskIds.length === limit) break
      const isOld = record.endTime !== null && record.endTime < endedBefore
      if (isOld && isTerminal(record.status) && statuses.includes(record.status)) taskIds.push(record.taskId)
    }
    for (const taskId of taskIds) await this.delete(taskId)
    if (audit && taskIds.length > 0) this.audit.record(withDeleted(audit, taskIds))
    return taskIds
  }

  #holderOf(record: TaskRecord): TaskRecord | undefined {
    const byKey = record.idempotencyKey === null ? undefined : this.#heldKeys.get(record.idempotencyKey)
    const bySlot = record.schedule === null || record.slotAt === null ? undefined : this.#slots.get(slotKey(record))
    const taskId = byKey ?? bySlot
    return taskId === undefined ? undefined : this.kept.get(taskId)?.record
  }

  #index(record: TaskRecord): void {
    setMember(this.#pending, record.taskId, record.status === 'pending')
    setMember(this.#running, record.taskId, record.status === 'running')
    if (record.idempotencyKey === null) return
    if (holdsKey(record)) this.#heldKeys.set(record.idempotencyKey, record.taskId)
    else this.#releaseKey(record)
  }

  #remove(record: TaskRecord): void {
    const { taskId } = record
    this.kept.delete(taskId)
    this.#pending.delete(taskId)
    this.#running.delete(taskId)
    this.#releaseKey(record)
    this.locks.release(record)
    if (this.#slots.get(slotKey(record)) === taskId) this.#slots.delete(slotKey(record))
  }

  #releaseKey({ idempotencyKey, taskId }: TaskRecord): void {
    if (idempotencyKey !== null && this.#heldKeys.get(idempotencyKey) === taskId) this.#heldKeys.delete(idempotencyKey)
  }

  #records(taskIds: ReadonlySet<string>): TaskRecord[] {
    return [...taskIds].flatMap((taskId) => this.kept.get(taskId)?.record ?? [])
  }
}

class MemorySchedules implements ScheduleStore {
  readonly #states = new Map<string, ScheduleState>()

  constructor(private readonly audit: MemoryAudit) {}

  async get(name: string): Promise<ScheduleState | undefined> {
    return this.#states.get(name)
  }

  async put(state: ScheduleState, audit?: AuditDraft): Promise<void> {
    const known = this.#states.get(state.name)
    const lastSlotAt = later(known?.lastSlotAt ?? null, state.lastSlotAt)
    this.#states.set(state.name, { ...state, lastSlotAt, missed: Math.max(known?.missed ?? 0, state.missed) })
    if (audit) this.audit.record(audit)
  }

  async advance(name: string, lastSlotAt: number, missed: number): Promise<boolean> {
    const known = this.#states.get(name)
    if (!known || (known.lastSlotAt !== null && known.lastSlotAt >= lastSlotAt)) return false
    this.#states.set(name, { ...known, lastSlotAt, missed: known.missed + missed })
    return true
  }
}

class MemoryWorkers implements WorkerStore {
  readonly #workers = new Map<string, WorkerState>()
  readonly #functions = new Map<string, WorkerFunctions>()

  async beat(worker: WorkerState): Promise<void> {
    this.#workers.set(worker.workerId, { ...worker, facts: worker.facts ?? null })
  }

  async list(): Promise<readonly WorkerState[]> {
    return [...this.#workers.values()]
  }

  async remove(workerId: string): Promise<void> {
    this.#workers.delete(workerId)
    this.#functions.delete(workerId)
  }

  async register(functions: WorkerFunctions): Promise<void> {
    this.#functions.set(functions.workerId, functions)
  }

  async functions(): Promise<readonly WorkerFunctions[]> {
    return [...this.#functions.values()].filter(({ workerId }) => this.#workers.has(workerId))
  }
}

/** Everything hangs on its task, and nothing is counted beforehand. */
const memoryUpkeep: UpkeepStore = {
  strays: () => Promise.resolve({ found: 0, next: null }),
  recount: () => Promise.resolve({ checked: 0, differing: 0, examples: [], next: null }),
}

function isSame(stored: TaskRecord, expected: TaskRecord): boolean {
  return (
    stored.status === expected.status &&
    stored.attempt === expected.attempt &&
    stored.workerId === expected.workerId &&
    stored.queue === expected.queue
  )
}

function append(entry: Kept, lines: readonly LogLine[]): void {
  if (lines.length === 0) return
  for (const line of lines) entry.logs.push({ ...line, line: entry.logs.length + 1 })
  if (!entry.record.hasLogs) entry.record = { ...entry.record, hasLogs: true }
}

function holdsKey({ status }: TaskRecord): boolean {
  return status === 'pending' || status === 'running' || status === 'success'
}

function later(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b)
}

function slotKey({ schedule, slotAt }: TaskRecord): string {
  return JSON.stringify([schedule, slotAt])
}

function setMember(set: Set<string>, member: string, belongs: boolean): void {
  if (belongs) set.add(member)
  else set.delete(member)
}
