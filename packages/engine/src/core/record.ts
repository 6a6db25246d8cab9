import type { Attempt, LogEntry, TaskSummary, TaskStatus } from '@taskloom/protocol'

/**
 * One run of a function, as it is stored. The summary is what lists and live events carry; the rest is read only by the
 * engine and the detail view. `args` and `result` are text of `serialize.ts`, never live values.
 */
export interface TaskRecord extends TaskSummary {
  readonly status: TaskStatus
  readonly args: string
  readonly result: string | null
  readonly stacktrace: string | null
  readonly errorCode: string | null
  /** JSON text of what `progress()` was last given beyond percent and message. */
  readonly progressPayload: string | null
  /** Unique among tasks that are not failed, interrupted or cancelled. */
  readonly idempotencyKey: string | null
  readonly locks: readonly string[]
  readonly affected: readonly string[]
  readonly traceId: string | null
  /** The schedule that minted it and the slot it stands for; unique together. */
  readonly schedule: string | null
  readonly slotAt: number | null
  /** How often a process stopped or died while it ran. */
  readonly interruptions: number
  /** When an operator asked a running task to stop. */
  readonly cancelRequestedAt: number | null
  /** Names of fields that were cut to fit their cap. */
  readonly truncated: readonly string[]
}

export type LogLine = Omit<LogEntry, 'line'>

/**
 * A change of one task's state, from what it was to what it will be. A store applies it only if the row still has the
 * status, worker and attempt of `previous`; whoever comes too late changes nothing. Made by `transition()` alone.
 */
export interface Transition {
  readonly previous: TaskRecord
  readonly next: TaskRecord
  /** The attempt that started or ended with it; replaces a stored one of the same number. */
  readonly attempt: Attempt | null
  /** Log lines that belong to it and must not be stored without it. */
  readonly logs: readonly LogLine[]
}

export interface TransitionExtras {
  readonly attempt?: Attempt | null
  readonly logs?: readonly LogLine[]
}

export function transition(
  previous: TaskRecord,
  changes: Partial<TaskRecord>,
  { attempt = null, logs = [] }: TransitionExtras = {},
): Transition {
  return { previous, next: { ...previous, ...changes, version: previous.version + 1 }, attempt, logs }
}

/** What is known of a task when it is asked for; everything else starts empty. */
export type NewTask = Pick<TaskRecord, 'taskId' | 'createdAt' | 'funcName' | 'queue' | 'args' | 'maxRetries'> &
  Partial<TaskRecord>

/** Written out field by field: two spreads of this size cost more than storing the task. */
export function createRecord(task: NewTask): TaskRecord {
  return {
    taskId: task.taskId,
    status: task.status ?? 'pending',
    funcName: task.funcName,
    queue: task.queue,
    createdAt: task.createdAt,
    runAt: task.runAt ?? null,
    startTime: task.startTime ?? null,
    endTime: task.endTime ?? null,
    durationMs: task.durationMs ?? null,
    waitMs: task.waitMs ?? null,
    attempt: task.attempt ?? 0,
    retriesUsed: task.retriesUsed ?? 0,
    maxRetries: task.maxRetries,
    priority: task.priority ?? null,
    executor: task.executor ?? 'async',
    source: task.source ?? 'manual',
    error: task.error ?? null,
    tags: task.tags ?? noTags,
    progress: task.progress ?? null,
    userLabel: task.userLabel ?? null,
    workerId: task.workerId ?? null,
    hasLogs: task.hasLogs ?? false,
    retriedFrom: task.retriedFrom ?? null,
    retryCount: task.retryCount ?? 0,
    version: task.version ?? 1,
    args: task.args,
    result: task.result ?? null,
    stacktrace: task.stacktrace ?? null,
    errorCode: task.errorCode ?? null,
    progressPayload: task.progressPayload ?? null,
    idempotencyKey: task.idempotencyKey ?? null,
    locks: task.locks ?? none,
    affected: task.affected ?? none,
    traceId: task.traceId ?? null,
    schedule: task.schedule ?? null,
    slotAt: task.slotAt ?? null,
    interruptions: task.interruptions ?? 0,
    cancelRequestedAt: task.cancelRequestedAt ?? null,
    truncated: task.truncated ?? none,
  }
}

const noTags: TaskRecord['tags'] = {}
const none: readonly string[] = []
