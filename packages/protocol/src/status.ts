export const taskStatuses = ['pending', 'running', 'success', 'failed', 'interrupted', 'cancelled'] as const
export type TaskStatus = (typeof taskStatuses)[number]

/** Statuses that no longer change by themselves. */
export const terminalStatuses = [
  'success',
  'failed',
  'interrupted',
  'cancelled',
] as const satisfies readonly TaskStatus[]
/** Statuses from which an operator may mint a new task. */
export const retryableStatuses = ['failed', 'interrupted'] as const satisfies readonly TaskStatus[]

export const executorNames = ['async', 'thread', 'process'] as const
export type ExecutorName = (typeof executorNames)[number]

/** Who asked for the task: the host's code, a schedule, an operator's retry, or the HTTP API. */
export const taskSources = ['manual', 'scheduled', 'retry', 'api'] as const
export type TaskSourceName = (typeof taskSources)[number]

export const logLevels = ['debug', 'info', 'warning', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

export function isTaskStatus(word: string): word is TaskStatus {
  return (taskStatuses as readonly string[]).includes(word)
}

export function isTerminal(status: string): boolean {
  return (terminalStatuses as readonly string[]).includes(status)
}

export function isRetryable(status: string): boolean {
  return (retryableStatuses as readonly string[]).includes(status)
}
