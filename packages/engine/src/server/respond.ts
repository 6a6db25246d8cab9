import { problem as problemCodec, type Json, type Problem } from '@taskloom/protocol'
import { wholeResponse } from './whole-response.ts'

/** On every answer, also on errors: nothing of ours is sniffed, framed, cached or read by another site. */
const commonHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const

const dataPolicy = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
/** What answers have unless they say otherwise. */
const defaultHeaders = { ...commonHeaders, 'cache-control': 'no-store', 'content-security-policy': dataPolicy } as const
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ')

const retryAfterSeconds = 5
const encoder = new TextEncoder()

/** JSON that was encoded before. */
export function respondEncoded(bytes: Uint8Array<ArrayBuffer>): Response {
  return respondBytes(bytes, 200, { 'content-type': 'application/json; charset=utf-8' })
}

export function respondJson(value: Json, status = 200): Response {
  return respondText(JSON.stringify(value), status, 'application/json; charset=utf-8')
}

export function respondProblem(problem: Problem, allow: readonly string[] = []): Response {
  const isBusy = problem.status === 429 || problem.status === 503
  return respondText(JSON.stringify(problemCodec.encode(problem)), problem.status, 'application/problem+json', {
    ...(allow.length > 0 ? { allow: allow.join(', ') } : {}),
    ...(problem.status === 401 ? { 'www-authenticate': 'Bearer realm="tasks"' } : {}),
    ...(problem.status === 426 ? { upgrade: 'websocket' } : {}),
    ...(isBusy ? { 'retry-after': String(retryAfterSeconds) } : {}),
  })
}

/** A page of ours, which only pages of the given origins may frame; `self` stands for its own. */
export function respondPage(html: string, frameAncestors: readonly string[], status = 200): Response {
  const ancestors = frameAncestors.map((origin) => (origin === 'self' ? "'self'" : origin)).join(' ') || "'none'"
  const policy = `${pagePolicy}; frame-ancestors ${ancestors}`
  return respondText(html, status, 'text/html; charset=utf-8', { 'content-security-policy': policy })
}

/** Nothing but a place to go to; the browser asks for it with GET. */
export function respondSeeOther(location: string, headers: Record<string, string> = {}): Response {
  return respond(null, 303, { ...headers, location, 'content-length': '0' })
}

/** What a browser asks before it lets a page of another origin call. */
export function respondPreflight(): Response {
  return respond(null, 204, {
    'access-control-allow-methods': 'GET, HEAD, POST, DELETE',
    'access-control-allow-headers': 'authorization, content-type, last-event-id, x-api-key, x-requested-with',
    'access-control-max-age': '600',
  })
}

/** Figures as Prometheus reads them. */
export function respondExposition(text: string): Response {
  return respondText(text, 200, 'text/plain; version=0.0.4; charset=utf-8')
}

export interface File {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly type: string
  readonly etag: string
}

/** A file that the browser keeps and asks about before each use. */
export function respondFile(file: File, ifNoneMatch: string | null): Response {
  const isKnown = (ifNoneMatch ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === file.etag)
  const headers = { 'cache-control': 'no-cache', etag: file.etag, 'content-type': file.type }
  return isKnown ? respond(null, 304, headers) : respondBytes(file.bytes, 200, headers)
}

/** A server-sent event stream. `no-transform` keeps compressors and proxies from holding it back. */
export function respondStream(body: ReadableStream<Uint8Array> | null): Response {
  return respond(body, 200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  })
}

/** A file to keep, of which nobody knows the length before it has been read. */
export function respondDownload(body: ReadableStream<Uint8Array> | null, type: string, disposition: string): Response {
  return respond(body, 200, { 'content-type': type, 'content-disposition': disposition })
}

/** To a place given relative to the request's own path, so that no proxy's prefix is lost. */
export function respondRedirect(location: string): Response {
  return respond(null, 308, { location, 'content-length': '0' })
}

function respondText(text: string, status: number, type: string, headers: Record<string, string> = {}): Response {
  return respondBytes(encoder.encode(text), status, { ...headers, 'content-type': type })
}

function respondBytes(bytes: Uint8Array<ArrayBuffer>, status: number, headers: Record<string, string>): Response {
  const whole = { ...defaultHeaders, ...headers, 'content-length': String(bytes.byteLength) }
  return wholeResponse(bytes, { status, headers: whole })
}

type Body = ReadableStream<Uint8Array> | null

function respond(body: Body, status: number, headers: Record<string, string>): Response {
  return new Response(body, { status, headers: { ...defaultHeaders, ...headers } })
}
