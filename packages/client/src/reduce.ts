import {
  comparePlaces,
  formatCursor,
  placeOf,
  sortValueOf,
  type Metrics,
  type Place,
  type SortOrder,
  type TaskSummary,
} from '@taskloom/protocol'
import { readCursor } from './view-query.ts'
import type { ListState, ViewQuery } from './state.ts'

/** What a live frame says about tasks, as far as the list needs it. */
export interface TasksFrame {
  readonly changed: readonly TaskSummary[]
  readonly removed: readonly string[]
}

/** The page as the server would answer it now, as far as live frames tell. */
export interface Page {
  readonly tasks: readonly TaskSummary[]
  readonly nextCursor: string | null
  readonly prevCursor: string | null
}

export interface PageChange {
  readonly page: Page
  /** Rows that are new or other than before. */
  readonly flashedIds: readonly string[]
  /** The page can no longer be known from frames alone. */
  readonly needsRefetch: boolean
}

type PageView = Pick<ViewQuery, 'sort' | 'order' | 'pageSize' | 'cursor'>

/** Applies one frame to a page. A row never goes back to an earlier version. */
export function applyFrame(page: Page, view: PageView, frame: TasksFrame): PageChange {
  const flashedIds = new Set<string>()
  const removed = new Set(frame.removed)
  let tasks = page.tasks.filter((task) => !removed.has(task.taskId))
  // What follows the last row is known to the server alone.
  let needsRefetch = tasks.length < page.tasks.length && (page.nextCursor !== null || view.cursor !== null)
  let nextCursor = page.nextCursor

  // By creation the place of a row never changes, and the first page has no unknown rows before it.
  for (const task of newestOfEach(frame.changed)) {
    const index = tasks.findIndex((row) => row.taskId === task.taskId)
    const known = tasks[index]
    if (known) {
      if (task.version <= known.version) continue
      needsRefetch ||= sortValueOf(task, view.sort) !== sortValueOf(known, view.sort)
      tasks = tasks.with(index, task)
      flashedIds.add(task.taskId)
    } else if (view.sort !== 'created_at') {
      needsRefetch = true
    } else if (view.cursor !== null) {
      needsRefetch ||= mayBelong(task, tasks, page, view)
    } else if (nextCursor === null || comesBefore(task, tasks.at(-1), view)) {
      tasks = insert(tasks, task, view)
      flashedIds.add(task.taskId)
    }
    if (tasks.length > view.pageSize) {
      tasks = tasks.slice(0, view.pageSize)
      const cursor = cursorAfter(tasks.at(-1), page.nextCursor)
      needsRefetch ||= cursor === null
      nextCursor = cursor ?? nextCursor
    }
  }
  return {
    page: { ...page, tasks, nextCursor },
    flashedIds: [...flashedIds].filter((id) => tasks.some((task) => task.taskId === id)),
    needsRefetch,
  }
}

/** Only what rows say changes; none moves, comes or goes. */
export function updateInPlace(rows: readonly TaskSummary[], newer: readonly TaskSummary[]): readonly TaskSummary[] {
  const byId = new Map(newestOfEach(newer).map((task) => [task.taskId, task]))
  const updated = rows.map((row) => {
    const task = byId.get(row.taskId)
    return task && task.version > row.version ? task : row
  })
  return updated.some((row, index) => row !== rows[index]) ? updated : rows
}

/** How many rows would come, go or move if the held rows gave way to the real ones. */
export function countWaiting(shown: readonly TaskSummary[], real: readonly TaskSummary[]): number {
  const ids = new Set([...shown, ...real].map((task) => task.taskId))
  // A row on both pages is taken off again, once with each.
  const differing = 2 * ids.size - shown.length - real.length
  return differing || shown.filter((task, index) => task.taskId !== real[index]?.taskId).length
}

/** Totals are exact up to here. */
const totalCap = 100_000

/** The total that the counts imply, capped as the server caps it. */
export function totalFrom(metrics: Metrics): Pick<ListState, 'total' | 'totalIsCapped'> {
  return { total: Math.min(metrics.total, totalCap), totalIsCapped: metrics.total > totalCap || metrics.isCapped }
}

/** Whether the first page and the total tell different stories of a next page: rows behind the page came or went. */
export function contradictsTotal(
  page: Page,
  view: PageView,
  { total, totalIsCapped }: ReturnType<typeof totalFrom>,
): boolean {
  if (view.cursor !== null || totalIsCapped) return false
  return page.nextCursor === null ? total !== page.tasks.length : total <= page.tasks.length
}

function mayBelong(task: TaskSummary, tasks: readonly TaskSummary[], page: Page, view: PageView): boolean {
  const cursor = readCursor(view.cursor)
  if (typeof cursor?.value !== 'number') return true
  const place = placeOf(task, view.sort)
  if (cursor.direction === 'next') {
    return isBefore(cursor, place, view.order) && (page.nextCursor === null || comesBefore(task, tasks.at(-1), view))
  }
  return isBefore(place, cursor, view.order) && (page.prevCursor === null || comesBefore(tasks[0], task, view))
}

function comesBefore(a: TaskSummary | undefined, b: TaskSummary | undefined, view: PageView): boolean {
  return !a || !b || isBefore(placeOf(a, view.sort), placeOf(b, view.sort), view.order)
}

function isBefore(a: Place, b: Place, order: SortOrder): boolean {
  return comparePlaces(a, b) === (order === 'asc' ? -1 : 1)
}

function insert(tasks: readonly TaskSummary[], task: TaskSummary, view: PageView): TaskSummary[] {
  const at = tasks.findIndex((row) => comesBefore(task, row, view))
  return tasks.toSpliced(at < 0 ? tasks.length : at, 0, task)
}

/** Null when the server's cursors are not of the kind we can make. */
function cursorAfter(last: TaskSummary | undefined, former: string | null): string | null {
  if (!last) return null
  if (former !== null && typeof readCursor(former)?.value !== 'number') return null
  return formatCursor({ direction: 'next', ...placeOf(last, 'created_at') })
}

function newestOfEach(tasks: readonly TaskSummary[]): readonly TaskSummary[] {
  const newest = new Map<string, TaskSummary>()
  for (const task of tasks) {
    const known = newest.get(task.taskId)
    if (!known || known.version < task.version) newest.set(task.taskId, task)
  }
  return [...newest.values()]
}
