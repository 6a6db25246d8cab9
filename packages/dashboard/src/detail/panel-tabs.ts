import type { DetailTab, OpenTask } from '@taskloom/client'

export interface PanelTab {
  readonly name: DetailTab
  readonly word: string
  /** Null shows none. */
  readonly count: number | null
}

/** The tabs that have something to show. Details always has. */
export function panelTabs({ detail, logs }: OpenTask): readonly PanelTab[] {
  if (!detail) return []
  const tabs: PanelTab[] = [{ name: 'details', word: 'Details', count: null }]
  if (detail.attempts.length > 0) tabs.push({ name: 'attempts', word: 'Attempts', count: detail.attempts.length })
  if (logs.length > 0 || detail.hasLogs) tabs.push({ name: 'logs', word: 'Logs', count: logs.length || null })
  if (detail.error !== null || detail.stacktrace !== null) tabs.push({ name: 'error', word: 'Error', count: null })
  return tabs
}

/** The tab that is shown: the one asked for where it has data, else the first. */
export function shownTab(open: OpenTask, tabs: readonly PanelTab[]): DetailTab {
  return tabs.some(({ name }) => name === open.tab) ? open.tab : 'details'
}
