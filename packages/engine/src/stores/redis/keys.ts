import type { TaskStatus } from '@taskloom/protocol'

/**
 * The whole layout of what is kept in Redis: each function gives the name of a key. All names of one store begin with
 * `{prefix}:`, whose braces put them into one slot of a cluster.
 *
 * Three shapes come again and again:
 *
 * - **A set in order of ids**: a sorted set whose scores are all 0, so that `ZRANGEBYLEX` walks the ids, which rise with
 *   the time of creation.
 * - **A set in order of a number**: a sorted set with that number as score; equal ones are in order of ids.
 * - **A register**: a hash with a JSON text per field.
 *
 * Where names that people choose are part of a key or a field they stand as a JSON array ({@link placeName}), so that no
 * name can pretend to be two. A key that would be empty is not there.
 */
export class Keys {
  /** `base` is put before every name: `{taskloom}:` for commands, nothing for scripts, which put it there themselves. */
  constructor(readonly base: string) {}

  /** Hash of one task: see `TaskFields`. */
  task(taskId: string): string {
    return `${this.base}task:${taskId}`
  }

  /** List of the lines of a task's log, as JSON (`encodeLine`): line n is at index n − 1. */
  logs(taskId: string): string {
    return `${this.base}logs:${taskId}`
  }

  /** All tasks, in order of ids. */
  ids(): string {
    return `${this.base}ids`
  }

  /** Tasks in a status, in order of ids. */
  status(status: TaskStatus): string {
    return `${this.base}status:${status}`
  }

  /**
   * Tasks of one kind, in order of ids: each task is in exactly one of these, so that every filter on names and statuses
   * is some of them, merged. Which of them there are: the fields of `count(0, 0)`.
   */
  cell(place: CountPlace): string {
    return `${this.base}cell:${placeName(place)}`
  }

  /** Pending tasks without `runAt` of a function in a queue, in order of −priority: the first are the most urgent. */
  ready(funcName: string, queue: string): string {
    return `${this.base}ready:${JSON.stringify([funcName, queue])}`
  }

  /** Pending tasks with a `runAt` of a function in a queue, in order of it. */
  delayed(funcName: string, queue: string): string {
    return `${this.base}delayed:${JSON.stringify([funcName, queue])}`
  }

  /** Tasks with a tag, in order of ids. */
  tag(key: string, value: string): string {
    return `${this.base}tag:${JSON.stringify([key, value])}`
  }

  /** Tasks whose failure is of this kind, in order of ids. */
  errorGroup(fingerprint: string): string {
    return `${this.base}group:${fingerprint}`
  }

  /** Tasks that were retried from one, in order of ids. */
  retriesOf(taskId: string): string {
    return `${this.base}retries:${taskId}`
  }

  /** Tasks of a schedule, in order of ids. */
  scheduled(schedule: string): string {
    return `${this.base}scheduled:${JSON.stringify(schedule)}`
  }

  /** Tasks in order of a number that they have; those without it are not in it. */
  by(order: TaskOrder): string {
    return `${this.base}by:${order}`
  }

  /** Tasks of a queue in order of when they ended, epoch milliseconds; those that have not are not in it. */
  ended(queue: string): string {
    return `${this.base}ended:${JSON.stringify(queue)}`
  }

  /** Ended tasks without a start, an end or a duration, in order of ids. */
  unmeasured(): string {
    return `${this.base}unmeasured`
  }

  /** Hash: idempotency key → id of the pending, running or successful task that has it. */
  heldKeys(): string {
    return `${this.base}keys`
  }

  /** Hash: JSON of `[schedule, slotAt]` → id of the task that stands for this slot. */
  slots(): string {
    return `${this.base}slots`
  }

  /** Hash: name of a lock → JSON of `[[taskId, owner, since], …]`, in the order they were taken (`decodeGrips`). */
  locks(): string {
    return `${this.base}locks`
  }

  /**
   * Hash of the counts in one bucket: {@link placeName} of function, queue, source and status → tasks that were created
   * in it. Level 0 has the one bucket 0, which is all time. None that is zero.
   */
  count(levelMs: number, bucket: number): string {
    return `${this.base}count:${levelMs}:${bucket}`
  }

  /**
   * Hash of how the durations, or the waits, of the same tasks of one kind are spread: the field `s` is the sum of all
   * lengths, milliseconds; the others are bins of `histogram.ts` with how many lie in them, none of them zero. How many
   * lengths there are is the sum of the bins. Goes away with the count of its kind.
   */
  spread(levelMs: number, bucket: number, place: CountPlace, of: SpreadOf): string {
    return `${this.base}spread:${levelMs}:${bucket}:${of}:${placeName(place)}`
  }

  /** Which buckets of a level there are: sorted set of their starts (as text), in order of them as numbers. */
  buckets(levelMs: number): string {
    return `${this.base}buckets:${levelMs}`
  }

  /** Hash like `count(0, 0)`, with an empty source: tasks that were deleted. Never falls. */
  deletedCount(): string {
    return `${this.base}deleted:count`
  }

  /** Hash like `spread`, with an empty source: durations, or waits, of tasks that were deleted. */
  deletedSpread(place: CountPlace, of: SpreadOf): string {
    return `${this.base}deleted:spread:${of}:${placeName(place)}`
  }

  /** Hash: JSON of `[funcName, queue]` → retries that were ever used. */
  retryCounts(): string {
    return `${this.base}retried`
  }

  /** Register: fingerprint → an error group (`encodeGroup`). */
  errors(): string {
    return `${this.base}errors`
  }

  /** Fingerprints in order of when the group was last seen. */
  errorsSeen(): string {
    return `${this.base}errors:seen`
  }

  /** Hash: start of an hour → failures of this kind in it. Older ones than `errorCountsMs` may be in it, too. */
  errorHours(fingerprint: string): string {
    return `${this.base}errors:hours:${fingerprint}`
  }

  /** Register: fingerprint → JSON of `[mark, at, by]`, what somebody said of it; without a field nothing was said. */
  errorMarks(): string {
    return `${this.base}errors:marks`
  }

  /** Register: name → JSON of `[isPaused (0 or 1), lastSlotAt, missed]`. */
  schedules(): string {
    return `${this.base}schedules`
  }

  /** Register: worker's id → JSON of the `WorkerState`. */
  workers(): string {
    return `${this.base}workers`
  }

  /** Register: worker's id → JSON of its function names. */
  workerFunctions(): string {
    return `${this.base}workers:functions`
  }

  /** Register: queue → JSON of `[since, by]`; only paused ones have a field. */
  pausedQueues(): string {
    return `${this.base}paused`
  }

  /** Register: id → JSON of a session. */
  sessions(): string {
    return `${this.base}sessions`
  }

  /** Ids of sessions in order of when they end. */
  sessionEnds(): string {
    return `${this.base}sessions:ends`
  }

  /** Ids of sessions in order of when they were last used. */
  sessionsSeen(): string {
    return `${this.base}sessions:seen`
  }

  /** Ids of a user's sessions in order of when they were last used. */
  sessionsOf(user: string): string {
    return `${this.base}sessions:of:${JSON.stringify(user)}`
  }

  /** Hash: name → secret. */
  secrets(): string {
    return `${this.base}secrets`
  }

  /** Hash: what the store remembers of itself, such as how far a history has been moved into it. */
  notes(): string {
    return `${this.base}notes`
  }

  /** Register: id → an outbox message. */
  outbox(): string {
    return `${this.base}outbox`
  }

  /** Ids of all messages in order of when they were made. */
  outboxAges(): string {
    return `${this.base}outbox:ages`
  }

  /** Ids of a recipient's waiting messages in order of when they are due. */
  outboxDue(recipient: string): string {
    return `${this.base}outbox:due:${JSON.stringify(recipient)}`
  }

  /** Set of ids of a recipient's messages that were given up. */
  outboxDead(recipient: string): string {
    return `${this.base}outbox:dead:${JSON.stringify(recipient)}`
  }

  /** Operations, in order of ids. */
  operationIds(): string {
    return `${this.base}operations`
  }

  /** Operations that have not ended, in order of ids. */
  openOperations(): string {
    return `${this.base}operations:open`
  }

  /** Hash of one operation: see `OperationFields`. */
  operation(operationId: string): string {
    return `${this.base}operation:${operationId}`
  }

  /** Register: task's id → JSON of `[outcome, reason, newTaskId, at]`, one for each task of an operation. */
  items(operationId: string): string {
    return `${this.base}operation:${operationId}:items`
  }

  /** Tasks of an operation with an outcome, in order of ids; those with any outcome under `all`. */
  itemsBy(operationId: string, outcome: string): string {
    return `${this.base}operation:${operationId}:${outcome}`
  }

  /** Set of the operations that a task belongs to. */
  operationsOf(taskId: string): string {
    return `${this.base}operations:of:${taskId}`
  }

  /** Register: number of an entry of the audit log → the entry as JSON. */
  audit(): string {
    return `${this.base}audit`
  }

  /** JSON of `[entries, hash]`: the head of the audit chain; not there before the first entry. */
  auditHead(): string {
    return `${this.base}audit:head`
  }

  /** Numbers of entries of the audit log (as text) that have a value in a field, in order of them as numbers. */
  auditBy(field: 'actor' | 'action' | 'outcome' | 'about', value: string): string {
    return `${this.base}audit:${field}:${JSON.stringify(value)}`
  }

  /** Version of this layout, a decimal number. */
  schema(): string {
    return `${this.base}schema`
  }

  /** Held, with a time-out, by whoever migrates. */
  schemaLock(): string {
    return `${this.base}schema:lock`
  }

  /** The number of the last batch that a store instance has committed; goes away some time after it. */
  lastBatch(instanceId: string): string {
    return `${this.base}batch:${instanceId}`
  }

  /** Channel on which each commit is told: the message is the id of the store instance that made it. */
  changes(): string {
    return `${this.base}changes`
  }
}

/**
 * Numbers that tasks are kept in order of: `start` (epoch milliseconds) and `duration` (milliseconds) of all that have one, `priority` of those where it is neither null nor 0, `retries` (`retriesUsed`) of those where it is not 0.
 */
export type TaskOrder = 'start' | 'duration' | 'priority' | 'retries'

/** The kind of tasks that one count is of. */
export interface CountPlace {
  /** Their function. */
  readonly funcName: string
  /** Their queue. */
  readonly queue: string
  /** Who asked for them; empty in the ledger of deleted tasks. */
  readonly source: string
  /** Their status. */
  readonly status: string
}

/** Names as one text: JSON of them as an array. */
export function placeName({ funcName, queue, source, status }: CountPlace): string {
  return JSON.stringify([funcName, queue, source, status])
}

/** The names of {@link placeName}. */
export function parsePlace(text: string): CountPlace {
  const [funcName, queue, source, status] = JSON.parse(text) as [string, string, string, string]
  return { funcName, queue, source, status }
}

/** Which lengths of tasks: their durations or their waits. */
export type SpreadOf = 'duration' | 'wait'
