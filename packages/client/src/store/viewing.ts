import { parseWindow } from '@taskloom/protocol'
import type { DashboardStore, ViewQuery } from '../state.ts'
import { initialView, searchProblem } from '../view-query.ts'
import { askOf, type StoreCore } from './core.ts'
import type { LiveLink } from './live.ts'
import type { Loaders } from './loading.ts'

export interface Viewing {
  readonly verbs: Pick<DashboardStore, 'setView' | 'clearFilters' | 'nextPage' | 'prevPage' | 'firstPage'>
  /** What the shown tab needs beside the rows. */
  readonly loadTab: () => Promise<void>
  /** Moves a sliding window on, from time to time. */
  readonly startSliding: () => void
  readonly stop: () => void
}

/** A sliding window is fixed for a sixtieth of its length, as long as a bar of the chart, and at least so long. */
const leastSlideMs = 60_000
const slidesPerWindow = 60

/** What is asked for, and the way from page to page. */
export function createViewing(core: StoreCore, loaders: Loaders, live: LiveLink): Viewing {
  let cancelSlide: (() => void) | null = null
  /** The view that was asked last: one whose search is not understood never is. */
  let askedView = core.state.searchProblem ? { ...core.state.view, search: '' } : core.state.view

  async function setView(changes: Partial<ViewQuery>): Promise<void> {
    const before = core.state.view
    const start = 'cursor' in changes || isOnlyLook(changes) ? {} : { cursor: null, pageNumber: 1 }
    const view = { ...before, ...start, ...changes }
    const problem = searchProblem(view.search)
    core.update({ view, searchProblem: problem })
    core.persistence.writePreferences({ view, isPaused: core.state.isPaused })
    const tab = view.tab === before.tab ? null : loadTab()
    if (view.series !== before.series) void loaders.timeline.now()
    // Half a qualifier is on its way to a whole one: the rows stay until it is understood.
    if (problem === null) await ask(askedView, view)
    await tab
  }

  async function ask(before: ViewQuery, view: ViewQuery): Promise<void> {
    const hasOtherFilter = filterKey(before) !== filterKey(view)
    if (!hasOtherFilter && rowsKey(before) === rowsKey(view)) return
    askedView = view
    core.asked = hasOtherFilter
      ? askOf(view, core.timing.now())
      : { ...askOf(view, core.timing.now()), filter: core.asked.filter }
    core.updateList({ phase: 'loading', problem: null })
    if (!hasOtherFilter) {
      await loaders.askRows()
      return
    }
    core.update({ selectedIds: new Set(), selectedAll: null })
    const rows = loaders.askRows()
    live.open()
    startSliding()
    await Promise.all([rows, loaders.figures()])
  }

  async function loadTab(): Promise<void> {
    const { tab } = core.state.view
    if (tab === 'schedules') await loaders.schedules.now()
    if (tab === 'tasks') await loaders.functions.now()
  }

  function startSliding(): void {
    cancelSlide?.()
    cancelSlide = null
    const { range } = core.state.view
    const windowMs = range.kind === 'window' ? parseWindow(range.window) : null
    if (windowMs === null) return
    cancelSlide = core.timing.after(Math.max(leastSlideMs, windowMs / slidesPerWindow), () => {
      slide()
      startSliding()
    })
  }

  function slide(): void {
    const { connection, isPaused, searchProblem, view } = core.state
    if (isPaused || searchProblem || connection.kind === 'hidden') return
    core.asked = askOf(view, core.timing.now())
    for (const each of [loaders.rows, loaders.metrics, loaders.timeline]) each.soon()
    live.openSoon()
  }

  const verbs: Viewing['verbs'] = {
    setView,
    clearFilters() {
      const { statuses, funcNames, queues, range, search } = initialView
      return setView({ statuses, funcNames, queues, range, search })
    },
    async nextPage() {
      const { list, view } = core.state
      if (list.nextCursor !== null) await setView({ cursor: list.nextCursor, pageNumber: view.pageNumber + 1 })
    },
    async prevPage() {
      const { list, view } = core.state
      // The first page is asked for as such: only there new rows come in by themselves.
      if (view.pageNumber <= 2 || list.prevCursor === null) return setView({})
      await setView({ cursor: list.prevCursor, pageNumber: view.pageNumber - 1 })
    },
    firstPage: () => setView({}),
  }

  return {
    verbs,
    loadTab,
    startSliding,
    stop() {
      cancelSlide?.()
      cancelSlide = null
    },
  }
}

/** Another look at the same rows stays on their page. */
function isOnlyLook(changes: Partial<ViewQuery>): boolean {
  const names = Object.keys(changes)
  return names.length > 0 && names.every((name) => name === 'columns' || name === 'series')
}

/** Two views with the same key ask for the same tasks, in whatever order and page. */
function filterKey({ tab, statuses, funcNames, queues, range, search }: ViewQuery): string {
  return JSON.stringify([tab === 'dead-letters' || statuses, funcNames, queues, range, search.trim()])
}

function rowsKey({ sort, order, pageSize, cursor }: ViewQuery): string {
  return JSON.stringify([sort, order, pageSize, cursor])
}
