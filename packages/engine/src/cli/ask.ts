import { ClientError } from '@taskloom/client'
import {
  buildPath,
  DecodeError,
  problem,
  routes,
  type AnswerOf,
  type Json,
  type Problem,
  type Route,
  type RouteName,
} from '@taskloom/protocol'
import { madeProblem } from './exit.ts'

/** What is asked of a route. */
export interface Question {
  readonly at?: Readonly<Record<string, string>>
  readonly params?: URLSearchParams
  readonly body?: Readonly<Record<string, Json>>
}

/** The answer as it came, and as the route table reads it. */
export interface Answer<T> {
  readonly wire: Json
  readonly value: T
}

/** Asks a server by the name of a route. Every failure is a `ClientError`. */
export type Ask = <N extends RouteName>(name: N, question?: Question) => Promise<Answer<AnswerOf<N>>>

export interface AskOptions {
  /** The address of the mount, without a slash at its end. */
  readonly src: string
  readonly headers: Readonly<Record<string, string>>
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Calls everything off. */
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/** The whole protocol in one function. */
export function createAsk(options: AskOptions): Ask {
  return async <N extends RouteName>(name: N, question: Question = {}) => {
    const route: Route = routes[name]
    const wire = await fetchJson(options, route, locate(options.src, name, question), question.body)
    return { wire, value: decode(route, wire) as AnswerOf<N> }
  }
}

/** A name that is empty or a dot segment would make the address of another route. */
function locate(src: string, name: RouteName, { at = {}, params }: Question): string {
  for (const value of Object.values(at)) {
    if (/^\.{0,2}$/.test(value)) throw failure(404, 'not_found', 'There is nothing of that name')
  }
  const path = buildPath(name, at)
  const query = params?.toString()
  return `${src}${path === '' ? '' : `/${path}`}${query ? `?${query}` : ''}`
}

async function fetchJson(options: AskOptions, route: Route, url: string, body: Question['body']): Promise<Json> {
  const { headers, signal, timeoutMs } = options
  const late = AbortSignal.timeout(timeoutMs)
  const isCommand = route.method !== 'GET'
  const init: RequestInit = {
    method: route.method,
    headers: { accept: 'application/json', ...headers, ...(isCommand ? proof : {}) },
    // A redirect would carry the token to an address that nobody named.
    redirect: 'manual',
    signal: AbortSignal.any([signal, late]),
    ...(isCommand ? { body: JSON.stringify(body ?? {}) } : {}),
  }
  try {
    const response = await orAborted(options.fetch(url, init), init.signal as AbortSignal)
    // That something is down is an answer, too.
    const isAnswer = response.ok || (route.path === routes.health.path && isJson(response))
    if (!isAnswer) throw new ClientError(await readProblem(response))
    return parse(await response.text(), response)
  } catch (error) {
    if (error instanceof ClientError) throw error
    if (signal.aborted) throw failure(0, 'aborted', 'Interrupted')
    if (late.aborted) throw failure(0, 'timeout', `There was no answer within ${timeoutMs / 1_000} s`)
    throw failure(0, 'network', `The server cannot be reached: ${reasonOf(error)}`)
  }
}

/** A store at hand does not look at signals, and nobody waits for it after Ctrl-C. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new Error('called off'))
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}

/** What a foreign page cannot send without asking first; a command needs it. */
const proof = { 'content-type': 'application/json', 'x-requested-with': 'taskloom' }

async function readProblem(response: Response): Promise<Problem> {
  const { status } = response
  if (status >= 300 && status < 400) {
    const target = response.headers.get('location') ?? 'another address'
    return madeFailure(401, 'unauthenticated', `The server redirects to ${target}: it wants a login, or is there`)
  }
  try {
    const text = await response.text()
    if (/json/.test(response.headers.get('content-type') ?? '')) return problem.decode(JSON.parse(text))
  } catch {
    // A body that is not the protocol's says nothing more than its status does.
  }
  const code = { 401: 'unauthenticated', 403: 'forbidden', 404: 'not_found' }[status] ?? 'status'
  const hint = status === 404 ? ': is that where Taskloom is mounted?' : ''
  return madeFailure(status, code, `The server answered ${status}${hint}`)
}

function isJson({ headers }: Response): boolean {
  return /^application\/json\b/.test(headers.get('content-type') ?? '')
}

function parse(text: string, response: Response): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    const type = response.headers.get('content-type') ?? 'something unknown'
    throw failure(0, 'bad_answer', `The answer is ${type} and not JSON: is that where Taskloom is mounted?`)
  }
}

function decode(route: Route, wire: Json): unknown {
  try {
    return route.answer?.decode(wire)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw failure(0, 'bad_answer', `The answer is not understood: ${error.message}`)
  }
}

function failure(status: number, code: string, detail: string): ClientError {
  return new ClientError(madeFailure(status, code, detail))
}

function madeFailure(status: number, code: string, detail: string): Problem {
  return { ...madeProblem(code, detail), status }
}

/** What `fetch` throws says nothing; its cause does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  return cause.message || ((cause as Error & { code?: string }).code ?? error.message)
}
