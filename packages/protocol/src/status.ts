/** Every status of a task, in the order of its life. */
export const taskStatuses = ['pending', 'running', 'success', 'failed', 'interrupted', 'cancelled'] as const
/** Where a task is in its life: it waits (`pending`), runs, or has ended in one of four ways. */
export type TaskStatus = (typeof taskStatuses)[number]

/** Statuses that no longer change by themselves. */
export const terminalStatuses = [
  'success',
  'failed',
  'interrupted',
  'cancelled',
] as const satisfies readonly TaskStatus[]
/** One of {@link terminalStatuses}. */
export type TerminalStatus = (typeof terminalStatuses)[number]
/** Statuses from which an operator may mint a new task. */
export const retryableStatuses = ['failed', 'interrupted'] as const satisfies readonly TaskStatus[]

/** Where functions run: on the event loop, in a worker thread, in a process of their own. */
export const executorNames = ['async', 'thread', 'process'] as const
/** One of {@link executorNames}. */
export type ExecutorName = (typeof executorNames)[number]

/** Who asked for the task: the host's code, a schedule, an operator's retry, or the HTTP API. */
export const taskSources = ['manual', 'scheduled', 'retry', 'api'] as const
/** One of {@link taskSources}. */
export type TaskSourceName = (typeof taskSources)[number]

/** Levels of log lines, from the least to the greatest. */
export const logLevels = ['debug', 'info', 'warning', 'error'] as const
/** One of {@link logLevels}. */
export type LogLevel = (typeof logLevels)[number]

/** Whether a word is a status that this version knows. */
export function isTaskStatus(word: string): word is TaskStatus {
  return (taskStatuses as readonly string[]).includes(word)
}

/** Whether a task in this status has ended. */
export function isTerminal(status: string): boolean {
  return (terminalStatuses as readonly string[]).includes(status)
}

/** Whether it waits for the response to the request that enqueued it; then `runAt` is when it starts at the latest. */
export function isHeld(task: {
  readonly status: string
  readonly runAt: number | null
  readonly attempt: number
  readonly workerId: string | null
}): boolean {
  return task.status === 'pending' && task.workerId !== null && task.runAt !== null && task.attempt < 1
}

/** Whether a task in this status can be retried. */
export function isRetryable(status: string): boolean {
  return (retryableStatuses as readonly string[]).includes(status)
}
