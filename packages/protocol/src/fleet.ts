import {
  array,
  boolean,
  instant,
  integer,
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
import { rateLimitView } from './functions.ts'
import { queueCount } from './views.ts'

/** Codec of {@link QueueSparkline}. */
export const queueSparkline = object({
  /** When the first bucket begins. */
  since: instant,
  /** The length of each bucket in milliseconds. */
  bucketMs: integer,
  /** How many of the tasks that were created in each bucket have ended; oldest first, without gaps. */
  ended: array(integer),
  /** How many of them failed. */
  failed: array(integer),
})
/** What became of the tasks of the last hour, by their creation as in the chart. */
export type QueueSparkline = Infer<typeof queueSparkline>

/** Codec of {@link QueueView}. */
export const queueView = object({
  ...queueCount.fields,
  /** How long the task that waits longest has been due, seconds; null when none is due. */
  oldestWait: optional(nullable(seconds)),
  /** How many tasks end in a minute, over the last five. */
  throughput: optional(number),
  /** How many of its tasks run at once in the process that answers; null without limit. */
  concurrency: optional(nullable(integer)),
  /** Whether nothing of it starts, in any process. */
  paused: optional(boolean),
  /** Since when; null when it is not paused. */
  pausedAt: optional(nullable(instant)),
  /** Who paused it; null when it is not paused. */
  pausedBy: optional(nullable(string)),
  /** How many live processes run functions that use it. */
  workers: optional(integer),
  /** Whether tasks wait in it and no live process runs functions that use it. */
  noWorker: optional(boolean),
  /** How often attempts of it start in the process that answers; null without limit. */
  rateLimit: optional(nullable(rateLimitView)),
  /** How many tasks of all queues may wait; null without limit. */
  maxPending: optional(nullable(integer)),
  /** The last hour; left out where more than 500 queues are told of. */
  sparkline: optional(queueSparkline),
})
/** A queue: how much is in it, how fast it is, and whether it is paused. What a source does not know is left out. */
export type QueueView = Infer<typeof queueView>

/** Codec of {@link WorkerView}. */
export const workerView = object({
  /** Unique for each start of a manager. */
  workerId: string,
  /** The machine it is on. */
  hostname: string,
  /** Its process id there; null where that is not known. */
  pid: nullable(integer),
  /** Of the engine that it runs; null where it does not say, as in all that follows. */
  version: nullable(string),
  /** Queues that it limits or that its functions use unless told otherwise. */
  queues: array(string),
  /** How many tasks it runs at once. */
  concurrency: nullable(integer),
  /** How many it ran when it was last heard of. */
  running: nullable(integer),
  /** When it started. */
  startedAt: instant,
  /** For how long it has been running, seconds; up to its last sign of life when it is stale. */
  uptime: seconds,
  /** When it was last heard of. */
  lastHeartbeat: instant,
  /** `stale` when it was not heard of for so long that its tasks are taken over. */
  status: openEnum(['active', 'stopping', 'stale', 'stopped']),
  /** Of one core, between its last two signs of life; may be above 100. */
  cpuPercent: nullable(number),
  /** Resident memory of the whole process, bytes. */
  rssBytes: nullable(integer),
  /** So late, or less, was its event loop in 99 % of all moments between its last two signs of life. */
  eventLoopLagMs: nullable(number),
  /** How many functions it defines. */
  functions: nullable(integer),
})
/** A process that runs tasks. One that stopped in order is not listed any more. */
export type WorkerView = Infer<typeof workerView>

/** Codec of {@link UnregisteredFunction}. */
export const unregisteredFunction = object({
  /** Its name. */
  funcName: string,
  /** Where its tasks are. */
  queues: array(string),
  /** How many wait: they will until somebody defines it. */
  pending: integer,
  /** How many are said to run. */
  running: integer,
  /** How many were created within seven days. */
  recent: integer,
})
/** A function that has tasks, and that no live process defines. */
export type UnregisteredFunction = Infer<typeof unregisteredFunction>

/** Codec of {@link PartialFunction}. */
export const partialFunction = object({
  /** Its name. */
  funcName: string,
  /** The processes that define it; the first 100. */
  workers: array(string),
  /** The processes that do not; the first 100. */
  missing: array(string),
})
/** A function that only some of the live processes define. */
export type PartialFunction = Infer<typeof partialFunction>

/** Codec of {@link Drift}. */
export const drift = object({
  /** How many live processes have said what they define. */
  workers: integer,
  /** Functions with tasks that nobody defines, by how many wait. */
  unregistered: array(unregisteredFunction),
  /** Functions that only some define, by name. */
  partial: array(partialFunction),
  /** Functions that are defined and have had no task within seven days, by name. */
  unseen: array(string),
  /** Whether one of the lists is longer than its first 1,000, which are shown. */
  truncated: boolean,
})
/** Where live processes and the store do not know the same functions. */
export type Drift = Infer<typeof drift>

/** Codec of {@link LockView}. */
export const lockView = object({
  /** The name of what is locked. */
  key: string,
  /** The task that holds it. */
  taskId: string,
  /** Its function. */
  funcName: string,
  /** Whether it waits or runs. */
  status: string,
  /** Whom it was done for; null when nobody said. */
  user: nullable(string),
  /** Since when it is held. */
  since: instant,
  /** The task that took it first; its descendants hold it, too. */
  owner: string,
})
/** A conflict lock that is held. */
export type LockView = Infer<typeof lockView>

/** Codec of {@link ErrorGroup}. */
export const errorGroup = object({
  /** Made of the type and of the message without what differs from task to task. */
  fingerprint: string,
  /** The code or name of the error. */
  type: string,
  /** Of the task that failed last. */
  message: string,
  /** The functions that failed so; the first 20. */
  functions: array(string),
  /** Tasks that failed so within an hour, and since the full hour before that. */
  lastHour: named('count_1h', integer),
  /** The same within a day. */
  lastDay: named('count_24h', integer),
  /** The same within seven days. */
  lastWeek: named('count_7d', integer),
  /** When the first of them failed. */
  firstSeen: instant,
  /** When the last of them failed. */
  lastSeen: instant,
  /** The task that failed last; it may have been deleted since. */
  sampleTaskId: named('sample_task', string),
  /** Failures in each of the last 24 hours, the current one last. */
  trend: optional(array(integer)),
  /** What somebody said of it: `resolved` until it is seen again, which makes it `regressed`; `open` where nobody did. */
  state: optional(openEnum(['open', 'resolved', 'ignored', 'regressed'])),
  /** When that was said; null where nobody did. */
  stateAt: optional(nullable(instant)),
  /** Who said it. */
  stateBy: optional(nullable(string)),
})
/**
 * Tasks that failed for the same reason, as far as words tell. They are counted in whole hours as they end, and stay
 * counted when their tasks are deleted.
 */
export type ErrorGroup = Infer<typeof errorGroup>
