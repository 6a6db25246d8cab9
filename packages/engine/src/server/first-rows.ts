import { formatTaskQuery, parseTaskQuery, ProtocolError, routes, taskPage } from '@taskloom/protocol'
import { reads } from './actions/reads.ts'
import type { Call, Served } from './call.ts'
import { assertMayUse } from './guard/permission.ts'
import { inTime } from './in-time.ts'

/** A page without rows now is better than one with rows later. */
const patienceMs = 500

/**
 * The answer to what a dashboard asks first, as JSON for its page: the rows are drawn as soon as the script runs, and asked for
 * only to be brought up to date. Null where this caller may not ask it, or it fails: then the page asks, and is told why.
 */
export async function readFirstRows({ settings }: Served, call: Call): Promise<string | null> {
  const { source, caller, now } = call
  const query = formatTaskQuery(parseTaskQuery(new URLSearchParams(), now))
  const act = { actor: caller.name, reason: null, role: caller.role, address: call.address }
  const input = { ...call, params: {}, query, body: {}, act, settings, permits: async () => true }
  try {
    assertMayUse(routes.list, caller, source, settings)
    const answer = taskPage.encode(
      await inTime(settings.clock, patienceMs, 'The list', async () => reads.list(source, input)),
    )
    return JSON.stringify({ query: query.toString(), answer })
  } catch (error) {
    if (!(error instanceof ProtocolError)) settings.onError(error, null)
    return null
  }
}
