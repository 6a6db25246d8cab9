import type {
  Attempt,
  LogPage,
  LogLevel,
  Metrics,
  QueueCount,
  SortField,
  SortOrder,
  Cursor,
  TaskFilter,
  TaskSummary,
  Timeline,
  TimelineGroup,
  TypeStats,
} from '@taskloom/protocol'
import type { TaskError } from '../core/errors.ts'
import type { Creation, LogLine, TaskRecord, Transition } from '../core/record.ts'
import type { AuditDraft, AuditStore } from './audit.ts'
import type { ErrorMarkStore } from './error-marks.ts'
import type { ErrorGroup, ErrorQuestion, LoadAnswer, LoadQuestion } from './fleet.ts'
import type { HostTransactions, NewTaskWrite } from './host-transactions.ts'
import type { LockStore } from './held-locks.ts'
import type { InsightViews } from './insights.ts'
import type { MeterAnswer, MeterQuestion } from './metering.ts'
import type { IdsAnswer, IdsQuestion, ItemResult, OperationStore } from './operations.ts'
import type { OutboxEntry, OutboxStore } from './outbox.ts'
import type { SecretStore } from './secrets.ts'
import type { SessionStore } from './sessions.ts'
import type { TransferStore } from './transfer/port.ts'
import type { QueueControlStore } from './queue-controls.ts'
import type { UpkeepStore } from './upkeep.ts'
import type { WorkerStore } from './workers.ts'

export type * from './audit.ts'
export type * from './error-marks.ts'
export type * from './fleet.ts'
export type * from './host-transactions.ts'
export type * from './held-locks.ts'
export type * from './insights.ts'
export type { StoredLineage } from './lineage.ts'
export type * from './metering.ts'
export type * from './operations.ts'
export type * from './outbox.ts'
export type * from './secrets.ts'
export type * from './sessions.ts'
export type * from './queue-controls.ts'
export type * from './transfer/port.ts'
export type * from './upkeep.ts'
export type * from './workers.ts'

/**
 * Where everything the engine must not forget is kept. The engine validates, the store keeps; the suite in
 * `@taskloom/testkit` says exactly what each verb means. Instants are epoch milliseconds and are always passed in.
 */
export interface Store {
  /** The kind of store, such as `sqlite`, for people. */
  readonly name: string
  /** What it can do beside keeping tasks. */
  readonly supports: StoreSupports
  /** Opens or creates and migrates. Called once before anything else. */
  open(): Promise<void>
  /** Writes what is still buffered and lets go of everything. Never throws; safe to call twice. */
  close(): Promise<void>
  /** Tasks, their attempts and logs. */
  readonly tasks: TaskStore
  /** Where each schedule is. */
  readonly schedules: ScheduleStore
  /** Which processes live. */
  readonly workers: WorkerStore
  /** What is locked. */
  readonly locks: LockStore
  /** How it is looked after. */
  readonly upkeep: UpkeepStore
  /** Messages to others that must not be lost. */
  readonly outbox: OutboxStore
  /** Who is signed in to the dashboard. */
  readonly sessions: SessionStore
  /** What is signed with. */
  readonly secrets: SecretStore
  /** What is being done to many tasks at once. */
  readonly operations: OperationStore
  /** What was done and by whom. */
  readonly audit: AuditStore
  /** Which queues are paused. */
  readonly queueControls: QueueControlStore
  /** What people say of kinds of failures. */
  readonly errorMarks: ErrorMarkStore
  /** There where `supports.hostTransactions` says so, absent elsewhere. */
  readonly hostTransactions?: HostTransactions
  /** There where `supports.transfer` says so, absent elsewhere. */
  readonly transfer?: TransferStore
  /**
   * A number that is another one when somebody else, such as another process, has committed something since it was last
   * asked for; what this store itself writes does not change it. Absent where nobody else can write, or nobody can say.
   */
  foreignVersion?(): number
  /**
   * A text that is another one after each commit, of this store or of somebody else: as long as it is the same, each view
   * answers the same. What somebody else has committed may be seen some 10 ms late. Answers at once and costs next to
   * nothing. Absent where that cannot be said.
   */
  version?(): string
  /** What the dashboard asks. May run elsewhere (a reader thread); sees every write that has resolved. */
  readonly views: TaskViews
}

/** What a store can do. */
export interface StoreSupports {
  /** Whether tasks outlive the process. */
  readonly persistence: boolean
  /** Whether several processes may open the same store. */
  readonly sharing: boolean
  /** Whether new tasks can be written inside transactions of the host; not, when it is left out. */
  readonly hostTransactions?: boolean
  /** Whether everything can be carried out of it and into it, as `taskloom migrate` does; not, when it is left out. */
  readonly transfer?: boolean
}

/**
 * A new task, or a change of one. The `locks` of a new task are taken with it, all or none, and are let go with the write
 * that ends it or deletes it.
 */
export type Write = (Creation | Transition) & {
  /** Messages that are stored if, and only if, the write is; none by default. */
  readonly outbox?: readonly OutboxEntry[]
  /**
   * It is done for an operation: the outcome of its item is stored if, and only if, the write is. An item that is
   * settled already, or whose operation does not run, refuses the write: its answer is null. None by default.
   */
  readonly operation?: ItemResult
  /** The entry of the audit log that is stored if, and only if, the write is; none by default. */
  readonly audit?: AuditDraft
}

/** What is stored with something if, and only if, that is. */
export type Beside = Pick<Write, 'operation' | 'audit'>

/**
 * What became of a write. The very object `next` of the write: it is stored. Another record of the same id: a new task is
 * stored, and others have gone on with it; said only where the store had to look again because an answer was lost. A record
 * of another id: the idempotency key or the schedule's slot of a new task was taken, by a live or successful task or by any
 * task of that slot, and this is its holder. Null: the row was not any more what the transition starts from, or the original
 * not what a retry `marks`. A `ConflictError`: other tasks hold locks that the new one asks for. Another error: the store
 * refused it. In all cases but the first two nothing of the write is stored.
 */
export type Written = TaskRecord | TaskError | null

/** Keeps tasks with their attempts and logs. */
export interface TaskStore {
  /**
   * How many batches whoever writes many may bring at once, because the store gets more done that way: he calls `write` again
   * before it has answered, as long as the batches have no task, idempotency key, slot, lock, operation or entry of the audit
   * log in common. The store may do those in either order or side by side; what does concern the same it does in the order in
   * which it was asked for, however it was. 1 when it is left out.
   */
  readonly batchesAtOnce?: number
  /**
   * Writes in the order given, in as few transactions as the store likes; each answer stands at the place of its write.
   * What resolves is durable. One write that is refused takes no other with it. Never rejects.
   */
  write(batch: readonly Write[]): Promise<readonly Written[]>
  /**
   * Writes new tasks in one transaction, all of them or none; each answer stands at the place of its write, and is the
   * stored task or the holder of its key or slot. None of them marks another. Rejects with why the first was refused.
   */
  writeAll(batch: readonly NewTaskWrite[]): Promise<readonly TaskRecord[]>
  /** Appends log lines and sets `hasLogs`, whatever the status; lines are numbered from 1 in the order given. */
  appendLogs(taskId: string, lines: readonly LogLine[]): Promise<void>
  /** The whole record; undefined when there is no such task. */
  get(taskId: string): Promise<TaskRecord | undefined>
  /** Pending tasks of the given functions with `runAt` null or ≤ `now`; highest priority first, then oldest. */
  due(question: DueQuestion): Promise<readonly TaskRecord[]>
  /** The earliest `runAt` after `now` of a pending task, so that the dispatcher knows when to look again. */
  nextDueAt(now: number): Promise<number | null>
  /** Running tasks whose worker is not in `liveWorkerIds`; at most `limit`. */
  orphans(liveWorkerIds: readonly string[], limit: number): Promise<readonly TaskRecord[]>
  /**
   * Deletes one terminal task with its attempts, logs and tags; false when it is unknown or not terminal, or when the item
   * of the `operation` that it is done for is not open any more. What is `beside` it is stored if, and only if, it was
   * deleted.
   */
  delete(taskId: string, beside?: Beside): Promise<boolean>
  /**
   * Deletes terminal tasks of the statuses whose `endTime` is older; at most `limit`; returns their ids. `audit` is stored
   * with them, naming them, if there were any.
   */
  deleteHistory(question: HistoryQuestion, audit?: AuditDraft): Promise<readonly string[]>
}

/** Which waiting tasks are wanted. */
export interface DueQuestion {
  /** Due by then. */
  readonly now: number
  /** Of these functions; none for no functions. */
  readonly funcNames: readonly string[]
  /** Tasks in these queues are left out; none by default. */
  readonly exceptQueues?: readonly string[]
  /** How many at most. */
  readonly limit: number
}

/** Which ended tasks are deleted. */
export interface HistoryQuestion {
  /** In one of these statuses, which are terminal. */
  readonly statuses: readonly TaskRecord['status'][]
  /** Ended before this instant. */
  readonly endedBefore: number
  /** How many at most. */
  readonly limit: number
}

/** Where a schedule is. */
export interface ScheduleState {
  /** Which schedule. */
  readonly name: string
  /** Whether its slots pass without a task. */
  readonly isPaused: boolean
  /** The newest slot that was fired or deliberately skipped; null before the first. */
  readonly lastSlotAt: number | null
  /** How many slots were never run; only grows. */
  readonly missed: number
}

/** Keeps where schedules are. */
export interface ScheduleStore {
  /** Where it is; undefined before it was first put. */
  get(name: string): Promise<ScheduleState | undefined>
  /** Creates or replaces; neither `lastSlotAt` nor `missed` ever goes back. `audit` is stored with it. */
  put(state: ScheduleState, audit?: AuditDraft): Promise<void>
  /**
   * Moves a schedule that is there on to a later slot and adds to what it missed; false, and nothing is changed, when it
   * is there already: another process was faster. Whether it is paused is left alone.
   */
  advance(name: string, lastSlotAt: number, missed: number): Promise<boolean>
}

/** A page of tasks that is wanted. */
export interface ListQuestion {
  /** Which tasks. */
  readonly filter: TaskFilter
  /** By what they are sorted; equal rows by id. */
  readonly sort: SortField
  /** Whether the least or the greatest comes first. */
  readonly order: SortOrder
  /** How many rows at most. */
  readonly limit: number
  /** The row to read on from; null for the first page. */
  readonly cursor: Cursor | null
}

/** A page of tasks. */
export interface ListAnswer {
  /** The rows, in the order asked for. */
  readonly tasks: readonly TaskSummary[]
  /** Null where there is nothing more in that direction. */
  readonly next: Cursor | null
  /** The same towards the beginning. */
  readonly prev: Cursor | null
  /** How many the filter has in all. */
  readonly total: number
  /** Whether there are more than `total`: counting was given up there. */
  readonly totalIsCapped: boolean
}

/** A chart that is wanted. */
export interface TimelineQuestion {
  /** Of which tasks; its own window counts, too. */
  readonly filter: TaskFilter
  /** Where it begins, on a whole bucket. */
  readonly since: number
  /** Where it ends, exclusive. */
  readonly until: number
  /** A multiple of one minute. */
  readonly bucketMs: number
  /** By what each bucket is divided. */
  readonly group: TimelineGroup
}

/** Lines of a log that are wanted. */
export interface LogQuestion {
  /** Whose log. */
  readonly taskId: string
  /** Lines with a higher number only. */
  readonly after: number
  /** The least level shown; null for all. */
  readonly minLevel: LogLevel | null
  /** A substring of the message, in either case; null for all. */
  readonly text: string | null
  /** How many lines at most. */
  readonly limit: number
}

/** A task with all that hangs on it. */
export interface StoredDetail {
  /** The whole record. */
  readonly record: TaskRecord
  /** Each run so far, the first one first. */
  readonly attempts: readonly Attempt[]
  /** Ids minted from it by retry with their creation time, newest first, at most 20. */
  readonly retries: readonly { readonly taskId: string; readonly createdAt: number; readonly status: string }[]
  /** The five newest tasks of the same function. */
  readonly recentRuns: readonly TaskSummary[]
  /** Figures of all tasks of its function. */
  readonly functionStats: Metrics
}

/** The newest task of a schedule. */
export interface ScheduleRun {
  /** Which schedule. */
  readonly schedule: string
  /** The task’s id. */
  readonly taskId: string
  /** When it was minted. */
  readonly createdAt: number
  /** Where it is in its life. */
  readonly status: string
}

/** Reads for people, which may be dear; none of them changes anything. */
export interface TaskViews extends InsightViews {
  /** A page of tasks, and how many there are in all. */
  list(question: ListQuestion): Promise<ListAnswer>
  /** Counts and durations of a filter. */
  metrics(filter: TaskFilter): Promise<Metrics>
  /** Counts in buckets of time, without gaps. */
  timeline(question: TimelineQuestion): Promise<Timeline>
  /** Figures by function, by name. */
  types(filter: TaskFilter): Promise<readonly TypeStats[]>
  /** Counts by queue, by name. */
  queues(): Promise<readonly QueueCount[]>
  /** One task with all that hangs on it; undefined when there is none. */
  detail(taskId: string): Promise<StoredDetail | undefined>
  /** Lines of one log, oldest first; none for an unknown task. */
  logs(question: LogQuestion): Promise<LogPage>
  /** The newest task of each named schedule. */
  lastRuns(schedules: readonly string[]): Promise<readonly ScheduleRun[]>
  /** Ids of the tasks of a filter, rising, a slice at a time. */
  ids(question: IdsQuestion): Promise<IdsAnswer>
  /** What monitoring reads every few seconds: costs the same however many tasks have ended. */
  meters(question: MeterQuestion): Promise<MeterAnswer>
  /** What waits, runs and ends, by queue and function. */
  load(question: LoadQuestion): Promise<LoadAnswer>
  /** Failures by kind, the one that was seen last first. */
  errors(question: ErrorQuestion): Promise<readonly ErrorGroup[]>
}
