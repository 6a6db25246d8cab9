import { anyTask, terminalStatuses, type TaskFilter, type TaskStatus } from '@taskloom/protocol'
import { TaskError } from '../../core/errors.ts'
import type { OperationAction } from '../../stores/operations.ts'

/** In which status a task must be for an action to have a meaning. */
const meantStatuses = {
  retry: ['failed', 'interrupted'],
  cancel: ['pending', 'running'],
  run_now: ['pending'],
  delete: terminalStatuses,
} as const satisfies Record<OperationAction, readonly TaskStatus[]>

/** The tasks of a filter that an action can be done to. Throws `wrong_status` when it has no status in which it can. */
export function meantBy(action: OperationAction, filter: TaskFilter): TaskFilter {
  const meant: readonly TaskStatus[] = meantStatuses[action]
  const statuses = filter.statuses.length === 0 ? meant : filter.statuses.filter((status) => meant.includes(status))
  if (statuses.length > 0) return { ...filter, statuses }
  throw new TaskError('wrong_status', { message: `Only ${meant.join(' or ')} tasks can be meant by ${action}` })
}

/** Everything that waits in a queue. */
export function waitingIn(queue: string): TaskFilter {
  return { ...anyTask, statuses: ['pending'], queues: [queue] }
}

/** A filter as the store keeps it. */
export function filterToText(filter: TaskFilter): string {
  return JSON.stringify(filter)
}

/** Reads what {@link filterToText} wrote. */
export function filterFromText(text: string): TaskFilter {
  return { ...anyTask, ...(JSON.parse(text) as Partial<TaskFilter>) }
}
