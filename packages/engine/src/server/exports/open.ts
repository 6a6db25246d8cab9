import { parseTaskQuery } from '@taskloom/protocol'
import type { Call, Served } from '../call.ts'
import { assertAuthorized } from '../guard/permission.ts'
import { assertKnownParameters } from '../guard/query.ts'
import { assertSearchable } from '../shown-args.ts'
import { streamFile } from './file.ts'
import type { Layout } from './layout.ts'

/** So much of a question is written into the audit log. */
const maxToldLength = 2_000

/** The file that a caller asks for, as a stream; null for those who ask for its head alone. Written down first. */
export async function openExport(
  { settings, exports, trail }: Served,
  { request, query, route, now, caller, source, address }: Call,
  layout: Layout,
): Promise<ReadableStream<Uint8Array> | null> {
  assertKnownParameters(query, route.query)
  const { filter, sort, order } = parseTaskQuery(query, now)
  assertSearchable(filter, settings)
  await assertAuthorized('export', caller, null, settings)
  if (request.method === 'HEAD') return null
  const { clock, onError } = settings
  const onEnd = exports.enter()
  try {
    const detail = { format: layout.extension, query: query.toString().slice(0, maxToldLength) }
    await trail.record({ actor: caller.name, role: caller.role, address }, { action: 'export', detail })
  } catch (error) {
    onEnd()
    throw error
  }
  return streamFile({ source, question: { filter, sort, order }, layout, clock, onError, onEnd })
}
