import { anyTask, type Metrics, type Problem, type TaskPage, type TimelineGroup } from '@taskloom/protocol'
import { canRead, deadLetterCount } from '../select.ts'
import { isFiltered } from '../view-query.ts'
import type { ChartSeries } from '../state.ts'
import type { StoreCore } from './core.ts'
import { createLoader, type Loader } from './loader.ts'
import type { PageKeeper } from './page.ts'

export interface Loaders {
  /** Brings the rows up to date: held rows stay in their places. */
  readonly rows: Loader
  readonly metrics: Loader
  readonly timeline: Loader
  /** Functions and queues with their counts, for the filter menus. */
  readonly facets: Loader
  readonly functions: Loader
  readonly schedules: Loader
  readonly capabilities: Loader
  /** The host's panels, where there are any. */
  readonly panels: Loader
  /** Asks for the rows of another question, which are shown as they come. */
  readonly askRows: () => Promise<Problem | null>
  /** Shows rows that nobody had to ask for. */
  readonly giveRows: (answer: TaskPage) => void
  /** Counts and chart of the filter at once. */
  readonly figures: () => Promise<void>
  /** Everything that live frames keep up to date, because frames may have been missed. */
  readonly catchUp: () => void
  readonly stop: () => void
}

export interface LoadingOptions {
  /** The server refuses this caller altogether. */
  readonly onRefused: (problem: Problem) => void
  readonly onRows: () => void
}

/** Least milliseconds between two requests of a kind that nobody clicked for. */
export const gaps = {
  rows: 1_000,
  metrics: 1_000,
  timeline: 5_000,
  facets: 10_000,
  functions: 10_000,
  schedules: 1_000,
  panels: 0,
}

const timelineGroups: Readonly<Record<ChartSeries, TimelineGroup>> = {
  status: 'status',
  function: 'func_name',
  queue: 'queue',
  p95: 'status',
}

export function createLoaders(core: StoreCore, page: PageKeeper, { onRefused, onRows }: LoadingOptions): Loaders {
  const { client, timing } = core

  function loader(gapMs: number, load: (signal: AbortSignal) => Promise<void>, onFailure?: (problem: Problem) => void) {
    return createLoader({
      timing,
      gapMs,
      load,
      onFailure(problem) {
        if (problem.status === 401 || problem.code === 'forbidden') onRefused(problem)
        onFailure?.(problem)
      },
    })
  }

  let isAsked = true
  const rows = loader(
    gaps.rows,
    async (signal) => {
      const { asked } = core
      page.beginRequest()
      const answer = await client.list(asked, { signal })
      if (signal.aborted) return
      // Rows of another question, or rows that would change under a paused eye, came too late.
      if (asked !== core.asked || (core.state.isPaused && !isAsked)) return
      const needsRefetch = isAsked ? page.show(answer) : page.refresh(answer)
      isAsked = false
      if (needsRefetch) rows.soon()
      onRows()
    },
    (problem) => {
      if (isAsked) core.updateList({ phase: 'failed', problem })
    },
  )

  const metrics = loader(gaps.metrics, async (signal) => {
    const answer = await client.metrics(core.asked.filter, { signal })
    if (!signal.aborted) showMetrics(core, answer)
  })

  const timeline = loader(gaps.timeline, async (signal) => {
    const group = timelineGroups[core.state.view.series]
    const answer = await client.timeline({ filter: core.asked.filter, group }, { signal })
    if (!signal.aborted) core.update({ timeline: answer })
  })

  const facets = loader(gaps.facets, async (signal) => {
    const [types, queues] = await Promise.all([client.types(anyTask, { signal }), client.queues({ signal })])
    if (!signal.aborted) core.update({ types, queues, failedTotal: deadLetterCount(queues) })
  })

  const functions = loader(gaps.functions, async (signal) => {
    const answer = await client.functions({ signal })
    if (!signal.aborted) core.update({ functions: answer })
  })

  const schedules = loader(gaps.schedules, async (signal) => {
    const answer = await client.schedules({ signal })
    if (!signal.aborted) core.update({ schedules: answer })
  })

  const capabilities = loader(0, async (signal) => {
    const answer = await client.capabilities({ signal })
    if (signal.aborted) return
    core.update({ capabilities: answer })
    panels.soon()
  })

  // Who sees only some of the tasks is refused these, and nothing else.
  const panels = createLoader({
    timing,
    gapMs: gaps.panels,
    async load(signal) {
      if (!canRead(core.state.capabilities, 'panels')) return
      const answer = await client.panels({ signal })
      if (!signal.aborted) core.update({ panels: answer })
    },
  })

  const all = { rows, metrics, timeline, facets, functions, schedules, capabilities, panels }
  return {
    ...all,
    askRows() {
      isAsked = true
      return rows.now()
    },
    giveRows(answer) {
      isAsked = false
      page.show(answer)
    },
    async figures() {
      await Promise.all([metrics.now(), timeline.now()])
    },
    catchUp() {
      for (const each of [rows, metrics, timeline, facets]) each.soon()
      if (core.state.view.tab === 'schedules') schedules.soon()
      if (core.state.view.tab === 'tasks') functions.soon()
    },
    stop() {
      for (const each of Object.values(all)) each.stop()
    },
  }
}

/** Without a filter the counts know the dead letters sooner than the queues do. */
export function showMetrics(core: StoreCore, metrics: Metrics): void {
  core.update({ metrics, ...(isFiltered(core.state.view) ? {} : { failedTotal: metrics.failed }) })
}
