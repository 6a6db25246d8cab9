import { StatusBadge } from '../elements/status-badge.ts'
import { TaskListElement } from './task-list.ts'
import { TaskProgressElement } from './task-progress.ts'
import { TaskStatusElement } from './task-status.ts'

export { TaskListElement } from './task-list.ts'
export { TaskProgressElement } from './task-progress.ts'
export { TaskStatusElement } from './task-status.ts'
export type { SiblingEvents, TaskNews } from './task-element.ts'

/** The small elements and what they are made of, by name, for whoever registers them in a registry of their own. */
export const siblings: Readonly<Record<string, CustomElementConstructor>> = {
  'task-status-badge': StatusBadge,
  'task-status': TaskStatusElement,
  'task-progress': TaskProgressElement,
  'task-list': TaskListElement,
}
