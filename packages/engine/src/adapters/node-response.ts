import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { LiveReader } from '../server/mount.ts'

/** What `compression()` adds to a response. */
type Flushable = ServerResponse & { readonly flush?: () => void }

/** What stands before a body; 200 where no status is given. */
interface Head {
  readonly status?: number
  readonly headers: Iterable<readonly [name: string, value: string]>
}

/** Writes a web response out, at the pace of whoever reads it; stops reading it when the caller has gone. */
export async function writeResponse(response: Response, res: Flushable, gone: AbortSignal): Promise<void> {
  if (gone.aborted) return void response.body?.cancel()
  writeHead(response, res)
  if (!response.body) return void res.end()
  res.flushHeaders()
  const reader = response.body.getReader()
  const stop = () => void reader.cancel().catch(() => undefined)
  gone.addEventListener('abort', stop, { once: true })
  try {
    for (;;) {
      const chunk = (await reader.read()) as { readonly done: boolean; readonly value?: Uint8Array }
      if (chunk.done || gone.aborted) break
      const isFull = !res.write(chunk.value)
      res.flush?.()
      if (isFull) await drained(res)
    }
    res.end()
  } catch (error) {
    // Cut off: what is there must not look whole.
    res.destroy()
    throw error
  } finally {
    gone.removeEventListener('abort', stop)
  }
}

/** Writes an answer out whose body is all there. */
export function writeWhole(response: Head, bytes: Uint8Array, res: ServerResponse): void {
  if (res.destroyed) return
  writeHead(response, res)
  res.end(bytes)
}

const pingBytes = Buffer.from(': ping\n\n')
/** Whoever takes nothing in is not waited for when its stream has ended. */
const lingerMs = 2_000

/**
 * Writes a live stream out: the same bytes for every reader, each as fast as it takes them in. Resolves when the
 * connection is closed.
 */
export function writeLive(response: Response, reader: LiveReader, res: Flushable, gone: AbortSignal): Promise<void> {
  if (gone.aborted) return Promise.resolve(reader.leave())
  writeHead(response, res)
  res.flushHeaders()
  const write = (bytes: Uint8Array): boolean => {
    const wantsMore = res.write(bytes)
    res.flush?.()
    return wantsMore
  }
  return new Promise((resolve) => {
    let linger: NodeJS.Timeout | undefined
    res.on('drain', () => reader.resume())
    res.once('close', () => {
      clearTimeout(linger)
      reader.leave()
      resolve()
    })
    reader.attach({
      write: ({ bytes }) => write(bytes),
      beat: (isIdle) => isIdle && write(pingBytes),
      end() {
        res.end()
        linger = setTimeout(() => res.destroy(), lingerMs).unref()
      },
    })
  })
}

/** Writes a short answer to a connection that HTTP has already let go of, and closes it. */
export async function writeRaw(response: Response, socket: Duplex): Promise<void> {
  const body = await response.text()
  const { status, headers } = response
  const lines = [...headers].map(([name, value]) => `${name}: ${value}`)
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, 'connection: close', ...lines, '', body]
  socket.end(head.join('\r\n'), () => socket.destroy())
}

function writeHead(response: Head, res: ServerResponse): void {
  res.removeHeader('x-powered-by')
  res.statusCode = response.status ?? 200
  for (const [name, value] of response.headers) res.setHeader(name, value)
}

function drained(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      res.off('drain', go)
      res.off('close', go)
      resolve()
    }
    res.once('drain', go)
    res.once('close', go)
    if (res.closed) go()
  })
}
