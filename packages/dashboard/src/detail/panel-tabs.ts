import { canDo, type DetailTab, type OpenTask } from '@taskloom/client'
import type { PartContext } from '../part-element.ts'

export interface PanelTab {
  readonly name: DetailTab
  readonly word: string
  /** Null shows none. */
  readonly count: number | null
}

/** The tabs that have something to show. Details always has. */
export function panelTabs({ detail, logs }: OpenTask, { state, formats }: PartContext): readonly PanelTab[] {
  if (!detail) return []
  const { say } = formats
  const tabs: PanelTab[] = [{ name: 'details', word: say('Details'), count: null }]
  if (detail.attempts.length > 0) tabs.push({ name: 'attempts', word: say('Attempts'), count: detail.attempts.length })
  if (logs.length > 0 || detail.hasLogs) tabs.push({ name: 'logs', word: say('Logs'), count: logs.length || null })
  if (detail.error !== null || detail.stacktrace !== null) tabs.push({ name: 'error', word: say('Error'), count: null })
  if (canDo(state.capabilities, 'read_audit')) tabs.push({ name: 'audit', word: say('Audit'), count: null })
  return tabs
}

/** The tab that is shown: the one asked for where it has data, else the first. */
export function shownTab(open: OpenTask, tabs: readonly PanelTab[]): DetailTab {
  return tabs.some(({ name }) => name === open.tab) ? open.tab : 'details'
}
