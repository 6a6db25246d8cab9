import { placeOf, type Cursor, type Place, type SortField, type SortOrder, type TaskSummary } from '@taskloom/protocol'
import type { ListAnswer } from './store.ts'

export { comparePlaces, compareValues, type Place, type SortValue } from '@taskloom/protocol'

export interface PageQuestion {
  readonly sort: SortField
  readonly order: SortOrder
  readonly limit: number
  readonly cursor: Cursor | null
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
