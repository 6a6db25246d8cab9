import { canUndo, offeredActions, type DashboardState, type TaskVerb } from '@taskloom/client'
import { request } from '../events.ts'

/** Does what can be taken back or surprises nobody; asks before all else. */
export function intend(target: EventTarget, state: DashboardState, verb: TaskVerb, taskId: string): void {
  const known = [state.open?.detail, ...state.list.tasks]
  const task = known.find((candidate) => candidate?.taskId === taskId)
  const offered = task && offeredActions(task, state.capabilities).find(({ action }) => action === verb)
  if (!offered) return
  if (canUndo(verb, task, state.capabilities)) {
    request(target, 'request-bulk', { action: verb, target: { taskIds: [taskId] }, shownIds: [taskId] })
  } else if (offered.needsConfirmation) request(target, 'request-dialog', { dialog: 'ask', subject: { offered, task } })
  else request(target, 'request-action', { verb, taskId })
}
