import { canDo, canRead, tabNames, type DashboardState, type TabName, type WordTable } from '@taskloom/client'
import { shownColumns, type Column, type ColumnOptions } from '../elements/columns.ts'
import type { TabEntry } from '../elements/tab-bar.ts'
import type { Formats } from '../format.ts'
import type { Given } from './given.ts'
import type { PartContext } from '../part-element.ts'
import { hasScreen } from './tabs.ts'

/** What this caller may do; a value per state, so that unchanged elements stay unchanged. */
export const canActions = remember(
  ({ capabilities }) => [capabilities],
  ({ capabilities }): ReadonlySet<string> => new Set(capabilities?.actions ?? []),
)

/** What a page marked `readonly` is told: that this caller may do nothing. */
export const capabilitiesToRead = remember(
  ({ capabilities }) => [capabilities],
  ({ capabilities }) => capabilities && { ...capabilities, actions: [] },
)

/** p95 per function, milliseconds. */
export const p95s = remember(
  ({ types }) => [types],
  ({ types }): ReadonlyMap<string, number> =>
    new Map(
      types.flatMap(({ funcName, p95DurationMs }) => (p95DurationMs === null ? [] : [[funcName, p95DurationMs]])),
    ),
)

/** The columns that the operator chose, or those of the page. */
export function columnsOf({ view }: DashboardState, { columns }: Given): readonly Column[] {
  if (known.chosen !== view.columns || known.options !== columns) {
    known = { chosen: view.columns, options: columns, columns: shownColumns(view.columns, columns) }
  }
  return known.columns
}

let known: {
  readonly chosen: readonly string[] | null
  readonly options: ColumnOptions | null
  readonly columns: readonly Column[]
} = { chosen: null, options: null, columns: [] }

/** Tasks for which a command is on its way: busy actions are named `verb:id`. */
export const busyIds = remember(
  ({ busyActions }) => [busyActions],
  ({ busyActions }): ReadonlySet<string> => new Set([...busyActions].map((key) => key.slice(key.indexOf(':') + 1))),
)

/** The rows that are chosen: all of them while all of the filter are. */
export const chosenIds = remember(
  ({ selectedAll, selectedIds, list }) => [selectedAll, selectedIds, selectedAll && list.tasks],
  ({ selectedAll, selectedIds, list }): ReadonlySet<string> =>
    selectedAll ? new Set(list.tasks.map(({ taskId }) => taskId)) : selectedIds,
)

const words = {
  view: 'View',
  'dead-letters': 'Dead letters',
  schedules: 'Schedules',
  tasks: 'Tasks',
  queues: 'Queues',
  workers: 'Workers',
  metrics: 'Metrics',
  operations: 'Operations',
  audit: 'Audit',
} satisfies WordTable

/** What a source must offer to read for a tab to be shown. */
const needs: Readonly<Partial<Record<TabName, string>>> = {
  schedules: 'schedules',
  tasks: 'functions',
  workers: 'workers',
  operations: 'operations',
}

/** The tabs that the page wants and the source can fill; those of `panels` after them unless the page names its tabs. */
export function tabEntries(
  { state, formats, panels }: PartContext,
  named: readonly TabName[] = tabNames,
): readonly TabEntry[] {
  const { capabilities } = state
  const all = [...state.panels, ...panels]
  const titles = new Map(all.map(({ id, title }): [TabName, string] => [`panel:${id}`, title]))
  const wanted = named === tabNames ? [...tabNames, ...titles.keys()] : named
  const isOffered = (name: TabName) => {
    const need = needs[name]
    if (name.startsWith('panel:')) return titles.has(name)
    if (!hasScreen(name)) return false
    if (name === 'audit') return canDo(capabilities, 'read_audit')
    return capabilities === null || need === undefined || canRead(capabilities, need)
  }
  return wanted.filter(isOffered).map((name) => ({
    name,
    word: titles.get(name) ?? formats.say(words[name as keyof typeof words]),
    count: countOf(name, state, formats),
    isBad: name === 'dead-letters' && state.failedTotal > 0,
  }))
}

function countOf(name: TabName, state: DashboardState, formats: Formats): string | null {
  switch (name) {
    case 'view':
      return state.metrics && state.view.tab === 'view' ? formats.count(state.metrics.total) : null
    case 'dead-letters':
      return state.failedTotal > 0 ? formats.count(state.failedTotal) : null
    case 'schedules':
      return state.schedules.length > 0 ? formats.count(state.schedules.length) : null
    case 'tasks':
      return state.functions.length > 0 ? formats.count(state.functions.length) : null
    case 'queues':
      return state.queues.length > 0 ? formats.count(state.queues.length) : null
    default:
      return null
  }
}

/** Computes anew only when one of the `parts` is another. */
function remember<T>(parts: (state: DashboardState) => readonly unknown[], compute: (state: DashboardState) => T) {
  let known: { readonly parts: readonly unknown[]; readonly value: T } | null = null
  return (state: DashboardState): T => {
    const now = parts(state)
    if (!known || now.some((part, index) => part !== known?.parts[index])) known = { parts: now, value: compute(state) }
    return known.value
  }
}
