import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { OpenMount } from '../server/mount.ts'
import { lazyRequest } from './lazy-request.ts'
import { writeLive, writeResponse, writeWhole } from './node-response.ts'

/** A request target below a mount, exactly as it was received. */
export interface Target {
  readonly rawPath: string
  readonly search: string
}

/** What a framework may know of a request beyond Node's own. */
export interface Received {
  /** The whole path to the mount, with the prefixes that a framework has taken away. */
  readonly basePath: string
  /** What a body parser of the host made of a body that it has read. */
  readonly parsedBody?: unknown
  /** The framework's own request. */
  readonly native: unknown
}

/** The part of a request target below the mount; null when the path is the host's. Also absolute forms are read. */
export function targetBelow(url: string | undefined, basePath: string): Target | null {
  const text = (url ?? '').replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '')
  const end = text.indexOf('?') < 0 ? text.length : text.indexOf('?')
  const path = text.slice(0, end)
  if (!path.startsWith(basePath)) return null
  const rawPath = path.slice(basePath.length)
  return rawPath === '' || rawPath.startsWith('/') ? { rawPath, search: text.slice(end) } : null
}

/** What outer middleware has taken from the front of the URL. */
export function takenPrefix(originalUrl: string, url: string): string {
  return originalUrl.endsWith(url) ? originalUrl.slice(0, originalUrl.length - url.length) : ''
}

/** Answers a Node request through the mount's handler; resolves when the answer is out or the caller has gone. */
export async function serve(
  mount: OpenMount,
  target: Target,
  req: IncomingMessage,
  res: ServerResponse,
  { basePath, parsedBody, native }: Received,
): Promise<void> {
  const isPlain = req.method === 'GET' && req.headers.authorization === undefined
  const known = isPlain ? mount.known(target.rawPath, target.search) : null
  if (known) {
    writeWhole(known, known.bytes, res)
    return endWithServer(req)
  }
  const gone = new Gone(res)
  try {
    const request = toRequest(req, basePath, target, parsedBody, gone)
    const { remoteAddress } = req.socket
    const context = {
      basePath,
      rawPath: target.rawPath,
      native,
      takesBytes: true,
      ...(remoteAddress === undefined ? {} : { remoteAddress }),
    }
    const response = await mount.handle(request, context)
    // A body that nobody wanted is let through, or the connection could carry no further request.
    request.body?.cancel().catch(() => undefined)
    await write(mount, response, res, gone)
    if (req.complete) endWithServer(req)
    else req.once('end', () => endWithServer(req))
  } catch {
    // The handler never fails, so it is the connection or a request that no Request can carry.
    if (res.headersSent) res.destroy()
    else res.writeHead(400).end()
  }
}

async function write(mount: OpenMount, response: Response, res: ServerResponse, gone: Gone): Promise<void> {
  const bytes = mount.bytesOf(response)
  if (bytes) return writeWhole(response, bytes, res)
  const reader = mount.readerOf(response)
  return reader ? writeLive(response, reader, res, gone.signal) : writeResponse(response, res, gone.signal)
}

/** Tells whoever asks that the caller has gone before the answer was out. Most never ask. */
class Gone {
  #controller: AbortController | null = null
  #isGone = false

  constructor(res: ServerResponse) {
    res.once('close', () => {
      if (res.writableFinished) return
      this.#isGone = true
      this.#controller?.abort()
    })
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController()
      if (this.#isGone) this.#controller.abort()
    }
    return this.#controller.signal
  }
}

/** A server that is closing waits for its connections, and nobody will ask for more on this one. */
function endWithServer({ socket }: IncomingMessage): void {
  const { server } = socket as { readonly server?: Server }
  if (server?.listening === false) socket.end()
}

/**
 * Ends the mount with its server. `server.close()` waits for every open response, so the live streams have to end when it
 * is called and not when it is done.
 */
export function closeWith(server: Server, mount: OpenMount): void {
  const close = server.close.bind(server)
  server.close = (callback) => {
    mount.endStreams()
    return close(callback)
  }
  server.once('close', () => void mount.close())
}

/** The request for the handler; its body is what a body parser of the host left of it. */
export function toRequest(
  req: IncomingMessage,
  basePath: string,
  { rawPath, search }: Target,
  parsedBody: unknown,
  gone: { readonly signal: AbortSignal },
): Request {
  const url = urlOf(req, basePath + rawPath, search)
  const headers = new Headers()
  for (const [name, value] of Object.entries(req.headers)) {
    for (const one of Array.isArray(value) ? value : [value ?? '']) if (!name.startsWith(':')) headers.append(name, one)
  }
  if (req.method === 'GET') return lazyRequest({ method: 'GET', url, headers, gone })
  const body = bodyOf(req, parsedBody)
  // A Request cannot carry these methods; they are refused like OPTIONS, so it may stand for them.
  const method = /^(CONNECT|TRACE|TRACK)$/.test(req.method ?? '') ? 'OPTIONS' : (req.method ?? 'GET')
  if (typeof body === 'string') for (const name of ['content-length', 'content-encoding']) headers.delete(name)
  return new Request(url, {
    method,
    headers,
    signal: gone.signal,
    ...(body === null ? {} : { body, duplex: 'half' as const }),
  })
}

/** Plain paths, as nearly all are, are those of an URL already. */
function urlOf(req: IncomingMessage, path: string, search: string): string {
  const origin = originOf(req)
  if (/^[\w/.~-]*$/.test(path) && !path.includes('/.') && /^[\w?&=%.~:+-]*$/.test(search)) return origin + path + search
  const url = new URL(origin)
  url.pathname = path
  url.search = search
  return url.href
}

/** Only a host that is a host: the target's own authority and odd headers never choose where a URL points. */
function originOf(req: IncomingMessage): string {
  const scheme = 'encrypted' in req.socket && req.socket.encrypted === true ? 'https' : 'http'
  const { host = '' } = req.headers
  return `${scheme}://${isHost(host) ? host : 'localhost'}`
}

const maxKnownHosts = 100
const knownHosts = new Set<string>()

/** Most requests are for the same few hosts, and looking closely takes its time. */
function isHost(host: string): boolean {
  if (knownHosts.has(host)) return true
  if (!/^[\w.:[\]-]+$/.test(host) || !URL.canParse(`http://${host}`)) return false
  if (knownHosts.size < maxKnownHosts) knownHosts.add(host)
  return true
}

function bodyOf(req: IncomingMessage, parsedBody: unknown): string | ReadableStream<Uint8Array> | null {
  if (req.method === 'GET' || req.method === 'HEAD') return null
  const { 'content-length': length, 'transfer-encoding': encoding } = req.headers
  if (encoding === undefined && (length === undefined || length === '0')) return null
  if (!req.readableDidRead) return streamOf(req)
  if (parsedBody === undefined || typeof parsedBody === 'string') return parsedBody ?? ''
  if (Buffer.isBuffer(parsedBody)) return parsedBody.toString('utf8')
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(req.headers['content-type'] ?? '')
  return isForm ? writeForm(parsedBody) : JSON.stringify(parsedBody)
}

/** What a parser of forms has read, as it was; our own forms have texts alone. */
function writeForm(parsedBody: unknown): string {
  const texts = Object.entries(parsedBody ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return new URLSearchParams(texts).toString()
}

/** A body that can be left unread: cancelling `Readable.toWeb` would destroy the socket before the answer is out. */
function streamOf(req: IncomingMessage): ReadableStream<Uint8Array> {
  let leave: () => void
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const take = (chunk: Buffer) => {
        controller.enqueue(new Uint8Array(chunk))
        if ((controller.desiredSize ?? 0) <= 0) req.pause()
      }
      const finish = () => controller.close()
      leave = () => void req.off('data', take).off('end', finish).resume()
      req.on('data', take).once('end', finish)
      req.once('error', (error) => controller.error(error))
    },
    pull: () => void req.resume(),
    cancel: () => leave(),
  })
}
