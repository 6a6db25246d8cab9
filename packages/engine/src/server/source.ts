import type {
  ActionName,
  BulkAnswer,
  Drift,
  EnqueueIssue,
  ErrorGroup,
  FunctionDetail,
  FunctionEntry,
  Health,
  Histogram,
  Json,
  Latency,
  Lineage,
  LockView,
  LogPage,
  Metrics,
  PanelEntry,
  PanelView,
  QueueView,
  ScheduleEntry,
  SchedulesAnswer,
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
import type { Move } from '../core/lifecycle.ts'
import type { NamedPage } from '../core/page-by-name.ts'
import type { EnqueueOptions } from '../core/request.ts'
import type { ChangeListener } from '../observe/feed.ts'
import type { AuditStore } from '../stores/audit.ts'
import type { ErrorMark } from '../stores/error-marks.ts'
import type { Operation } from '../stores/operations.ts'
import type { LatencyQuestion, ListAnswer, ListQuestion, LogQuestion } from '../stores/store.ts'
import type { SessionStore, TimelineQuestion } from '../stores/store.ts'
import type { OperationBoard } from './operations.ts'
import type { PublicTokenReader } from './public-grant.ts'

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
  /** How durations and waits of a filter are spread; a source without it answers `unsupported`. */
  histogram?(filter: TaskFilter): Promise<Histogram>
  /** Durations and waits over time; a source without it answers `unsupported`. */
  latency?(question: LatencyQuestion): Promise<Latency>
  /**
   * The arguments of the newest tasks of a filter that a search can read, redacted; at most one list for each of `limit`
   * tasks. Without it arguments cannot be completed.
   */
  sampleArgs?(filter: TaskFilter, limit: number): Promise<readonly Json[]>
  /** Figures by function, by name. */
  types(filter: TaskFilter): Promise<readonly TypeStats[]>
  /** Counts by queue, by name, and what else is known of it. */
  queues(): Promise<readonly QueueView[]>
  /** The defined functions with their figures, and what else is known of them. */
  functions(): Promise<readonly FunctionEntry[]>
  /** One of them with the schema of its arguments; null when it is not defined here. Without it the schema is not told. */
  function?(name: string): Promise<FunctionDetail | null>
  /** The schedules with their next slots; all by default. A source that cannot choose gives all. */
  schedules(question?: SchedulesQuestion): Promise<readonly ScheduleEntry[]>
  /** `args` are always present here, redacted; the server removes them unless it may show them. */
  detail(taskId: string, reading?: DetailReading): Promise<TaskDetail>
  /** What it was retried from and what was retried from it. Rejects with `unknown_task`; a source without it answers `unsupported`. */
  lineage?(taskId: string): Promise<Lineage>
  /** Knows the tokens that it has given out for end users; without it there are none. */
  readonly publicTokens?: PublicTokenReader
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
  /**
   * Says that a kind of failure is mended or does not matter; null takes back what was said. Rejects with `unknown_error`.
   * A source without it answers `unsupported`.
   */
  markError?(fingerprint: string, mark: ErrorMark | null, act: Act): Promise<ErrorGroup>
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
  /**
   * Gives a waiting task another priority or queue. Rejects with `unknown_task`, `wrong_status`. A source without it answers
   * `unsupported`.
   */
  move?(taskId: string, to: Move, act: Act): Promise<TaskSummary>
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
  /** The same with several schedules, null for all. A source without it answers `unsupported`. */
  setSchedulesPaused?(names: readonly string[] | null, isPaused: boolean, act: Act): Promise<SchedulesAnswer>
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
  /**
   * What is wrong with the arguments and the options of such a question; empty where nothing is. Enqueues nothing, and
   * says nothing of locks, keys and room. Rejects with `unknown_function`, `unknown_task`.
   */
  checkEnqueue?(name: string, question: EnqueueQuestion, act: Act): Promise<readonly EnqueueIssue[]>

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

/** Which schedules are wanted. */
export type SchedulesQuestion = NamedPage

/** What is to be enqueued. */
export interface EnqueueQuestion {
  /** The arguments of the call; the function's schema looks at them. */
  readonly args: readonly unknown[]
  /** As for `enqueue` of the application; `user` is the caller by default. */
  readonly options: EnqueueOptions
  /** The task that it is made from; none by default. */
  readonly clonedFrom?: CloneOrigin
}

/** A task of which another one is made by hand. */
export interface CloneOrigin {
  /** Its id; it is of the same function. */
  readonly taskId: string
  /** Whether its arguments are taken as they are, whatever `args` says. */
  readonly keepsArgs: boolean
  /** Its arguments as who asks was shown them: what he left so is taken as it is in truth. Null where he saw none. */
  readonly shownArgs: Json
  /** The same of its tags. */
  readonly shownTags: Readonly<Record<string, string>>
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
