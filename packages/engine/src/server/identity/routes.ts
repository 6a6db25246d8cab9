import { describeProblem, loginAnswer, ProtocolError, sessionView, type Problem } from '@taskloom/protocol'
import type { Call, Served } from '../call.ts'
import { isForm, readFormBody, readJsonBody } from '../guard/body.ts'
import { assertKnownParameters } from '../guard/query.ts'
import { respondJson, respondPage, respondProblem, respondSeeOther } from '../respond.ts'
import type { Credentials, Login } from './identity.ts'
import { renderLogin } from './login-page.ts'
import { readNext } from './next-page.ts'

/** Relative to the pages for signing in, whatever a proxy has taken away before them. */
const mountFromHere = '../'

interface Wish extends Credentials {
  /** Where to go afterwards, relative to the mount. */
  readonly next: string
  /** Whether the token is wanted in the answer, for programs. */
  readonly token: boolean
}

/** The page to sign in on; whoever is signed in already goes on at once. */
export async function loginPage({ settings }: Served, { request, context, query }: Call): Promise<Response> {
  const { gatekeeper } = settings
  if (gatekeeper.signIn !== 'page') throw nobodySignsIn()
  const next = readNext(query.get('next'))
  const caller = await gatekeeper.identify(request, context)
  if (caller !== null) return respondSeeOther(mountFromHere + next)
  return showPage(settings, { next, username: '' }, null, 200)
}

/** Signs in with what the page's form or a program's JSON says. A session that the caller had before ends with that. */
export async function login({ settings }: Served, { request, context, query, route, place }: Call): Promise<Response> {
  const { gatekeeper, clock } = settings
  if (gatekeeper.signIn !== 'page') throw nobodySignsIn()
  const isFromPage = isForm(request.headers.get('content-type'))
  if (!isFromPage) assertKnownParameters(query, route.query)
  const wish = isFromPage
    ? readForm(await readFormBody(request, clock))
    : readWish(route.body?.decode(await readJsonBody(request, clock)))
  const login = await gatekeeper.login(wish, place.address)
  if (login.outcome !== 'success') return isFromPage ? showFailure(settings, wish, login) : tellFailure(login)
  // A host's own login that does not answer now has nothing to do with ours.
  const before = await gatekeeper.identify(request, context).catch(() => null)
  if (before?.via === 'session') await gatekeeper.logout(before, place.address)
  const cookie = { 'set-cookie': gatekeeper.setCookie(place, login.token) }
  if (isFromPage) return respondSeeOther(mountFromHere + wish.next, cookie)
  const { name, role, expiresAt } = login.caller
  const token = wish.token ? { token: login.token } : {}
  return withHeaders(respondJson(loginAnswer.encode({ user: name, role, expiresAt, ...token })), cookie)
}

/** Ends the session, whoever asks; the browser forgets its cookie in any case. */
export async function logout({ settings }: Served, { request, context, place }: Call): Promise<Response> {
  const { gatekeeper, clock } = settings
  const isFromPage = isForm(request.headers.get('content-type'))
  if (isFromPage) await readFormBody(request, clock)
  else await readJsonBody(request, clock)
  const caller = await gatekeeper.identify(request, context)
  if (caller !== null) await gatekeeper.logout(caller, place.address)
  const cookie = { 'set-cookie': gatekeeper.clearCookie(place) }
  if (isFromPage) return respondSeeOther(gatekeeper.signIn === 'page' ? 'login' : `${mountFromHere}dashboard`, cookie)
  if (caller === null) throw new ProtocolError('unauthenticated', 'Nobody is signed in')
  return withHeaders(respondJson({}), cookie)
}

/** Who asks. */
export function session({ settings }: Served, { caller, query, route }: Call): Response {
  assertKnownParameters(query, route.query)
  const { name, role, via, expiresAt } = caller
  return respondJson(sessionView.encode({ name, role, via, expiresAt, signIn: settings.gatekeeper.signIn }))
}

function readForm({ username = '', password = '', next }: Readonly<Record<string, string>>): Wish {
  return { username, password, next: readNext(next), token: false }
}

function readWish(body: unknown): Wish {
  const { username, password, token = false } = body as Credentials & { readonly token?: boolean }
  return { username, password, token, next: '' }
}

type Failure = Exclude<Login, { readonly outcome: 'success' }>

function tellFailure(failure: Failure): Response {
  const { problem, headers } = describeFailure(failure)
  return withHeaders(respondProblem(problem), headers)
}

function showFailure(settings: Served['settings'], { username, next }: Wish, failure: Failure): Response {
  const { problem, headers } = describeFailure(failure)
  const page = showPage(settings, { next, username: username.slice(0, 200) }, problem.detail ?? '', problem.status)
  return withHeaders(page, headers)
}

function describeFailure(failure: Failure): { problem: Problem; headers: Readonly<Record<string, string>> } {
  switch (failure.outcome) {
    case 'wrong':
      return { problem: describeProblem('bad_credentials', 'Wrong user name or password.'), headers: {} }
    case 'too_long':
      return { problem: describeProblem('bad_body', 'The user name or password is too long.'), headers: {} }
    case 'throttled': {
      const { retryAfterSeconds } = failure
      const minutes = Math.ceil(retryAfterSeconds / 60)
      const wait = retryAfterSeconds <= 60 ? 'in a minute' : `in ${minutes} minutes`
      const problem = describeProblem('too_many_requests', `That was wrong too often. Try again ${wait}.`)
      return { problem, headers: { 'retry-after': String(retryAfterSeconds) } }
    }
  }
}

function showPage(
  { title, environment, frameAncestors }: Served['settings'],
  typed: { readonly next: string; readonly username: string },
  error: string | null,
  status: number,
): Response {
  return respondPage(renderLogin({ title, environment, ...typed, error }), frameAncestors, status)
}

function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
  return response
}

function nobodySignsIn(): ProtocolError {
  return new ProtocolError('not_found', 'Nobody signs in here')
}
