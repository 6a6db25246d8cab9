import { matchRoute, ProtocolError, routes, statusOf, type Codec, type Route, type RouteName } from '@taskloom/protocol'
import type { Action, SpecialRoute } from './actions/action.ts'
import { commands } from './actions/commands.ts'
import { reads } from './actions/reads.ts'
import { AuditTrail, nothingTried, targetOf, type Tried } from './audit-trail.ts'
import { createAssets } from './assets.ts'
import type { Call, Served } from './call.ts'
import { ExportDesk } from './exports/desk.ts'
import { toFailure } from './failures.ts'
import { readJsonBody } from './guard/body.ts'
import { isPreflight, withCors } from './guard/cors.ts'
import { assertAuthorized, assertMayUse } from './guard/permission.ts'
import { assertKnownParameters } from './guard/query.ts'
import { assertNotCrossSite, assertSameOrigin, assertUpgradeOrigin, type OwnOrigin } from './guard/same-origin.ts'
import { assertPublicUse, publicCaller } from './guard/public-scope.ts'
import { scopedSource, scopeKey } from './guard/scope.ts'
import { anonymous, type Caller } from './identity/caller.ts'
import { KeptPages, type KeptPage } from './kept-pages.ts'
import { LiveHub } from './live.ts'
import { readOptions, type HandlerOptions, type ServerSettings } from './options.ts'
import { assertNoDuplicates } from './panels.ts'
import { pathBelow, readSegments } from './path.ts'
import {
  respondEncoded,
  respondJson,
  respondPreflight,
  respondProblem,
  respondRedirect,
  respondSeeOther,
} from './respond.ts'
import { readPublicToken } from './public-grant.ts'
import { shownSource } from './shown-source.ts'
import type { Act, TaskSource } from './source.ts'
import { specials } from './specials.ts'
import { withBody } from './whole-response.ts'

export interface HandlerContext {
  /** Where the handler is mounted, e.g. `/tasks`; empty at the root. */
  readonly basePath: string
  /**
   * The path below the mount exactly as it was received. Without it the request's own URL is read, from which the
   * platform has already resolved `.` and `..`.
   */
  readonly rawPath?: string
  readonly remoteAddress?: string
  /** Whether the adapter asks the mount for the bytes of answers that are all there; they have no body then. */
  readonly takesBytes?: boolean
  /** Whether the connection becomes a WebSocket when the answer is a live stream; false for plain requests. */
  readonly isUpgrade?: boolean
  /**
   * The request as the host knows it: `IncomingMessage` for `node:http`, Express’s `req`, Koa’s context, Fastify’s
   * request, and for `fetch` whatever the host passes, such as Hono’s context.
   */
  readonly native?: unknown
}

/** Answers every request below the mount; never rejects. */
export interface Handler {
  (request: Request, context: HandlerContext): Promise<Response>
  /**
   * The answer to a GET of the raw path and query without `Authorization`, if it is known already and depends on nothing else
   * of the request: it costs no request then. Null for nearly all.
   */
  known(path: string, search: string): KeptPage | null
  /** Ends the live streams and lets go of the source. */
  close(): void
}

/** A request that has found its route. */
type Routed = Omit<Call, 'caller' | 'source'>

/** Serves a source by the protocol's route table. Throws `bad_option` when an option is not understood. */
export function createHandler(source: TaskSource, options: HandlerOptions = {}): Handler {
  const settings = readOptions(options, {
    sessions: () => source.sessions,
    onSignIn: (event) => trail.signedIn(event),
  })
  assertNoDuplicates(source, settings)
  const shown = shownSource(source, settings.redaction)
  const hub = new LiveHub(shown, settings)
  const stopListening = source.onClose?.(() => hub.close())
  const assets = createAssets(settings.assetsFolder)
  const trail: AuditTrail = new AuditTrail(source, settings.clock, settings.onError)
  const exports = new ExportDesk(settings.limits.exports)
  const served: Served = { source: shown, settings, hub, assets, pages: new KeptPages(shown), exports, trail }
  const handle = async (request: Request, context: HandlerContext): Promise<Response> => {
    const tried: Tried = nothingTried(isRead(request))
    const response = await answer(served, request, context, tried).catch((error: unknown) =>
      respondFailure(served, error, tried),
    )
    const told = withCors(response, request.headers.get('origin'), settings.cors)
    if (request.method === 'HEAD') return new Response(null, told)
    return context.takesBytes ? told : withBody(told)
  }
  // Where everybody may see everything, an answer that is kept is good for whoever asks.
  const isForAll = settings.gatekeeper.isOpen && settings.cors.length === 0
  return Object.assign(handle, {
    known: (path: string, search: string) => (isForAll && path === '' ? served.pages.find(search) : null),
    close: () => {
      stopListening?.()
      hub.close()
    },
  })
}

/** Route, origin, caller, permission, and only then what was asked: nobody learns more than what he may. */
async function answer(served: Served, request: Request, context: HandlerContext, tried: Tried): Promise<Response> {
  const { settings } = served
  const path = context.rawPath ?? pathBelow(new URL(request.url).pathname, context.basePath.replace(/\/$/, ''))
  const search = searchOf(request.url)
  if (path === null) throw new ProtocolError('not_found', 'There is nothing at this path')
  // The page's links are relative to a path without the slash.
  if (path === '/dashboard/' && isRead(request)) return respondRedirect(`../dashboard${search}`)
  if (isPreflight(request, settings.cors)) return respondPreflight()
  const match = matchRoute(isRead(request) ? 'GET' : request.method, readSegments(path))
  if ('allow' in match) return refuse(match.allow)
  const place = settings.gatekeeper.placeOf(request, context)
  const now = settings.clock.now()
  if (context.isUpgrade && match.name !== 'ws') throw new ProtocolError('not_found', 'WebSocket is spoken at ws only')
  const { address } = place
  Object.assign(tried, { address, route: routes[match.name], target: targetOf(match) })
  const routed = {
    request,
    context,
    query: new URLSearchParams(search),
    match,
    route: routes[match.name],
    now,
    address,
    place,
  }
  assertOrigin(routed, settings)
  return admit(served, routed, tried)
}

/** The query of an address with its question mark; empty without one. */
function searchOf(url: string): string {
  const { index = url.length } = /[?#]/.exec(url) ?? {}
  return url.slice(index).replace(/#.*$/s, '')
}

function assertOrigin({ request, match, place, context }: Routed, { cors, allowNoOrigin }: ServerSettings): void {
  const { headers } = request
  const own: OwnOrigin = { host: place.host, isSecure: place.isSecure, allowed: cors }
  if (!isRead(request)) assertSameOrigin(headers, own)
  if (match.name === 'stream' || match.name === 'ws') assertNotCrossSite(headers, own)
  if (context.isUpgrade) assertUpgradeOrigin(headers, own, allowNoOrigin)
}

async function admit(served: Served, routed: Routed, tried: Tried): Promise<Response> {
  const { settings } = served
  const route: Route = routed.route
  const { gatekeeper } = settings
  const isOpen = route.access === 'open'
  const token = isOpen ? null : readPublicToken(routed.request.headers)
  const caller = isOpen
    ? anonymous
    : token === null
      ? await gatekeeper.identify(routed.request, routed.context)
      : await identifyBearer(served.source, token, routed.now)
  if (caller === null) {
    if (route.access !== 'page' || gatekeeper.signIn !== 'page')
      throw new ProtocolError('unauthenticated', 'Sign in first')
    return respondSeeOther(loginAddress(routed.query))
  }
  tried.caller = caller
  const source = scopedSource(served.source, caller)
  if (caller.grant) assertPublicUse(routed.match.name, routed.query, caller.grant)
  if (!isOpen) assertMayUse(route, caller, source, settings)
  return act(served, { ...routed, caller, source }, tried)
}

/** Whoever shows a token for end users is nobody else, whatever cookies come with it and whoever may ask without. */
async function identifyBearer({ publicTokens }: TaskSource, token: string, now: number): Promise<Caller> {
  const grant = (await publicTokens?.read(token, now)) ?? null
  if (grant !== null) return publicCaller(grant)
  throw new ProtocolError('unauthenticated', 'This token is not good, or not any more')
}

async function act(served: Served, call: Call, tried: Tried): Promise<Response> {
  const { request, match, query, caller, address } = call
  if (isSpecial(match.name)) return specials[match.name](served, call)
  const route: Route = call.route
  assertKnownParameters(query, route.query)
  const json = isRead(request) ? {} : await readJsonBody(request, served.settings.clock)
  const body = isRead(request) ? {} : (route.body?.decode(json) ?? {})
  const reason = readReason(body)
  tried.reason = reason
  await authorize(served, call)
  const doer = { actor: caller.name, reason, role: caller.role, address }
  return match.name === 'list' ? respondList(served, call, doer) : respondAction(served, call, body, doer)
}

async function authorize({ settings }: Served, { route, match, source, caller }: Call): Promise<void> {
  const { action }: Route = route
  if (action === null) return
  const taskId = match.params['task_id']
  const readTask = taskId === undefined ? null : () => source.detail(taskId)
  await assertAuthorized(action, caller, readTask, settings)
}

async function isPermitted(
  { route, source, caller }: Call,
  settings: ServerSettings,
  taskId: string,
): Promise<boolean> {
  const { action }: Route = route
  if (action === null || settings.authorize === null) return true
  try {
    await assertAuthorized(action, caller, () => source.detail(taskId), settings)
    return true
  } catch (error) {
    // Of a task that is not there the source says so itself.
    return toFailure(error).problem.code === 'unknown_task'
  }
}

/** The list, which every open page asks for, is not made anew as long as nothing is stored. */
async function respondList({ pages, ...served }: Served, call: Call, act: Act): Promise<Response> {
  const version = call.query.has('window') ? null : pages.version()
  const question = scopeKey(call.caller) + searchOf(call.request.url)
  const kept = version === null ? null : pages.find(question, version)
  if (kept) return respondEncoded(kept.bytes)
  const response = await respondAction({ pages, ...served }, call, {}, act)
  if (version !== null) pages.keep(question, version, response)
  return response
}

async function respondAction(served: Served, call: Call, body: unknown, act: Act): Promise<Response> {
  const { match, query, now, route, caller, source } = call
  const action = actions[match.name as keyof typeof actions]
  const { settings } = served
  const permits = (taskId: string) => isPermitted(call, settings, taskId)
  const output = await action(source, { params: match.params, query, body, now, act, settings, caller, permits })
  const isDown = match.name === 'health' && (output as { readonly status: string }).status === 'down'
  return respondJson((route.answer as Codec<unknown>).encode(output), isDown ? statusOf('unavailable') : 200)
}

const actions: Readonly<Record<Exclude<RouteName, SpecialRoute>, Action<unknown>>> = { ...reads, ...commands }

const maxReasonLength = 1_000

function readReason(body: unknown): string | null {
  const { reason } = body as { readonly reason?: string }
  if (reason === undefined || reason === '') return null
  if (reason.length <= maxReasonLength && !reason.includes('\0')) return reason
  throw new ProtocolError('bad_body', `reason: expected at most ${maxReasonLength} characters`, { parameter: 'reason' })
}

/** Relative to the dashboard's page, and back to it as it was asked for. */
function loginAddress(query: URLSearchParams): string {
  const page = query.size === 0 ? 'dashboard' : `dashboard?${query.toString()}`
  return `auth/login?next=${encodeURIComponent(page)}`
}

function respondFailure({ settings, trail }: Served, error: unknown, tried: Tried): Response {
  const { problem, id } = toFailure(error)
  trail.refused(tried, problem)
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
