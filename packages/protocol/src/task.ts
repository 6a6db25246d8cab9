import {
  array,
  boolean,
  dictionary,
  extend,
  instant,
  integer,
  json,
  named,
  nullable,
  number,
  object,
  openEnum,
  optional,
  seconds,
  string,
  type Infer,
} from './codec.ts'
import { executorNames, logLevels, taskSources, taskStatuses } from './status.ts'

/** How far a running task says it is. `percent` is 0–100, null when the total is unknown. */
export const progress = object({ percent: nullable(number), message: nullable(string) })
export type Progress = Infer<typeof progress>

/** A row of the task list, and the unit of the live stream. */
export const taskSummary = object({
  taskId: string,
  funcName: string,
  queue: string,
  status: openEnum(taskStatuses),
  createdAt: instant,
  /** When a delayed or retrying task becomes due; null once it has started or when it was due at once. */
  runAt: nullable(instant),
  startTime: nullable(instant),
  endTime: nullable(instant),
  /** Start of the first attempt to the end of the last one. */
  durationMs: named('duration', nullable(seconds)),
  /** From when it was due to when its first attempt started. */
  waitMs: named('wait', nullable(seconds)),
  /** Attempts started so far; 0 while it has never run. */
  attempt: integer,
  retriesUsed: integer,
  maxRetries: integer,
  /** Higher runs first; null is 0. */
  priority: nullable(integer),
  executor: openEnum(executorNames),
  source: openEnum(taskSources),
  /** One line, at most 300 characters. */
  error: nullable(string),
  tags: dictionary(string),
  progress: nullable(progress),
  userLabel: nullable(string),
  workerId: nullable(string),
  hasLogs: boolean,
  /** The task that this one is a retry of. */
  retriedFrom: nullable(string),
  /** How many tasks were minted from this one by retry. */
  retryCount: integer,
  /** Grows with every write of this task: a reader never goes backwards. */
  version: integer,
})
export type TaskSummary = Infer<typeof taskSummary>

export const attempt = object({
  attempt: integer,
  startedAt: instant,
  endedAt: nullable(instant),
  /** `success`, `failed`, `timed_out`, `cancelled`, `interrupted`; null while it runs. */
  outcome: nullable(string),
  error: nullable(string),
  stacktrace: nullable(string),
  workerId: nullable(string),
})
export type Attempt = Infer<typeof attempt>

export const logEntry = object({
  /** Position in the task's log, from 1; the cursor of `logs?after=`. */
  line: integer,
  at: instant,
  level: openEnum(logLevels),
  message: string,
  attempt: integer,
  extra: nullable(dictionary(json)),
})
export type LogEntry = Infer<typeof logEntry>

export const logPage = object({
  logs: array(logEntry),
  /** Pass as `after` to read on; null at the end. */
  logsNext: nullable(integer),
  total: integer,
})
export type LogPage = Infer<typeof logPage>

export const timelineEntry = object({
  at: instant,
  /**
   * `created`, `delayed`, `started`, `failed`, `retrying`, `snoozed`, `succeeded`, `gave_up`, `cancelled`, `interrupted`,
   * `retried`.
   */
  event: string,
  detail: nullable(string),
})
export type TimelineEntry = Infer<typeof timelineEntry>

/** Counts and durations over a set of tasks. Every figure follows the filter it was asked with. */
export const metrics = object({
  total: integer,
  pending: integer,
  running: integer,
  success: integer,
  failed: integer,
  interrupted: integer,
  cancelled: integer,
  /** 0–1 of the terminal tasks; null when there are none. */
  successRate: nullable(number),
  avgDurationMs: nullable(number),
  minDurationMs: nullable(number),
  maxDurationMs: nullable(number),
  p50DurationMs: named('p50_duration_ms', nullable(number)),
  p95DurationMs: named('p95_duration_ms', nullable(number)),
  p99DurationMs: named('p99_duration_ms', nullable(number)),
  avgWaitMs: nullable(number),
  p95WaitMs: named('p95_wait_ms', nullable(number)),
  /** True when the filter could not be answered from roll-ups and only the newest matching tasks were read. */
  isCapped: boolean,
})
export type Metrics = Infer<typeof metrics>

export const taskDetail = extend(taskSummary, {
  /** Present only when the server was mounted with `displayArgs`. */
  args: optional(json),
  result: json,
  stacktrace: nullable(string),
  errorCode: nullable(string),
  logs: array(logEntry),
  logsNext: nullable(integer),
  attempts: array(attempt),
  timeline: array(timelineEntry),
  affected: array(string),
  progressPayload: json,
  idempotencyKey: nullable(string),
  locks: array(string),
  traceId: nullable(string),
  schedule: nullable(string),
  /** Ids of the tasks minted from this one, newest first. */
  retries: array(string),
  functionStats: nullable(metrics),
  /** The five latest tasks of the same function. */
  recentRuns: array(taskSummary),
  cleanedUp: boolean,
  /** Names of fields that were cut to fit their cap. */
  truncated: array(string),
})
export type TaskDetail = Infer<typeof taskDetail>

export const taskPage = object({
  tasks: array(taskSummary),
  nextCursor: nullable(string),
  prevCursor: nullable(string),
  total: integer,
  totalIsCapped: boolean,
})
export type TaskPage = Infer<typeof taskPage>

export const taskProgress = object({
  taskId: string,
  status: openEnum(taskStatuses),
  progress: nullable(progress),
  error: nullable(string),
  version: integer,
})
export type TaskProgress = Infer<typeof taskProgress>
