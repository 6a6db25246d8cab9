import type { TabName } from '@taskloom/client'
import type { PartName } from '../parts.ts'

const screenParts: Readonly<Partial<Record<TabName, PartName>>> = {
  schedules: 'task-schedules',
  operations: 'task-operations',
  tasks: 'task-functions',
  queues: 'task-queues',
  workers: 'task-workers',
  metrics: 'task-metrics',
  audit: 'task-audit',
}

/** The part that draws a tab; tabs without one are drawn here. */
export function screenPart(tab: TabName): PartName | undefined {
  return tab.startsWith('panel:') ? 'task-panel' : screenParts[tab]
}

/** Whether there is anything that draws a tab. */
export function hasScreen(tab: TabName): boolean {
  return tab === 'view' || tab === 'dead-letters' || screenPart(tab) !== undefined
}
