import type { Attempt, LogEntry, TaskSummary, TaskStatus } from '@taskloom/protocol'

/**
 * One run of a function, as it is stored. The summary is what lists and live events carry; the rest is read only by the
 * engine and the detail view. `args` and `result` are text of `serialize.ts`, never live values.
 */
export interface TaskRecord extends TaskSummary {
  /** Where it is in its life. */
  readonly status: TaskStatus
  /** Sealed where the manager encrypts, like `result`. */
  readonly args: string
  /** What the function returned, as text; null before, or when it returned nothing. */
  readonly result: string | null
  /** Paths of arguments that are not shown and not searched; see `redact.ts`. */
  readonly redact: readonly string[]
  /** Where the last attempt went wrong; null when that is not known. */
  readonly stacktrace: string | null
  /** The `code` of what was thrown, else its name; null when there is none. */
  readonly errorCode: string | null
  /** JSON text of what `progress()` was last given beyond percent and message. */
  readonly progressPayload: string | null
  /** Unique among tasks that are not failed, interrupted or cancelled. */
  readonly idempotencyKey: string | null
  /** Names of what nobody else may change while it waits or runs. */
  readonly locks: readonly string[]
  /** Labels of what it changes, for people. */
  readonly affected: readonly string[]
  /** The trace of `traceparent`; null without one. */
  readonly traceId: string | null
  /** The W3C trace context of whoever asked for it: his span, and what vendors passed along. */
  readonly traceparent: string | null
  /** What vendors passed along with `traceparent`; null without it. */
  readonly tracestate: string | null
  /** The schedule that minted it and the slot it stands for; unique together. */
  readonly schedule: string | null
  /** The slot of the schedule, epoch milliseconds; null when it is none. */
  readonly slotAt: number | null
  /** How often a process stopped or died while it ran. */
  readonly interruptions: number
  /** When an operator asked a running task to stop. */
  readonly cancelRequestedAt: number | null
  /** Names of fields that were cut to fit their cap. */
  readonly truncated: readonly string[]
}

/** A line of a task’s log before it is numbered. */
export type LogLine = Omit<LogEntry, 'line'>

/**
 * A change of one task's state, from what it was to what it will be. A store applies it only if the row still has the
 * status, worker and attempt of `previous`; whoever comes too late changes nothing. Made by `transition()` alone.
 */
export interface Transition {
  /** What the task was; the row must still be this for the change to count. */
  readonly previous: TaskRecord
  /** What it will be; its `version` is one higher. */
  readonly next: TaskRecord
  /**
   * The attempt that started or ended with it; replaces a stored one of the same number. Where the task's number of
   * attempts goes back, the started one is taken away: it was never begun.
   */
  readonly attempt: Attempt | null
  /** Log lines that belong to it and must not be stored without it. */
  readonly logs: readonly LogLine[]
}

/** A new task, with its first attempt when it starts at once. */
export interface Creation {
  readonly previous: null
  /** The task as it is to be stored. */
  readonly next: TaskRecord
  /** Its first attempt when it starts at once; null else. */
  readonly attempt: Attempt | null
  /** Lines that its log begins with. */
  readonly logs: readonly LogLine[]
  /**
   * The running task it was enqueued from: while that holds locks, both share them. Absent when it was enqueued by
   * none.
   */
  readonly joins?: string
  /**
   * What a retry changes in its original: stored with the new task, or neither is. It holds only while the original has the
   * status, worker, attempt and `retryCount` of `previous`, so that of several who retry it at once one does. Absent for a
   * task that is no retry.
   */
  readonly marks?: Transition
}

export interface TransitionExtras {
  readonly attempt?: Attempt | null
  readonly logs?: readonly LogLine[]
}

/**
 * A change of a task: `previous` with `changes`, its version one higher. Without `attempt` and `logs` none is stored
 * with it.
 */
export function transition(
  previous: TaskRecord,
  changes: Partial<TaskRecord>,
  { attempt = null, logs = noLines }: TransitionExtras = {},
): Transition {
  return { previous, next: Object.assign({ ...previous, version: previous.version + 1 }, changes), attempt, logs }
}

/** What is asked for: the function, where it waits, and whatever else was said; everything else starts empty. */
export type TaskRequest = Pick<TaskRecord, 'funcName' | 'queue' | 'maxRetries'> & Partial<Omit<TaskRecord, keyof Birth>>

/** What only the new task itself has. */
export type Birth = Pick<TaskRecord, 'taskId' | 'createdAt' | 'args'>

/** Everything that is not said of a new task. */
const blank: TaskRecord = {
  taskId: '',
  status: 'pending',
  funcName: '',
  queue: '',
  createdAt: 0,
  runAt: null,
  startTime: null,
  endTime: null,
  durationMs: null,
  waitMs: null,
  attempt: 0,
  retriesUsed: 0,
  maxRetries: 0,
  priority: null,
  executor: 'async',
  source: 'manual',
  error: null,
  tags: {},
  progress: null,
  userLabel: null,
  workerId: null,
  hasLogs: false,
  retriedFrom: null,
  retryCount: 0,
  version: 1,
  args: '[]',
  result: null,
  redact: [],
  stacktrace: null,
  errorCode: null,
  progressPayload: null,
  idempotencyKey: null,
  locks: [],
  affected: [],
  traceId: null,
  traceparent: null,
  tracestate: null,
  schedule: null,
  slotAt: null,
  interruptions: 0,
  cancelRequestedAt: null,
  truncated: [],
}

/** Copies the blank and assigns what is known: asking forty times for what is mostly not there takes ten times as long. */
export function createRecord(request: TaskRequest, { taskId, createdAt, args }: Birth): TaskRecord {
  return Object.assign({ ...blank, taskId, createdAt, args }, request)
}

export const noLines: readonly LogLine[] = []
