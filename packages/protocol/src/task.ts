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
export const progress = object({
  /** 0 to 100; null when the total is unknown. */
  percent: nullable(number),
  /** One line in the words of the task; null when it said none. */
  message: nullable(string),
})
/** How far a running task says it is. */
export type Progress = Infer<typeof progress>

/** A row of the task list, and the unit of the live stream. */
export const taskSummary = object({
  /** A UUID of version 7, unique for good. */
  taskId: string,
  /** The name that the function was defined with. */
  funcName: string,
  /** Where it waits; `default` when nothing else was said. */
  queue: string,
  /** Where it is in its life. */
  status: openEnum(taskStatuses),
  /** When it was enqueued. */
  createdAt: instant,
  /** When a delayed or retrying task becomes due; null once it has started or when it was due at once. */
  runAt: nullable(instant),
  /** When its first attempt started; null before. */
  startTime: nullable(instant),
  /** When it ended for good; null before. */
  endTime: nullable(instant),
  /** Start of the first attempt to the end of the last one. */
  durationMs: named('duration', nullable(seconds)),
  /** From when it was due to when its first attempt started. */
  waitMs: named('wait', nullable(seconds)),
  /** Attempts started so far; 0 while it has never run. */
  attempt: integer,
  /** Attempts after the first that followed a failure; snoozing and interruptions do not count. */
  retriesUsed: integer,
  /** How many retries its function allows. */
  maxRetries: integer,
  /** Higher runs first; null is 0. */
  priority: nullable(integer),
  /** Where its function runs. */
  executor: openEnum(executorNames),
  /** Who asked for it. */
  source: openEnum(taskSources),
  /** One line, at most 300 characters. */
  error: nullable(string),
  /** Names and values that it was enqueued with. */
  tags: dictionary(string),
  /** How far it is; null when it said nothing. */
  progress: nullable(progress),
  /** Whom it is for; null when that was not said. */
  userLabel: nullable(string),
  /** The life of the process that ran it last, or that held it for the response to its request; null before. */
  workerId: nullable(string),
  /** Whether there is a log to read. */
  hasLogs: boolean,
  /** The task that this one is a retry of. */
  retriedFrom: nullable(string),
  /** How many tasks were minted from this one by retry. */
  retryCount: integer,
  /** Grows with every write of this task: a reader never goes backwards. */
  version: integer,
})
/** A task as it stands in lists and live changes. */
export type TaskSummary = Infer<typeof taskSummary>

/** Codec of {@link Attempt}. */
export const attempt = object({
  /** 1 for the first. */
  attempt: integer,
  /** When it started. */
  startedAt: instant,
  /** When it ended; null while it runs. */
  endedAt: nullable(instant),
  /** `success`, `failed`, `timed_out`, `cancelled`, `interrupted`; null while it runs. */
  outcome: nullable(string),
  /** What went wrong in words; null when nothing did. */
  error: nullable(string),
  /** Where it went wrong; null when that is not known. */
  stacktrace: nullable(string),
  /** The life of the process that ran it; null when that is not known. */
  workerId: nullable(string),
})
/** One run of a task’s function. */
export type Attempt = Infer<typeof attempt>

/** Codec of {@link LogEntry}. */
export const logEntry = object({
  /** Position in the task's log, from 1; the cursor of `logs?after=`. */
  line: integer,
  /** When it was written. */
  at: instant,
  /** How much it matters. */
  level: openEnum(logLevels),
  /** What it says, at most 8,192 characters. */
  message: string,
  /** The attempt that wrote it; 0 for what was written before the first. */
  attempt: integer,
  /** Facts beside the message; null when there are none. */
  extra: nullable(dictionary(json)),
})
/** A line of a task’s log. */
export type LogEntry = Infer<typeof logEntry>

/** Codec of {@link LogPage}. */
export const logPage = object({
  /** The lines. */
  logs: array(logEntry),
  /** Pass as `after` to read on; null at the end. */
  logsNext: nullable(integer),
  /** How many lines there are, shown or not. */
  total: integer,
})
/** Lines of a log, oldest first. */
export type LogPage = Infer<typeof logPage>

/** Codec of {@link TimelineEntry}. */
export const timelineEntry = object({
  /** When it was. */
  at: instant,
  /**
   * `created`, `delayed`, `held`, `started`, `failed`, `retrying`, `snoozed`, `succeeded`, `gave_up`, `cancelled`,
   * `interrupted`, `retried`.
   */
  event: string,
  /** More about it in words; null where the event says it all. */
  detail: nullable(string),
})
/** A moment in the life of one task. */
export type TimelineEntry = Infer<typeof timelineEntry>

/** Counts and durations over a set of tasks. Every figure follows the filter it was asked with. */
export const metrics = object({
  /** Tasks in any status. */
  total: integer,
  /** Those that wait, delayed and to be retried included. */
  pending: integer,
  /** Those that run. */
  running: integer,
  /** Those that succeeded. */
  success: integer,
  /** Those that failed for good. */
  failed: integer,
  /** Those whose process stopped or died. */
  interrupted: integer,
  /** Those that somebody called off. */
  cancelled: integer,
  /** 0–1 of the terminal tasks; null when there are none. */
  successRate: nullable(number),
  /** Milliseconds from the start of the first attempt to the end of the last; null when none has ended, as for all below. */
  avgDurationMs: nullable(number),
  /** The shortest. */
  minDurationMs: nullable(number),
  /** The longest. */
  maxDurationMs: nullable(number),
  /** Half took no longer; within 1.1 %. */
  p50DurationMs: named('p50_duration_ms', nullable(number)),
  /** 95 of 100 took no longer; within 1.1 %. */
  p95DurationMs: named('p95_duration_ms', nullable(number)),
  /** 99 of 100 took no longer; within 1.1 %. */
  p99DurationMs: named('p99_duration_ms', nullable(number)),
  /** Milliseconds from being due to the start of the first attempt, of tasks that have ended. */
  avgWaitMs: nullable(number),
  /** 95 of 100 waited no longer; within 1.1 %. */
  p95WaitMs: named('p95_wait_ms', nullable(number)),
  /** True when the filter could not be answered from roll-ups and only the newest matching tasks were read. */
  isCapped: boolean,
})
/** Counts and durations of the tasks of a filter. */
export type Metrics = Infer<typeof metrics>

/** Codec of {@link TaskDetail}. */
export const taskDetail = extend(taskSummary, {
  /** Present only when the server was mounted with `displayArgs`. */
  args: optional(json),
  /** What the function returned, as JSON; null before, or when it was nothing. */
  result: json,
  /** Where the last attempt went wrong; null when that is not known. */
  stacktrace: nullable(string),
  /** The `code` of what was thrown, else its name; null when there is none. */
  errorCode: nullable(string),
  /** The first lines of the log. */
  logs: array(logEntry),
  /** Pass as `after` to read on; null when these are all. */
  logsNext: nullable(integer),
  /** Each run so far, the first one first. */
  attempts: array(attempt),
  /** What happened to it, oldest first. */
  timeline: array(timelineEntry),
  /** Labels of the things it changes. */
  affected: array(string),
  /** What it told beyond percent and message; null when nothing. */
  progressPayload: json,
  /** The hash of the key it holds; null without one. */
  idempotencyKey: nullable(string),
  /** Names of what nobody else may change meanwhile. */
  locks: array(string),
  /** The W3C trace that it belongs to; null without one. */
  traceId: nullable(string),
  /** The schedule that it is a slot of; null without one. */
  schedule: nullable(string),
  /** Ids of the tasks minted from this one, newest first. */
  retries: array(string),
  /** Figures of all tasks of its function; null where they are not known. */
  functionStats: nullable(metrics),
  /** The five latest tasks of the same function. */
  recentRuns: array(taskSummary),
  /**
   * Whether a source that cleans up after the end has done so; the engine lets go of everything with the end itself.
   */
  cleanedUp: boolean,
  /** Names of fields that were cut to fit their cap. */
  truncated: array(string),
})
/** Everything known of one task. */
export type TaskDetail = Infer<typeof taskDetail>

/** Codec of {@link TaskPage}. */
export const taskPage = object({
  /** The rows, in the order asked for. */
  tasks: array(taskSummary),
  /** The cursor of the next page; null at the end. */
  nextCursor: nullable(string),
  /** The cursor of the page before; null at the beginning. */
  prevCursor: nullable(string),
  /** How many rows the filter has in all. */
  total: integer,
  /** Whether there are more than `total`: counting was given up there. */
  totalIsCapped: boolean,
})
/** Rows of a list and the way to more. */
export type TaskPage = Infer<typeof taskPage>

/** Codec of {@link TaskProgress}. */
export const taskProgress = object({
  /** Which task. */
  taskId: string,
  /** Where it is in its life. */
  status: openEnum(taskStatuses),
  /** How far it is; null when it said nothing. */
  progress: nullable(progress),
  /** Why it failed, in one line; null when it did not. */
  error: nullable(string),
  /** As in {@link taskSummary}: a reader never goes backwards. */
  version: integer,
})
/** What there is to know of a task again and again while one waits for it. */
export type TaskProgress = Infer<typeof taskProgress>
