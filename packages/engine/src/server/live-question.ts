import { parseFilter, ProtocolError, single } from '@taskloom/protocol'
import type { Call } from './call.ts'
import { assertKnownParameters } from './guard/query.ts'
import { shownTo } from './guard/public-scope.ts'
import { narrow, scopeKey } from './guard/scope.ts'
import type { LiveRequest } from './live.ts'
import type { ServerSettings } from './options.ts'
import { assertSearchable } from './shown-args.ts'

const maxTaskIdLength = 300
/** What says more than which tasks; browsers cannot send `Last-Event-ID` with a WebSocket. */
const positionParams: readonly string[] = ['task_id', 'last_event_id']

/** Which live changes are wanted, and may be told to this caller. */
export async function readLiveRequest(call: Call, settings: ServerSettings): Promise<LiveRequest> {
  const { query, route, now, caller, source, request } = call
  assertKnownParameters(query, route.query)
  const taskId = single(query, 'task_id') || null
  if (taskId !== null && taskId.length > maxTaskIdLength) {
    throw new ProtocolError('bad_query', 'task_id: expected the id of a task', { parameter: 'task_id' })
  }
  const filterQuery = new URLSearchParams([...query].filter(([name]) => !positionParams.includes(name)))
  filterQuery.sort()
  assertSearchable(parseFilter(filterQuery, now), settings)
  const scope = scopeKey(caller)
  // Whoever sees only some tasks must not hear of another one by its id.
  if (taskId !== null && scope !== '') await source.progress(taskId)
  const { grant } = caller
  return {
    ...(grant && { show: shownTo(grant) }),
    key: `${scope}?${filterQuery.toString()}`,
    filterAt: (at) => narrow(parseFilter(filterQuery, at), caller),
    // What a watch tells beyond the row, its log and its error, is not for everybody who bears a token.
    taskId: grant ? null : taskId,
    lastEventId: request.headers.get('last-event-id') ?? single(query, 'last_event_id'),
    caller,
    isLimited: scope !== '',
    address: call.address,
  }
}
