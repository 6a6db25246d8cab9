import { openApiDocument, ProtocolError } from '@taskloom/protocol'
import type { SpecialRoute } from './actions/action.ts'
import type { Call, Served } from './call.ts'
import { attachment } from './exports/disposition.ts'
import { csvLayout, jsonLayout, type Layout } from './exports/layout.ts'
import { openExport } from './exports/open.ts'
import { readFirstRows } from './first-rows.ts'
import { assertKnownParameters } from './guard/query.ts'
import { login, loginPage, logout, session } from './identity/routes.ts'
import { readLiveRequest } from './live-question.ts'
import { streamOf } from './live/stream.ts'
import { renderPage } from './page.ts'
import { respondDownload, respondExposition, respondFile, respondJson, respondPage, respondStream } from './respond.ts'

type Special = (served: Served, call: Call) => Response | Promise<Response>

/** Routes whose answer is not a record: documents, files and streams. Pages do not mind what is added to their URL. */
export const specials: Readonly<Record<SpecialRoute, Special>> = {
  openapi({ settings }, { query, route }) {
    assertKnownParameters(query, route.query)
    return respondJson(openApiDocument(settings.title))
  },
  async prometheus(_served, { source, query, route }) {
    assertKnownParameters(query, route.query)
    if (source.prometheus) return respondExposition(await source.prometheus())
    throw new ProtocolError('unsupported', 'This source keeps no figures for Prometheus')
  },
  async stream({ hub, settings }, call) {
    const question = await readLiveRequest(call, settings)
    const { request } = call
    return respondStream(request.method === 'HEAD' ? null : streamOf(hub.open(question, request.signal)))
  },
  async ws({ hub, settings }, call) {
    const { context, request } = call
    if (!context.isUpgrade) throw new ProtocolError('upgrade_required', 'Only WebSocket is spoken here')
    return respondStream(streamOf(hub.open(await readLiveRequest(call, settings), request.signal)))
  },
  exportCsv: (served, call) => respondExport(served, call, csvLayout),
  exportJson: (served, call) => respondExport(served, call, jsonLayout),
  loginPage,
  login,
  logout,
  session,
  async dashboard(served, call) {
    const { title, frameAncestors } = served.settings
    return respondPage(renderPage(title, call.caller, await readFirstRows(served, call)), frameAncestors)
  },
  asset: async ({ assets }, { request, match }) =>
    respondFile(await assets.read(match.params['rest'] ?? ''), request.headers.get('if-none-match')),
}

async function respondExport(served: Served, call: Call, layout: Layout): Promise<Response> {
  const body = await openExport(served, call, layout)
  return respondDownload(body, layout.type, attachment(served.settings.title, call.now, layout.extension))
}
