import { ProtocolError, type ActionName, type Route, type TaskSummary } from '@taskloom/protocol'
import type { Caller } from '../identity/caller.ts'
import { inTime } from '../in-time.ts'
import type { ServerSettings } from '../options.ts'
import type { TaskSource } from '../source.ts'
import { isLimited, mayReveal, readingActions, roleActions, actionsOf } from './roles.ts'

/** How long the host may think about whether somebody may do something. */
const authorizeMs = 10_000

/** Throws unless the caller may use the route, as far as that does not depend on the single task. */
export function assertMayUse(route: Route, caller: Caller, source: TaskSource, settings: ServerSettings): void {
  if (route.access === 'whole' && isLimited(caller)) throw forbidden('This is about tasks that you may not see')
  if (route.action !== null) assertMayDo(route.action, caller, source, settings)
}

/** Throws unless the caller may do this at all. */
export function assertMayDo(action: ActionName, caller: Caller, source: TaskSource, settings: ServerSettings): void {
  if (!roleActions[caller.role].includes(action)) throw forbidden(`The role ${caller.role} does not allow this`)
  if (!settings.write && !readingActions.includes(action)) {
    throw new ProtocolError('read_only', 'This dashboard is read-only')
  }
  if (action === 'reveal' && !mayReveal(caller)) throw forbidden('Only who has signed in may look at secrets')
  if (action === 'enqueue' && !settings.enqueue) throw forbidden('Enqueueing over HTTP is off here')
  if (!actionsOf(caller, settings).includes(action)) {
    throw forbidden('This is about tasks that you may not see')
  }
  if (!source.offers.actions.includes(action)) throw new ProtocolError('unsupported', 'This source cannot do that')
}

/** Throws unless the host's `authorize` says yes. Whoever asks about a task that is not there learns that. */
export async function assertAuthorized(
  action: ActionName,
  caller: Caller,
  readTask: (() => Promise<TaskSummary>) | null,
  { authorize, clock, onError }: ServerSettings,
): Promise<void> {
  if (authorize === null) return
  const task = readTask === null ? null : await readTask()
  const { name, role } = caller
  try {
    // Whatever else it gives is not a yes.
    if ((await inTime(clock, authorizeMs, 'authorize', async () => authorize({ name, role }, action, task))) === true)
      return
  } catch (error) {
    onError(error, null)
  }
  throw forbidden('The application does not allow this')
}

function forbidden(detail: string): ProtocolError {
  return new ProtocolError('forbidden', detail)
}
