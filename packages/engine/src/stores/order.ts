import type { Cursor, SortField, SortOrder, TaskSummary } from '@taskloom/protocol'
import type { ListAnswer } from './store.ts'

export type SortValue = string | number | null

/** A row's place in a sorted list; rows with equal values are ordered by id. */
export interface Place {
  readonly value: SortValue
  readonly taskId: string
}

export interface PageQuestion {
  readonly sort: SortField
  readonly order: SortOrder
  readonly limit: number
  readonly cursor: Cursor | null
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

export function placeOf(task: TaskSummary, sort: SortField): Place {
  return { value: sortValueOf(task, sort), taskId: task.taskId }
}

/** Rising order; null comes before every value. */
export function comparePlaces(a: Place, b: Place): number {
  return compareValues(a.value, b.value) || compareValues(a.taskId, b.taskId)
}

export function compareValues(a: SortValue, b: SortValue): number {
  if (a === b) return 0
  if (a === null) return -1
  if (b === null) return 1
  return a < b ? -1 : 1
}

/** Whether rows are read against the order asked for, as a page before the cursor is. */
export function isBackwards(cursor: Cursor | null): boolean {
  return cursor?.direction === 'prev'
}

/** 1 when rows are read in rising order, −1 in falling order. */
export function readingSign({ order, cursor }: PageQuestion): 1 | -1 {
  return (order === 'asc') === isBackwards(cursor) ? -1 : 1
}

/**
 * Makes a page of rows that were read from the cursor on in reading order, one more than the limit if there is one.
 * `resumeAt` is where a bounded scan gave up, so that reading on continues there.
 */
export function pageOf(
  read: readonly TaskSummary[],
  question: PageQuestion,
  resumeAt: Place | null = null,
): Pick<ListAnswer, 'tasks' | 'next' | 'prev'> {
  const { sort, limit, cursor } = question
  const backwards = isBackwards(cursor)
  const tasks = read.slice(0, limit)
  const last = tasks.at(-1)
  const onward = read.length > limit && last ? placeOf(last, sort) : resumeAt
  const first = tasks[0]
  const back = cursor === null ? null : first ? placeOf(first, sort) : cursor
  if (backwards) tasks.reverse()
  return {
    tasks,
    next: cursorAt(backwards ? back : onward, 'next'),
    prev: cursorAt(backwards ? onward : back, 'prev'),
  }
}

function cursorAt(place: Place | null, direction: Cursor['direction']): Cursor | null {
  return place && { direction, value: place.value, taskId: place.taskId }
}
