import {
  array,
  boolean,
  dictionary,
  instant,
  integer,
  nullable,
  number,
  object,
  oneOf,
  openEnum,
  seconds,
  string,
  named,
  type Infer,
} from './codec.ts'
import { executorNames, taskStatuses } from './status.ts'
import { metrics, taskSummary } from './task.ts'

export const timelineGroups = ['status', 'func_name', 'queue'] as const
export type TimelineGroup = (typeof timelineGroups)[number]

export const timelineBucket = object({
  at: instant,
  total: integer,
  /** Tasks per group value; a value without tasks is absent. */
  counts: dictionary(integer),
  p95DurationMs: named('p95_duration_ms', nullable(number)),
})
export const timeline = object({
  since: instant,
  until: instant,
  bucketMs: integer,
  group: oneOf(timelineGroups),
  buckets: array(timelineBucket),
})
export type Timeline = Infer<typeof timeline>
export type TimelineBucket = Infer<typeof timelineBucket>

/** A function as it was defined, with what its tasks did so far. */
export const functionView = object({
  funcName: string,
  queue: string,
  executor: openEnum(executorNames),
  retries: integer,
  delay: seconds,
  backoff: number,
  maxDelay: nullable(seconds),
  jitter: boolean,
  timeout: nullable(seconds),
  priority: nullable(integer),
  concurrency: nullable(integer),
  persist: boolean,
  eager: boolean,
  requeueOnInterrupt: boolean,
  schedule: nullable(string),
  stats: metrics,
})
export type FunctionView = Infer<typeof functionView>

export const typeStats = object({
  funcName: string,
  runs: integer,
  success: integer,
  failed: integer,
  rate: nullable(number),
  avgDurationMs: nullable(number),
  minDurationMs: nullable(number),
  maxDurationMs: nullable(number),
  p95DurationMs: named('p95_duration_ms', nullable(number)),
  runsPerHour: nullable(number),
})
export type TypeStats = Infer<typeof typeStats>

export const scheduleView = object({
  funcName: string,
  trigger: string,
  timezone: string,
  /** The trigger in plain English words. */
  description: string,
  /** The next five slots. */
  nextRuns: array(instant),
  lastRun: nullable(instant),
  lastStatus: nullable(openEnum(taskStatuses)),
  lastTaskId: nullable(string),
  status: oneOf(['active', 'paused']),
  misfire: openEnum(['once', 'skip', 'all']),
  missed: integer,
  overlap: openEnum(['allow', 'skip']),
})
export type ScheduleView = Infer<typeof scheduleView>

export const queueCount = object({ queue: string, counts: dictionary(integer), total: integer })
export type QueueCount = Infer<typeof queueCount>

export const healthCheck = object({ name: string, status: oneOf(['ok', 'degraded', 'down']), detail: nullable(string) })
export const health = object({ status: oneOf(['ok', 'degraded', 'down']), checks: array(healthCheck) })
export type Health = Infer<typeof health>
export type HealthCheck = Infer<typeof healthCheck>

/** Everything a source or a caller may be able to do; what is missing is hidden by the dashboard. */
export const actionNames = [
  'retry',
  'cancel',
  'run_now',
  'delete',
  'bulk_retry',
  'clear_history',
  'schedule_run',
  'schedule_pause',
] as const
export type ActionName = (typeof actionNames)[number]

export const capabilities = object({
  protocol: integer,
  title: string,
  environment: nullable(string),
  /** What the source offers to read: `schedules`, `functions`, `timeline`, `logs`, `search`, `persistence`. */
  reads: array(string),
  /** What this caller may do. */
  actions: array(string),
  displayArgs: boolean,
  /** Why nothing can be changed, or why nothing is kept; shown to the operator. */
  notices: array(string),
  limits: object({ pageSize: integer, bulk: integer, window: integer }),
})
export type Capabilities = Infer<typeof capabilities>

export const taskAnswer = object({ taskId: string, task: taskSummary })
export type TaskAnswer = Infer<typeof taskAnswer>

export const bulkResult = object({
  originalTaskId: string,
  newTaskId: nullable(string),
  /**
   * Why it was skipped: `unknown`, `wrong_status`, `not_registered`, `already_retried`, `locked`, `key_missing`,
   * `unreadable`, `too_many_pending`; null if not.
   */
  reason: nullable(string),
})
export const bulkAnswer = object({ dispatched: integer, skipped: integer, results: array(bulkResult) })
export type BulkAnswer = Infer<typeof bulkAnswer>
export type BulkResult = Infer<typeof bulkResult>

export const deletedAnswer = object({ deleted: integer })
export type DeletedAnswer = Infer<typeof deletedAnswer>
