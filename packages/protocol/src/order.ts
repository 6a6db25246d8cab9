import type { SortField } from './query.ts'
import type { TaskSummary } from './task.ts'

/** What rows are compared by; instants and durations are milliseconds. */
export type SortValue = string | number | null

/** A row's place in a sorted list; rows with equal values are ordered by id. */
export interface Place {
  /** The value of the field that the list is sorted by. */
  readonly value: SortValue
  /** The id of the row. */
  readonly taskId: string
}

/** The value a task is sorted by. A task without priority sorts as priority 0. */
export function sortValueOf(task: TaskSummary, sort: SortField): SortValue {
  switch (sort) {
    case 'created_at':
      return task.createdAt
    case 'func_name':
      return task.funcName
    case 'status':
      return task.status
    case 'duration':
      return task.durationMs
    case 'retries_used':
      return task.retriesUsed
    case 'start_time':
      return task.startTime
    case 'end_time':
      return task.endTime
    case 'priority':
      return task.priority ?? 0
    case 'task_id':
      return task.taskId
  }
}

/** Where a task stands in a list that is sorted by the field. */
export function placeOf(task: TaskSummary, sort: SortField): Place {
  return { value: sortValueOf(task, sort), taskId: task.taskId }
}

/** −1 when `a` comes first in rising order, 1 when `b` does, 0 for one and the same place. */
export function comparePlaces(a: Place, b: Place): -1 | 0 | 1 {
  return compareValues(a.value, b.value) || compareValues(a.taskId, b.taskId)
}

/** Rising order; null comes before every value. */
export function compareValues(a: SortValue, b: SortValue): -1 | 0 | 1 {
  if (a === b) return 0
  return a === null || (b !== null && a < b) ? -1 : 1
}
