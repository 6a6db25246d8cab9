import type {
  ActionName,
  BulkAnswer,
  Drift,
  ErrorGroup,
  FunctionView,
  Health,
  Json,
  LockView,
  LogPage,
  Metrics,
  PanelEntry,
  PanelView,
  QueueView,
  ScheduleView,
  TaskDetail,
  TaskFilter,
  TaskProgress,
  TaskStatus,
  TaskSummary,
  Timeline,
  TypeStats,
  WorkerView,
} from '@taskloom/protocol'
import type { EnqueueOptions } from '../core/request.ts'
import type { ChangeListener } from '../observe/feed.ts'
import type { AuditStore } from '../stores/audit.ts'
import type { Operation } from '../stores/operations.ts'
import type { ListAnswer, ListQuestion, LogQuestion, SessionStore, TimelineQuestion } from '../stores/store.ts'
import type { OperationBoard } from './operations.ts'

/**
 * What the server serves. `TaskManager` is one source; a bridge over somebody's existing queue is another. What a source
 * cannot do it leaves out of `offers`, and the dashboard hides it. Failures are `TaskError`s with a stable code.
 */
export interface TaskSource {
  /** Names the life of this source: live positions of another epoch cannot be resumed. */
  readonly epoch: string
  /** The number of the newest change; grows by one with each. */
  readonly revision: number
  /** What it can do; what is missing is hidden. */
  readonly offers: SourceOffers

  /** A page of tasks. */
  list(question: ListQuestion): Promise<ListAnswer>
  /** Counts and durations of a filter. */
  metrics(filter: TaskFilter): Promise<Metrics>
  /** Counts over time. */
  timeline(question: TimelineQuestion): Promise<Timeline>
  /** Figures by function, by name. */
  types(filter: TaskFilter): Promise<readonly TypeStats[]>
  /** Counts by queue, by name, and what else is known of it. */
  queues(): Promise<readonly QueueView[]>
  /** The defined functions with their figures. */
  functions(): Promise<readonly FunctionView[]>
  /** The schedules with their next slots. */
  schedules(): Promise<readonly ScheduleView[]>
  /** `args` are always present here, redacted; the server removes them unless it may show them. */
  detail(taskId: string, reading?: DetailReading): Promise<TaskDetail>
  /** Lines of one log. Rejects with `unknown_task`. */
  logs(question: LogQuestion): Promise<LogPage>
  /** How far one task is. Rejects with `unknown_task`. */
  progress(taskId: string): Promise<TaskProgress>
  /** What works and what does not, in words that everybody may read. */
  health(): Promise<Health>
  /** All figures in the text format of Prometheus; a source without it answers `unsupported`. */
  prometheus?(): Promise<string>
  /** Bulk actions in the background; a source without it answers `unsupported`. */
  readonly operations?: OperationBoard
  /**
   * Arguments and result of a task as they are, opened where the keys are here; that somebody looks is stored first. `paths`
   * are those that he asks for, null for all. A source without it shows what `detail` shows. Rejects with `unknown_task`.
   */
  reveal?(taskId: string, paths: readonly string[] | null, act: Act): Promise<RevealedData>
  /** The processes that run tasks; a source without it answers `unsupported`, as with all that follows. */
  workers?(): Promise<readonly WorkerView[]>
  /** The conflict locks that are held, by key; the first 500. */
  locks?(): Promise<readonly LockView[]>
  /** Where processes and the store do not know the same functions. */
  drift?(): Promise<Drift>
  /** Failures by kind, the one that was seen last first; at most 500. */
  errors?(question: ErrorsQuestion): Promise<readonly ErrorGroup[]>
  /** Panels that belong to the source; those of a mount come beside them. Without it there are only those. */
  readonly panels?: PanelBoard
  /** What was done and by whom. A source without it keeps no log, and nothing of it is shown. */
  readonly audit?: AuditStore
  /** Where sign-ins are kept, for all instances; without it the server remembers them for as long as it runs. */
  readonly sessions?: SessionStore

  /**
   * Mints a new task from one that failed or was interrupted, and gives it, or an earlier retry that still waits or runs.
   * Rejects with `unknown_task`, `wrong_status`, `not_registered`.
   */
  retry(taskId: string, act: Act): Promise<TaskSummary>
  /** Calls a waiting task off, or asks a running one to stop. Rejects with `unknown_task`, `wrong_status`. */
  cancel(taskId: string, act: Act): Promise<TaskSummary>
  /** Makes a delayed task due. Rejects with `unknown_task`, `wrong_status`. */
  runNow(taskId: string, act: Act): Promise<TaskSummary>
  /** Deletes an ended task. Rejects with `unknown_task`, `wrong_status`. */
  delete(taskId: string, act: Act): Promise<void>
  /**
   * Retries each that can be; `again` also those that have a live or successful retry. What cannot be is skipped,
   * with a reason.
   */
  bulkRetry(taskIds: readonly string[], options: { readonly again: boolean }, act: Act): Promise<BulkAnswer>
  /** Retries the failed tasks of a window. */
  retryFailed(question: RetryFailedQuestion, act: Act): Promise<BulkAnswer>
  /** Deletes ended tasks; says how many. */
  clearHistory(question: ClearHistoryQuestion, act: Act): Promise<number>
  /** Enqueues a schedule’s function now, beside its slots. Rejects with `unknown_schedule`. */
  runSchedule(name: string, act: Act): Promise<TaskSummary>
  /** Lets slots pass from now on, over restarts, too. Rejects with `unknown_schedule`. */
  pauseSchedule(name: string, act: Act): Promise<ScheduleView>
  /** Goes on with the next slot; what passed meanwhile is not made up for. Rejects with `unknown_schedule`. */
  resumeSchedule(name: string, act: Act): Promise<ScheduleView>
  /** Lets nothing of a queue start any more, in any process and over restarts; what runs goes on. */
  pauseQueue?(name: string, act: Act): Promise<QueueView>
  /** Lets a paused queue go on. */
  resumeQueue?(name: string, act: Act): Promise<QueueView>
  /** Cancels all that waits in a queue, in the background. */
  drainQueue?(name: string, act: Act): Promise<Operation>

  /**
   * Enqueues a function by its name. Rejects with `unknown_function`, `bad_argument`, `bad_option`, `conflict_lock`,
   * `too_many_pending`. A source without it answers `unsupported`.
   */
  enqueue?(name: string, question: EnqueueQuestion, act: Act): Promise<TaskSummary>

  /** Calls back after each saved change, in order; returns how to stop. */
  subscribe(listener: ChangeListener): () => void
  /**
   * A text that is another one after each change of what is stored, whoever made it; as long as it is the same, `list`
   * answers the same. Throws when the source is not open. A source without it is asked each time.
   */
  version?(): string
  /**
   * Looks whether another process has saved something, and publishes the change `elsewhere` if so. Asked only while
   * somebody listens; a source without it has no others beside it, or hears of them by itself.
   */
  lookElsewhere?(): Promise<void>
  /** Calls back once when the source is shut down, before it stops answering: live streams end then. */
  onClose?(listener: () => void): () => void
}

/** What is to be enqueued. */
export interface EnqueueQuestion {
  /** The arguments of the call; the function's schema looks at them. */
  readonly args: readonly unknown[]
  /** As for `enqueue` of the application; `user` is the caller by default. */
  readonly options: EnqueueOptions
}

/** Panels that can be looked at. */
export interface PanelBoard {
  /** In the order in which they are shown. */
  list(): readonly PanelEntry[]
  /** Rejects with `unknown_panel`, `panel_failed`, `panel_timeout`. */
  render(id: string, source: TaskSource): Promise<PanelView>
}

/** Arguments and result, not redacted. */
export interface RevealedData {
  readonly args: Json
  readonly result: Json
}

export interface DetailReading {
  /** Whether encrypted arguments and results are shown where the keys are here; otherwise a word stands for them. */
  readonly opensSealed?: boolean
}

/** What a source can do. */
export interface SourceOffers {
  /** What there is to read: `schedules`, `functions`, `timeline`, `logs`, `search`, `persistence`. */
  readonly reads: readonly string[]
  /** What may be asked of it. */
  readonly actions: readonly ActionName[]
  /** Plain sentences the operator should know, e.g. that nothing outlives the process. */
  readonly notices: readonly string[]
}

/** Who does something, and why. */
export interface Act {
  /** Who it is, as the audit log shows it. */
  readonly actor: string
  /** In words; null when none was given. */
  readonly reason: string | null
  /** The caller's role; null or absent where there is none, as for what the application itself does. */
  readonly role?: string | null
  /** Where the request came from; null or absent when that is not known. */
  readonly address?: string | null
  /** The bulk operation that it is part of: its outcome is stored with the deed. Absent for deeds of their own. */
  readonly operationId?: string
}

/** Which failures are wanted. */
export interface ErrorsQuestion {
  /** Those that were seen at or after this instant; null for all. */
  readonly since: number | null
  /** Those of this function; all by default. */
  readonly funcName?: string | null
}

/** Which failed tasks are retried. */
export interface RetryFailedQuestion {
  /** Failed at or after this instant; null for all. */
  readonly since: number | null
  /** Of this function alone; null for all. */
  readonly funcName: string | null
  /** Also those that already have a live or successful retry. */
  readonly again: boolean
  /** Among these tasks; among all by default. */
  readonly filter?: TaskFilter
}

/** Which ended tasks are deleted. */
export interface ClearHistoryQuestion {
  /** Those that ended longer ago than so many milliseconds. */
  readonly olderThanMs: number
  /** In one of these statuses; empty stands for success, failed and cancelled. */
  readonly statuses: readonly TaskStatus[]
}
