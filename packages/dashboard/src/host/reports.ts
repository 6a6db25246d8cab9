import type { DashboardState } from '@taskloom/client'
import type { DashboardEvents } from '../events.ts'

/** Tells the page what changed between two states, in events that bubble out of the dashboard. */
export function reportChanges(target: EventTarget, before: DashboardState | null, now: DashboardState): void {
  const openId = now.open?.taskId ?? null
  if (before && openId !== (before.open?.taskId ?? null)) report(target, 'task-select', { taskId: openId })
  if (before && now.view !== before.view) report(target, 'task-filter-change', { view: now.view })
  if (now.connection.kind !== before?.connection.kind) {
    report(target, 'task-connection-change', { kind: now.connection.kind, since: now.connection.since })
  }
  const problem = now.list.problem ?? now.connection.problem
  if (problem && problem !== (before?.list.problem ?? before?.connection.problem)) {
    report(target, 'task-error', { code: problem.code, message: problem.detail ?? problem.title })
  }
}

/** Returns false when a listener called the default off. */
export function report<N extends keyof DashboardEvents>(
  target: EventTarget,
  name: N,
  detail: DashboardEvents[N],
): boolean {
  const cancelable = name === 'task-before-action'
  return target.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable }))
}
