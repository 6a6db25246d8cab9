import { actionNames, type ActionName } from '@taskloom/protocol'
import type { Caller, Role } from '../identity/caller.ts'

const viewerActions: readonly ActionName[] = ['export']
const operatorActions: readonly ActionName[] = [
  ...viewerActions,
  'retry',
  'cancel',
  'run_now',
  'move',
  'bulk_retry',
  'bulk_cancel',
  'schedule_run',
  'schedule_pause',
  'queue_pause',
  'triage',
]

/** What each role may do. What is not in this table nobody may do. */
export const roleActions: Readonly<Record<Role, readonly ActionName[]>> = {
  viewer: viewerActions,
  operator: operatorActions,
  admin: actionNames,
}

/** Actions that change nothing: they are left when a dashboard is read-only. */
export const readingActions: readonly ActionName[] = ['export', 'read_audit', 'reveal']

/** Actions that speak of more than single tasks, and so are not for callers who see only some of them. */
const wholeActions: readonly ActionName[] = [
  'clear_history',
  'read_audit',
  'queue_drain',
  'queue_pause',
  'enqueue',
  'triage',
]

/** What a mount allows at all. */
export interface MountAllows {
  /** Whether anything may be changed. */
  readonly write: boolean
  /** Whether functions may be enqueued over HTTP. */
  readonly enqueue: boolean
}

/** What a caller may do as far as it does not depend on the single task. */
export function actionsOf(caller: Caller, { write, enqueue }: MountAllows): readonly ActionName[] {
  if (caller.grant) return []
  return roleActions[caller.role].filter(
    (action) =>
      (write || readingActions.includes(action)) &&
      (enqueue || action !== 'enqueue') &&
      (!isLimited(caller) || !wholeActions.includes(action)) &&
      (action !== 'reveal' || mayReveal(caller)),
  )
}

/** Secrets are shown only to somebody whose name can be written down. */
export function mayReveal({ via }: Caller): boolean {
  return via !== 'nobody'
}

/** Whether the caller sees only some of the tasks. */
export function isLimited({ queues, tags, grant }: Caller): boolean {
  return queues !== null || tags !== null || grant !== undefined
}
