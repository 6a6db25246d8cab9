import { DecodeError, problem, type Codec, type Method, type Problem } from '@taskloom/protocol'
import { systemTiming } from './timing.ts'

/** A request that did not bring what was asked for. `problem.code` is stable; the words are for people. */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  constructor(
    /** What went wrong, in the protocol’s words; status 0 is "no answer". */
    readonly problem: Problem,
    /** How long the server asks to wait, milliseconds; null when it does not say. */
    readonly retryAfterMs: number | null = null,
    options?: ErrorOptions,
  ) {
    super(problem.detail ?? problem.title, options)
  }
}

/** Headers by name, or a function that makes them, at once or later. */
export type HeaderSource = Readonly<Record<string, string>> | (() => HeaderWords | Promise<HeaderWords>)
type HeaderWords = Readonly<Record<string, string>>

/** Where the server is and how it is asked. */
export interface ClientOptions {
  /** Where the server is mounted, absolute or relative, with or without a slash at its end. Nothing outside is called. */
  readonly src: string
  /** Headers of every request, or what makes them anew for each (a token that is renewed); none by default. */
  readonly headers?: HeaderSource | undefined
  /** Asks in the place of the global `fetch`, which is the default. */
  readonly fetch?: typeof fetch | undefined
  /** Whether cookies go along, as for `fetch`; `same-origin` by default. */
  // In full, as Node's types have no `RequestCredentials`.
  readonly credentials?: 'include' | 'omit' | 'same-origin' | undefined
  /** How long an answer may take, milliseconds; default 30,000. */
  readonly timeoutMs?: number | undefined
}

/** One request below the mount. */
export interface Ask {
  /** How. */
  readonly method: Method
  /** Where, below the mount. */
  readonly path: string
  /** The query; none by default. */
  readonly params?: URLSearchParams | undefined
  /** What a command sends, to be written as JSON; an empty object by default. */
  readonly body?: unknown
  /** Beside those of every request; none by default. */
  readonly headers?: HeaderWords | undefined
  /** Calls it off; never by default. */
  readonly signal?: AbortSignal | undefined
}

export interface Http {
  readonly src: string
  /** The decoded answer; throws {@link ClientError}. */
  json<T>(ask: Ask, codec: Codec<T>): Promise<T>
  /** An answer whose body is read by the caller; the time-out covers its head only. */
  open(ask: Ask): Promise<Response>
}

const defaultTimeoutMs = 30_000

/** Requests that stay below one mount and whose failures all speak the protocol's language. */
export function createHttp(options: ClientOptions): Http {
  const src = options.src.replace(/[?#].*$/s, '')
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs

  async function fetchHead(ask: Ask, signal: AbortSignal): Promise<Response> {
    const headers = typeof options.headers === 'function' ? await options.headers() : options.headers
    const response = await (options.fetch ?? fetch)(locate(src, ask), describeRequest(ask, headers, options, signal))
    if (!response.ok) throw await readFailure(response)
    return response
  }

  return {
    src,
    async json(ask, codec) {
      const limit = limitTime(timeoutMs, ask.signal)
      try {
        return decodeAnswer(await (await fetchHead(ask, limit.signal)).text(), codec)
      } catch (error) {
        throw explain(error, limit.cause())
      } finally {
        limit.stopTimer()
        limit.detach()
      }
    },
    async open(ask) {
      const limit = limitTime(timeoutMs, ask.signal)
      try {
        return await fetchHead(ask, limit.signal)
      } catch (error) {
        limit.detach()
        throw explain(error, limit.cause())
      } finally {
        limit.stopTimer()
      }
    },
  }
}

/** A failure in the protocol's words, whatever it was. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ClientError) return error.problem
  return madeProblem('network', 'Something went wrong', 0, error instanceof Error ? error.message : undefined)
}

/** Whether an error only says that the request was called off. */
export function isAborted(error: unknown): boolean {
  return error instanceof ClientError && error.problem.code === 'aborted'
}

/** A problem that never was on the wire: `network`, `timeout`, `aborted`, `bad_answer`. Status 0 is "no answer". */
export function madeProblem(code: string, title: string, status: number, detail?: string): Problem {
  return { type: 'about:blank', title, status, code, ...(detail ? { detail } : {}) }
}

/** The mount itself keeps the spelling of `src`, for hosts and proxies that redirect the other one. */
function locate(src: string, { path, params }: Ask): string {
  const isClimbing = path.split('/').some((segment) => segment === '.' || segment === '..')
  if (isClimbing || /^[/\\]/.test(path)) {
    throw new ClientError(madeProblem('bad_query', 'This is not below the mount', 0, path))
  }
  const address = path === '' ? src : `${src.replace(/\/+$/, '')}/${path}`
  const query = params?.toString()
  return query ? `${address || '/'}?${query}` : address || '/'
}

function describeRequest(
  ask: Ask,
  headers: HeaderWords | undefined,
  options: ClientOptions,
  signal: AbortSignal,
): RequestInit {
  // The two headers of a command cannot be sent across origins without a preflight: they prove the same site.
  const proof = { 'content-type': 'application/json', 'x-requested-with': 'taskloom' }
  const isCommand = ask.method !== 'GET'
  return {
    method: ask.method,
    headers: { accept: 'application/json', ...headers, ...ask.headers, ...(isCommand ? proof : {}) },
    credentials: options.credentials ?? 'same-origin',
    cache: 'no-store',
    // A redirect would carry the host's headers to an address that nobody named.
    redirect: 'manual',
    signal,
    ...(isCommand ? { body: JSON.stringify(ask.body ?? {}) } : {}),
  }
}

async function readFailure(response: Response): Promise<ClientError> {
  const { status } = response
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    return new ClientError(madeProblem('unauthenticated', 'Sign in first', 401, 'The server redirects to another page'))
  }
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  const retryAfterMs = retryAfter >= 0 ? Math.min(retryAfter, 3_600) * 1_000 : null
  return new ClientError(await readProblem(response), retryAfterMs)
}

async function readProblem(response: Response): Promise<Problem> {
  const { status } = response
  try {
    if (/json/.test(response.headers.get('content-type') ?? '')) return problem.decode(await response.json())
    await response.body?.cancel()
  } catch {
    // A body that is not the protocol's says nothing more than its status does.
  }
  const code =
    status === 401 ? 'unauthenticated' : status === 403 ? 'forbidden' : status === 404 ? 'not_found' : 'status'
  return madeProblem(code, `The server answered ${status}`, status)
}

function decodeAnswer<T>(text: string, codec: Codec<T>): T {
  try {
    return codec.decode(JSON.parse(text))
  } catch (error) {
    const detail = error instanceof DecodeError ? error.message : 'It is not JSON'
    throw new ClientError(madeProblem('bad_answer', 'The answer is not understood', 0, detail), null, { cause: error })
  }
}

function explain(error: unknown, cause: 'aborted' | 'timeout' | null): ClientError {
  if (error instanceof ClientError && cause === null) return error
  const made =
    cause === 'aborted'
      ? madeProblem('aborted', 'Called off', 0)
      : cause === 'timeout'
        ? madeProblem('timeout', 'The server does not answer in time', 0)
        : madeProblem('network', 'The server cannot be reached', 0, error instanceof Error ? error.message : undefined)
  return new ClientError(made, null, { cause: error })
}

/** One signal for "called off" and "too late". */
function limitTime(timeoutMs: number, outer: AbortSignal | undefined) {
  const controller = new AbortController()
  let cause: 'aborted' | 'timeout' | null = null
  const end = (why: 'aborted' | 'timeout') => {
    cause ??= why
    controller.abort()
  }
  const callOff = () => end('aborted')
  if (outer?.aborted) callOff()
  outer?.addEventListener('abort', callOff, { once: true })
  const cancelTimer = systemTiming.after(timeoutMs, () => end('timeout'))
  return {
    signal: controller.signal,
    cause: () => cause,
    stopTimer: cancelTimer,
    detach: () => outer?.removeEventListener('abort', callOff),
  }
}
