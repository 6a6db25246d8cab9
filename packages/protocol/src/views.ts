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
import { protocolVersion } from './version.ts'

/** By what the chart can be divided. */
export const timelineGroups = ['status', 'func_name', 'queue'] as const
/** One of {@link timelineGroups}. */
export type TimelineGroup = (typeof timelineGroups)[number]

/** Codec of {@link TimelineBucket}. */
export const timelineBucket = object({
  /** When it begins. */
  at: instant,
  /** Tasks created in it. */
  total: integer,
  /** Tasks per group value; a value without tasks is absent. */
  counts: dictionary(integer),
  /** 95 of 100 of them took no longer; null when none has ended. */
  p95DurationMs: named('p95_duration_ms', nullable(number)),
})
/** Codec of {@link Timeline}. */
export const timeline = object({
  /** When the first bucket begins. */
  since: instant,
  /** When the last bucket ends. */
  until: instant,
  /** The length of each bucket in milliseconds. */
  bucketMs: integer,
  /** By what the counts are divided. */
  group: oneOf(timelineGroups),
  /** Oldest first, without gaps. */
  buckets: array(timelineBucket),
})
/** Counts of tasks over time, by their creation. */
export type Timeline = Infer<typeof timeline>
/** One column of the chart. */
export type TimelineBucket = Infer<typeof timelineBucket>

/** A function as it was defined, with what its tasks did so far. */
export const functionView = object({
  /** Its name. */
  funcName: string,
  /** Where its tasks wait unless they say otherwise. */
  queue: string,
  /** Where it runs. */
  executor: openEnum(executorNames),
  /** Attempts after the first. */
  retries: integer,
  /** Milliseconds before the first retry. */
  delay: seconds,
  /** By how much each further delay is longer. */
  backoff: number,
  /** The longest delay in milliseconds; null for none. */
  maxDelay: nullable(seconds),
  /** Whether delays are drawn from a range. */
  jitter: boolean,
  /** Milliseconds after which an attempt is ended; null for never. */
  timeout: nullable(seconds),
  /** What its tasks have unless they say otherwise; null is 0. */
  priority: nullable(integer),
  /** How many run at once; null for no limit of its own. */
  concurrency: nullable(integer),
  /** Whether its tasks are stored. */
  persist: boolean,
  /** Whether its tasks start before the response to the request that asked for them. */
  eager: boolean,
  /** Whether a task whose process died waits again. */
  requeueOnInterrupt: boolean,
  /** The schedule that enqueues it; null without one. */
  schedule: nullable(string),
  /** Figures of all its tasks. */
  stats: metrics,
})
/** A function as it was defined, with what its tasks did so far. */
export type FunctionView = Infer<typeof functionView>

/** Codec of {@link TypeStats}. */
export const typeStats = object({
  /** Which function. */
  funcName: string,
  /** How many tasks. */
  runs: integer,
  /** How many succeeded. */
  success: integer,
  /** How many failed for good. */
  failed: integer,
  /** 0–1 of the ended ones; null when there are none. */
  rate: nullable(number),
  /** Milliseconds from the start of the first attempt to the end of the last; null when none has ended, as for all below. */
  avgDurationMs: nullable(number),
  /** The shortest. */
  minDurationMs: nullable(number),
  /** The longest. */
  maxDurationMs: nullable(number),
  /** 95 of 100 took no longer; within 1.1 %. */
  p95DurationMs: named('p95_duration_ms', nullable(number)),
  /** How often it is asked for, over the time of the filter; null when the filter names none. */
  runsPerHour: nullable(number),
})
/** What the tasks of one function did, within a filter. */
export type TypeStats = Infer<typeof typeStats>

/** Codec of {@link ScheduleView}. */
export const scheduleView = object({
  /** The function that it enqueues, which is its name, too. */
  funcName: string,
  /** `every 30s`, or the cron expression. */
  trigger: string,
  /** The IANA name of the zone that a cron expression is read in. */
  timezone: string,
  /** The trigger in plain English words. */
  description: string,
  /** The next five slots. */
  nextRuns: array(instant),
  /** When its last task was created; null before the first. */
  lastRun: nullable(instant),
  /** The status of that task; null before the first. */
  lastStatus: nullable(openEnum(taskStatuses)),
  /** The id of that task; null before the first. */
  lastTaskId: nullable(string),
  /** Whether its slots are enqueued. */
  status: openEnum(['active', 'paused']),
  /** What happens to slots that nobody was there for. */
  misfire: openEnum(['once', 'skip', 'all']),
  /** How many slots were never run. */
  missed: integer,
  /** Whether a slot passes while the task of an earlier one still waits or runs. */
  overlap: openEnum(['allow', 'skip']),
})
/** A schedule with its next slots and what its last task did. */
export type ScheduleView = Infer<typeof scheduleView>

/** Codec of {@link QueueCount}. */
export const queueCount = object({
  /** Which queue. */
  queue: string,
  /** Tasks by status; a status without tasks may be absent. */
  counts: dictionary(integer),
  /** Tasks in any status. */
  total: integer,
})
/** How many tasks a queue has. */
export type QueueCount = Infer<typeof queueCount>

/** Codec of {@link HealthCheck}. */
export const healthCheck = object({
  /** What was looked at. */
  name: string,
  /** How it is. */
  status: openEnum(['ok', 'degraded', 'down']),
  /** Why it is not well; null when it is. */
  detail: nullable(string),
})
/** Codec of {@link Health}. */
export const health = object({
  /** The worst of the checks. */
  status: openEnum(['ok', 'degraded', 'down']),
  /** What was looked at. */
  checks: array(healthCheck),
})
/** Whether the source works. Down is answered with status 503. */
export type Health = Infer<typeof health>
/** One thing that was looked at. */
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
  'bulk_cancel',
  'bulk_delete',
  'queue_pause',
  'queue_drain',
  'enqueue',
  'export',
  'reveal',
  'read_audit',
  'triage',
  'move',
] as const
/** One of {@link actionNames}. */
export type ActionName = (typeof actionNames)[number]

const ownCapabilities = object({
  /** The {@link protocolVersion} of the server. */
  protocol: integer,
  /** What the server calls itself. */
  title: string,
  /** A word such as `production`; null when there is none. */
  environment: nullable(string),
  /** What the source offers to read: `schedules`, `functions`, `timeline`, `logs`, `search`, `persistence`. */
  reads: array(string),
  /** What this caller may do. */
  actions: array(string),
  /** Whether arguments are shown. */
  displayArgs: boolean,
  /** Why nothing can be changed, or why nothing is kept; shown to the operator. */
  notices: array(string),
  /** Rows of a page, ids of a bulk action, and hours of a window, at most. */
  limits: object({ pageSize: integer, bulk: integer, window: integer }),
})
/** What this source offers and this caller may do. */
export type Capabilities = Infer<typeof ownCapabilities>

/** Nothing that is offered, on the wire. */
const nothing = {
  ...{ title: '', reads: [], actions: [], notices: [], display_args: false },
  limits: { page_size: 1, bulk: 1, window: 1 },
}

/**
 * Codec of {@link Capabilities}. Of a server that speaks another version of the protocol nothing but that is read: what it
 * offers and allows would be misunderstood, so it counts as nothing.
 */
export const capabilities: typeof ownCapabilities = {
  ...ownCapabilities,
  decode(input, path) {
    const { protocol } = (input ?? {}) as { readonly protocol?: unknown }
    return ownCapabilities.decode(protocol === protocolVersion ? input : { ...nothing, protocol }, path)
  },
}

/** Codec of {@link TaskAnswer}. */
export const taskAnswer = object({
  /** Its id. */
  taskId: string,
  /** As it is now. */
  task: taskSummary,
})
/** The task that a command speaks of or has minted. */
export type TaskAnswer = Infer<typeof taskAnswer>

/** Codec of {@link BulkResult}. */
export const bulkResult = object({
  /** The task that was asked about. */
  originalTaskId: string,
  /** The task that was minted from it; null when it was skipped. */
  newTaskId: nullable(string),
  /**
   * Why it was skipped: `unknown`, `wrong_status`, `not_registered`, `already_retried`, `locked`, `key_missing`,
   * `unreadable`, `too_many_pending`, `forbidden`; null if not.
   */
  reason: nullable(string),
})
/** Codec of {@link BulkAnswer}. */
export const bulkAnswer = object({
  /** How many tasks were minted. */
  dispatched: integer,
  /** How many were not. */
  skipped: integer,
  /** One for each task asked about, in that order. */
  results: array(bulkResult),
})
/** What became of many tasks that were to be retried. */
export type BulkAnswer = Infer<typeof bulkAnswer>
/** What became of one of them. */
export type BulkResult = Infer<typeof bulkResult>

/** Codec of {@link DeletedAnswer}. */
export const deletedAnswer = object({
  /** How many tasks are gone. */
  deleted: integer,
})
/** How much was deleted. */
export type DeletedAnswer = Infer<typeof deletedAnswer>

/** Codec of {@link PanelEntry}. */
export const panelEntry = object({
  /** Stands in the address: letters, digits, `-` and `_`. */
  id: string,
  /** What people read. */
  title: string,
})
/** A panel of the host in the list; its content is asked for by `id`. */
export type PanelEntry = Infer<typeof panelEntry>
