import type {
  ActionName,
  BulkAnswer,
  FunctionView,
  Health,
  LogPage,
  Metrics,
  QueueCount,
  ScheduleView,
  TaskDetail,
  TaskFilter,
  TaskProgress,
  TaskStatus,
  TaskSummary,
  Timeline,
  TypeStats,
} from '@taskloom/protocol'
import type { ChangeListener } from '../observe/feed.ts'
import type { ListAnswer, ListQuestion, LogQuestion, TimelineQuestion } from '../stores/store.ts'

/**
 * What the server serves. `TaskManager` is one source; a bridge over somebody's existing queue is another. What a source
 * cannot do it leaves out of `offers`, and the dashboard hides it. Failures are `TaskError`s with a stable code.
 */
export interface TaskSource {
  /** Names the life of this source: live positions of another epoch cannot be resumed. */
  readonly epoch: string
  /** The number of the newest change; grows by one with each. */
  readonly revision: number
  readonly offers: SourceOffers

  list(question: ListQuestion): Promise<ListAnswer>
  metrics(filter: TaskFilter): Promise<Metrics>
  timeline(question: TimelineQuestion): Promise<Timeline>
  types(filter: TaskFilter): Promise<readonly TypeStats[]>
  queues(): Promise<readonly QueueCount[]>
  functions(): Promise<readonly FunctionView[]>
  schedules(): Promise<readonly ScheduleView[]>
  /** `args` are always present here, redacted; the server removes them unless it may show them. */
  detail(taskId: string, reading?: DetailReading): Promise<TaskDetail>
  logs(question: LogQuestion): Promise<LogPage>
  progress(taskId: string): Promise<TaskProgress>
  health(): Promise<Health>

  retry(taskId: string, act: Act): Promise<TaskSummary>
  cancel(taskId: string, act: Act): Promise<TaskSummary>
  runNow(taskId: string, act: Act): Promise<TaskSummary>
  delete(taskId: string, act: Act): Promise<void>
  bulkRetry(taskIds: readonly string[], options: { readonly again: boolean }, act: Act): Promise<BulkAnswer>
  retryFailed(question: RetryFailedQuestion, act: Act): Promise<BulkAnswer>
  clearHistory(question: ClearHistoryQuestion, act: Act): Promise<number>
  runSchedule(name: string, act: Act): Promise<TaskSummary>
  pauseSchedule(name: string, act: Act): Promise<ScheduleView>
  resumeSchedule(name: string, act: Act): Promise<ScheduleView>

  /** Calls back after each saved change, in order; returns how to stop. */
  subscribe(listener: ChangeListener): () => void
  /** Calls back once when the source is shut down, before it stops answering: live streams end then. */
  onClose?(listener: () => void): () => void
}

export interface DetailReading {
  /** Whether encrypted arguments and results are shown where the keys are here; otherwise a word stands for them. */
  readonly opensSealed?: boolean
}

export interface SourceOffers {
  readonly reads: readonly string[]
  readonly actions: readonly ActionName[]
  /** Plain sentences the operator should know, e.g. that nothing outlives the process. */
  readonly notices: readonly string[]
}

/** Who does something, and why. */
export interface Act {
  readonly actor: string
  readonly reason: string | null
}

export interface RetryFailedQuestion {
  /** Failed at or after this instant; null for all. */
  readonly since: number | null
  readonly funcName: string | null
  /** Also those that already have a live or successful retry. */
  readonly again: boolean
}

export interface ClearHistoryQuestion {
  readonly olderThanMs: number
  readonly statuses: readonly TaskStatus[]
}
