import {
  matchRoute,
  openApiDocument,
  parseFilter,
  ProtocolError,
  routes,
  single,
  statusOf,
  type Codec,
  type Route,
  type RouteMatch,
  type RouteName,
} from '@taskloom/protocol'
import type { Action, SpecialRoute } from './actions/action.ts'
import { commands } from './actions/commands.ts'
import { reads } from './actions/reads.ts'
import { createAssets, type Assets } from './assets.ts'
import { toFailure } from './failures.ts'
import { readJsonBody } from './guard/body.ts'
import { assertKnownParameters } from './guard/query.ts'
import { assertNotCrossSite, assertSameOrigin } from './guard/same-origin.ts'
import { LiveHub, type LiveRequest } from './live.ts'
import { readOptions, type HandlerOptions, type ServerSettings } from './options.ts'
import { renderPage } from './page.ts'
import { assertNoDuplicates } from './panels.ts'
import { pathBelow, readSegments } from './path.ts'
import {
  respondExposition,
  respondFile,
  respondJson,
  respondPage,
  respondProblem,
  respondRedirect,
  respondStream,
} from './respond.ts'
import { assertSearchable } from './shown-args.ts'
import type { Act, TaskSource } from './source.ts'

export interface HandlerContext {
  /** Where the handler is mounted, e.g. `/tasks`; empty at the root. */
  readonly basePath: string
  /**
   * The path below the mount exactly as it was received. Without it the request's own URL is read, from which the
   * platform has already resolved `.` and `..`.
   */
  readonly rawPath?: string
  readonly remoteAddress?: string
}

/** Answers every request below the mount; never rejects. */
export interface Handler {
  (request: Request, context: HandlerContext): Promise<Response>
  /** Ends the live streams and lets go of the source. */
  close(): void
}

interface Served {
  readonly source: TaskSource
  readonly settings: ServerSettings
  readonly hub: LiveHub
  readonly assets: Assets
}

interface Call {
  readonly request: Request
  readonly query: URLSearchParams
  readonly match: RouteMatch
  readonly route: Route
  readonly now: number
}

/** Serves a source by the protocol's route table. Throws `bad_option` when an option is not understood. */
export function createHandler(source: TaskSource, options: HandlerOptions = {}): Handler {
  const settings = readOptions(options)
  assertNoDuplicates(source, settings)
  const hub = new LiveHub(source, settings)
  const stopListening = source.onClose?.(() => hub.close())
  const served: Served = { source, settings, hub, assets: createAssets(settings.assetsFolder) }
  const handle = async (request: Request, context: HandlerContext): Promise<Response> => {
    const response = await answer(served, request, context).catch((error: unknown) => respondFailure(settings, error))
    return request.method === 'HEAD' ? new Response(null, response) : response
  }
  return Object.assign(handle, {
    close: () => {
      stopListening?.()
      hub.close()
    },
  })
}

async function answer(served: Served, request: Request, context: HandlerContext): Promise<Response> {
  const url = new URL(request.url)
  const path = context.rawPath ?? pathBelow(url.pathname, context.basePath.replace(/\/$/, ''))
  if (path === null) throw new ProtocolError('not_found', 'There is nothing at this path')
  // The page's links are relative to a path without the slash.
  if (path === '/dashboard/' && isRead(request)) return respondRedirect(`../dashboard${url.search}`)
  const match = matchRoute(isRead(request) ? 'GET' : request.method, readSegments(path))
  if ('allow' in match) return refuse(match.allow)
  const route = routes[match.name]
  const call = { request, query: url.searchParams, match, route, now: served.settings.clock.now() }
  if (route.action !== null) return act(served, call)
  if (isSpecial(match.name)) return specials[match.name](served, call)
  assertKnownParameters(call.query, route.query)
  return respondAction(served, call, {}, { actor, reason: null })
}

/** A command: whoever cannot prove that he may, changes nothing and learns nothing. */
async function act(served: Served, call: Call): Promise<Response> {
  const { request, route, query } = call
  assertSameOrigin(request.headers, request.headers.get('host') ?? new URL(request.url).host)
  assertKnownParameters(query, route.query)
  const json = await readJsonBody(request, served.settings.clock)
  const body = route.body?.decode(json) ?? {}
  if (!served.settings.write) throw new ProtocolError('read_only', 'This dashboard was mounted read-only')
  if (route.action !== null && !served.source.offers.actions.includes(route.action)) {
    throw new ProtocolError('unsupported', 'This source cannot do that')
  }
  return respondAction(served, call, body, { actor, reason: readReason(body) })
}

async function respondAction(served: Served, call: Call, body: unknown, act: Act): Promise<Response> {
  const { match, query, now, route } = call
  const action = actions[match.name as keyof typeof actions]
  const { source, settings } = served
  const output = await action(source, { params: match.params, query, body, now, act, settings })
  const isDown = match.name === 'health' && (output as { readonly status: string }).status === 'down'
  return respondJson((route.answer as Codec<unknown>).encode(output), isDown ? statusOf('unavailable') : 200)
}

const actions: Readonly<Record<Exclude<RouteName, SpecialRoute>, Action<unknown>>> = { ...reads, ...commands }

/** Routes whose answer is not a record: documents, files and the stream. Pages do not mind what is added to their URL. */
const specials: Readonly<Record<SpecialRoute, (served: Served, call: Call) => Response | Promise<Response>>> = {
  openapi({ settings }, { query, route }) {
    assertKnownParameters(query, route.query)
    return respondJson(openApiDocument(settings.title))
  },
  async prometheus({ source }, { query, route }) {
    assertKnownParameters(query, route.query)
    if (source.prometheus) return respondExposition(await source.prometheus())
    throw new ProtocolError('unsupported', 'This source keeps no figures for Prometheus')
  },
  stream({ hub, settings }, { request, query, route, now }) {
    assertNotCrossSite(request.headers)
    assertKnownParameters(query, route.query)
    const question = readLiveRequest(query, request.headers.get('last-event-id'), now, settings)
    return respondStream(request.method === 'HEAD' ? null : hub.open(question, request.signal))
  },
  dashboard: ({ settings }) => respondPage(renderPage(settings.title)),
  asset: async ({ assets }, { request, match }) =>
    respondFile(await assets.read(match.params['rest'] ?? ''), request.headers.get('if-none-match')),
}

/** Until there is sign-in, everybody is the same somebody. */
const actor = 'anonymous'
const maxReasonLength = 1_000
const maxTaskIdLength = 300

function readReason(body: unknown): string | null {
  const { reason } = body as { readonly reason?: string }
  if (reason === undefined || reason === '') return null
  if (reason.length <= maxReasonLength && !reason.includes('\0')) return reason
  throw new ProtocolError('bad_body', `reason: expected at most ${maxReasonLength} characters`, { parameter: 'reason' })
}

function readLiveRequest(
  query: URLSearchParams,
  lastEventId: string | null,
  now: number,
  settings: ServerSettings,
): LiveRequest {
  const taskId = single(query, 'task_id') || null
  if (taskId !== null && taskId.length > maxTaskIdLength) {
    throw new ProtocolError('bad_query', 'task_id: expected the id of a task', { parameter: 'task_id' })
  }
  const filterQuery = new URLSearchParams([...query].filter(([name]) => name !== 'task_id'))
  filterQuery.sort()
  assertSearchable(parseFilter(filterQuery, now), settings)
  return { key: filterQuery.toString(), filterAt: (at) => parseFilter(filterQuery, at), taskId, lastEventId }
}

function respondFailure(settings: ServerSettings, error: unknown): Response {
  const { problem, id } = toFailure(error)
  if (id !== null) settings.onError(error, id)
  return respondProblem(problem)
}

function refuse(allow: readonly string[]): Response {
  if (allow.length === 0) throw new ProtocolError('not_found', 'There is nothing at this path')
  const { problem } = toFailure(new ProtocolError('method_not_allowed', `Allowed are ${allow.join(', ')}`))
  return respondProblem(problem, allow.includes('GET') ? [...allow, 'HEAD'] : allow)
}

function isRead(request: Request): boolean {
  return request.method === 'GET' || request.method === 'HEAD'
}

function isSpecial(name: RouteName): name is SpecialRoute {
  return Object.hasOwn(specials, name)
}

export type { HandlerOptions }
