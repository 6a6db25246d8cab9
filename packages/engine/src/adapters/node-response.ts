import type { ServerResponse } from 'node:http'

/** What `compression()` adds to a response. */
type Flushable = ServerResponse & { readonly flush?: () => void }

/** Writes a web response out, at the pace of whoever reads it; stops reading it when the caller has gone. */
export async function writeResponse(response: Response, res: Flushable, gone: AbortSignal): Promise<void> {
  if (gone.aborted) return void response.body?.cancel()
  res.removeHeader('x-powered-by')
  res.statusCode = response.status
  for (const [name, value] of response.headers) res.setHeader(name, value)
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
