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
import type { LockConflict, TaskError } from '../core/errors.ts'
import type { Creation, LogLine, TaskRecord, Transition } from '../core/record.ts'
import type { HostTransactions } from './host-transactions.ts'
import type { OutboxEntry, OutboxStore } from './outbox.ts'

export type * from './host-transactions.ts'
export type * from './outbox.ts'

/**
 * Where everything the engine must not forget is kept. The engine validates, the store keeps; the suite in
 * `@taskloom/testkit` says exactly what each verb means. Instants are epoch milliseconds and are always passed in.
 */
export interface Store {
  readonly name: string
  readonly supports: StoreSupports
  /** Opens or creates and migrates. Called once before anything else. */
  open(): Promise<void>
  /** Writes what is still buffered and lets go of everything. Never throws; safe to call twice. */
  close(): Promise<void>
  readonly tasks: TaskStore
  readonly schedules: ScheduleStore
  readonly workers: WorkerStore
  readonly locks: LockStore
  readonly upkeep: UpkeepStore
  readonly outbox: OutboxStore
  /** There where `supports.hostTransactions` says so. */
  readonly hostTransactions?: HostTransactions
  /** What the dashboard asks. May run elsewhere (a reader thread); sees every write that has resolved. */
  readonly views: TaskViews
}

export interface StoreSupports {
  /** Whether tasks outlive the process. */
  readonly persistence: boolean
  /** Whether several processes may open the same store. */
  readonly sharing: boolean
  /** Whether new tasks can be written inside transactions of the host; not, when it is left out. */
  readonly hostTransactions?: boolean
}

/**
 * A new task, or a change of one. The `locks` of a new task are taken with it, all or none, and are let go with the write
 * that ends it or deletes it.
 */
export type Write = (Creation | Transition) & {
  /** Messages that are stored if, and only if, the write is. */
  readonly outbox?: readonly OutboxEntry[]
}

/**
 * What became of a write. The very object `next` of the write: it is stored. Another record: the idempotency key or the
 * schedule's slot of a new task was taken, by a live or successful task or by any task of that slot, and this is its
 * holder. Null: the row was not any more what the transition starts from. A `ConflictError`: other tasks hold locks that the new one asks for. Another
 * error: the store refused it. In all cases
 * but the first nothing of the write is stored.
 */
export type Written = TaskRecord | TaskError | null

export interface TaskStore {
  /**
   * Writes in the order given, in as few transactions as the store likes; each answer stands at the place of its write.
   * What resolves is durable. One write that is refused takes no other with it. Never rejects.
   */
  write(batch: readonly Write[]): Promise<readonly Written[]>
  /** Appends log lines and sets `hasLogs`, whatever the status; lines are numbered from 1 in the order given. */
  appendLogs(taskId: string, lines: readonly LogLine[]): Promise<void>
  get(taskId: string): Promise<TaskRecord | undefined>
  /** Pending tasks of the given functions with `runAt` null or ≤ `now`; highest priority first, then oldest. */
  due(question: DueQuestion): Promise<readonly TaskRecord[]>
  /** The earliest `runAt` after `now` of a pending task, so that the dispatcher knows when to look again. */
  nextDueAt(now: number): Promise<number | null>
  /** Running tasks whose worker is not in `liveWorkerIds`; at most `limit`. */
  orphans(liveWorkerIds: readonly string[], limit: number): Promise<readonly TaskRecord[]>
  /** Deletes one terminal task with its attempts, logs and tags; false when it is unknown or not terminal. */
  delete(taskId: string): Promise<boolean>
  /** Deletes terminal tasks of the statuses whose `endTime` is older; at most `limit`; returns their ids. */
  deleteHistory(question: HistoryQuestion): Promise<readonly string[]>
}

export interface DueQuestion {
  readonly now: number
  readonly funcNames: readonly string[]
  /** Tasks in these queues are left out; none by default. */
  readonly exceptQueues?: readonly string[]
  readonly limit: number
}

export interface HistoryQuestion {
  readonly statuses: readonly TaskRecord['status'][]
  readonly endedBefore: number
  readonly limit: number
}

export interface ScheduleState {
  readonly name: string
  readonly isPaused: boolean
  /** The newest slot that was fired or deliberately skipped; null before the first. */
  readonly lastSlotAt: number | null
  readonly missed: number
}

export interface ScheduleStore {
  get(name: string): Promise<ScheduleState | undefined>
  /** Creates or replaces; neither `lastSlotAt` nor `missed` ever goes back. */
  put(state: ScheduleState): Promise<void>
  /**
   * Moves a schedule that is there on to a later slot and adds to what it missed; false, and nothing is changed, when it
   * is there already: another process was faster. Whether it is paused is left alone.
   */
  advance(name: string, lastSlotAt: number, missed: number): Promise<boolean>
}

export interface WorkerState {
  readonly workerId: string
  readonly hostname: string
  readonly pid: number
  readonly startedAt: number
  readonly heartbeatAt: number
  /** After this instant others may treat its running tasks as orphans. */
  readonly leaseUntil: number
}

export interface WorkerStore {
  /** Creates or renews. */
  beat(worker: WorkerState): Promise<void>
  list(): Promise<readonly WorkerState[]>
  remove(workerId: string): Promise<void>
}

/** A lock and a task that holds it. */
export interface HeldLock extends LockConflict {
  /** The task that took it first: its descendants hold it, too, and it is free when the last of them has ended. */
  readonly owner: string
}

/** Locks are taken and let go by {@link TaskStore.write} alone. One whose task does not wait or run any more holds nobody up. */
export interface LockStore {
  /** What is held by tasks that wait or run, by key and then by age; at most `limit`. */
  list(limit: number): Promise<readonly HeldLock[]>
}

export type StrayKind = 'locks' | 'attempts' | 'logs' | 'tags'

export interface StrayQuestion {
  readonly kind: StrayKind
  /** Where the slice before ended; null for the first. */
  readonly after: string | null
  readonly remove: boolean
}

export interface StrayAnswer {
  readonly found: number
  /** Null when this was the last slice. */
  readonly next: string | null
}

export interface RecountQuestion {
  readonly after: string | null
  /** Whether counts that are wrong are put right. */
  readonly mend: boolean
}

/** A kept count that is not what its tasks come to. */
export interface CountDifference {
  /** The length of the bucket; null for all time. */
  readonly bucketMs: number | null
  readonly since: number
  readonly funcName: string
  readonly queue: string
  readonly source: string
  readonly status: string
  readonly kept: number
  /** The same as `kept` when only durations differ. */
  readonly counted: number
}

export interface RecountAnswer {
  /** Buckets that were looked at. */
  readonly checked: number
  readonly differing: number
  /** Some of them. */
  readonly examples: readonly CountDifference[]
  readonly next: string | null
}

/** Looking after what is stored, in slices that hold nobody up. */
export interface UpkeepStore {
  /** Finds rows whose task is not there, and locks whose task has ended. */
  strays(question: StrayQuestion): Promise<StrayAnswer>
  /** Compares counts that the store keeps beside its tasks with the tasks; a store that keeps none has nothing to do. */
  recount(question: RecountQuestion): Promise<RecountAnswer>
}

export interface ListQuestion {
  readonly filter: TaskFilter
  readonly sort: SortField
  readonly order: SortOrder
  readonly limit: number
  readonly cursor: Cursor | null
}

export interface ListAnswer {
  readonly tasks: readonly TaskSummary[]
  /** Null where there is nothing more in that direction. */
  readonly next: Cursor | null
  readonly prev: Cursor | null
  readonly total: number
  readonly totalIsCapped: boolean
}

export interface TimelineQuestion {
  readonly filter: TaskFilter
  readonly since: number
  readonly until: number
  /** A multiple of one minute. */
  readonly bucketMs: number
  readonly group: TimelineGroup
}

export interface LogQuestion {
  readonly taskId: string
  /** Lines with a higher number only. */
  readonly after: number
  /** The least level shown; null for all. */
  readonly minLevel: LogLevel | null
  /** A substring of the message, in either case; null for all. */
  readonly text: string | null
  readonly limit: number
}

export interface StoredDetail {
  readonly record: TaskRecord
  readonly attempts: readonly Attempt[]
  /** Ids minted from it by retry with their creation time, newest first, at most 20. */
  readonly retries: readonly { readonly taskId: string; readonly createdAt: number; readonly status: string }[]
  /** The five newest tasks of the same function. */
  readonly recentRuns: readonly TaskSummary[]
  readonly functionStats: Metrics
}

export interface ScheduleRun {
  readonly schedule: string
  readonly taskId: string
  readonly createdAt: number
  readonly status: string
}

export interface TaskViews {
  list(question: ListQuestion): Promise<ListAnswer>
  metrics(filter: TaskFilter): Promise<Metrics>
  timeline(question: TimelineQuestion): Promise<Timeline>
  types(filter: TaskFilter): Promise<readonly TypeStats[]>
  queues(): Promise<readonly QueueCount[]>
  detail(taskId: string): Promise<StoredDetail | undefined>
  logs(question: LogQuestion): Promise<LogPage>
  /** The newest task of each named schedule. */
  lastRuns(schedules: readonly string[]): Promise<readonly ScheduleRun[]>
}
