import { canRead, tabNames, type DashboardState, type TabName } from '@taskloom/client'
import type { TabEntry } from '../elements/tab-bar.ts'
import type { Formats } from '../format.ts'

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

/** Tasks for which a command is on its way: busy actions are named `verb:id`. */
export const busyIds = remember(
  ({ busyActions }) => [busyActions],
  ({ busyActions }): ReadonlySet<string> => new Set([...busyActions].map((key) => key.slice(key.indexOf(':') + 1))),
)

const words: Readonly<Record<TabName, string>> = {
  view: 'View',
  'dead-letters': 'Dead letters',
  schedules: 'Schedules',
  tasks: 'Tasks',
}

/** The tabs that the page wants and the source can fill. */
export function tabEntries(
  state: DashboardState,
  wanted: readonly TabName[] = tabNames,
  formats: Formats,
): readonly TabEntry[] {
  const { capabilities } = state
  const isOffered = (name: TabName) =>
    capabilities === null ||
    (name === 'schedules' ? canRead(capabilities, 'schedules') : name !== 'tasks' || canRead(capabilities, 'functions'))
  return wanted.filter(isOffered).map((name) => ({
    name,
    word: words[name],
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
