import type { StreamAsk } from '@taskloom/client'
import { formatFilter } from '@taskloom/protocol'

/** More often than the client waits for a word: browsers show pages no pings of the server. */
const pingMs = 15_000

/**
 * The live stream over WebSocket, as the response that it would have been over HTTP: whoever reads it need not know.
 * Rejects when there is no such connection. A browser sends cookies with it, and no headers.
 */
export function openSocket(src: string, { filter, taskId, lastEventId, signal }: StreamAsk): Promise<Response> {
  const address = new URL(`${src.replace(/\/+$/, '')}/ws`)
  address.protocol = address.protocol.replace('http', 'ws')
  const params = formatFilter(filter)
  if (taskId !== null) params.set('task_id', taskId)
  if (lastEventId !== null) params.set('last_event_id', lastEventId)
  address.search = params.toString()
  const socket = new WebSocket(address)
  signal?.addEventListener('abort', () => socket.close(), { once: true })
  if (signal?.aborted) socket.close()
  return new Promise((resolve, reject) => {
    socket.onerror = () => reject(new TypeError('There is no WebSocket'))
    socket.onclose = socket.onerror
    socket.onopen = () => {
      resolve(new Response(framesOf(socket), { headers: { 'content-type': 'text/event-stream' } }))
    }
  })
}

function framesOf(socket: WebSocket): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let timer: ReturnType<typeof setInterval>
  return new ReadableStream({
    start(controller) {
      timer = setInterval(() => socket.send('{"type":"ping"}'), pingMs)
      socket.onmessage = ({ data }) => controller.enqueue(encoder.encode(frameOf(String(data))))
      socket.onclose = () => {
        clearInterval(timer)
        controller.close()
      }
      socket.onerror = null
    },
    cancel() {
      clearInterval(timer)
      socket.onclose = null
      socket.onmessage = null
      socket.close()
    },
  })
}

/** One message as an event of a stream; what is no event is a sign of life. */
function frameOf(message: string): string {
  const { id, event, data } = JSON.parse(message) as { id?: string | null; event?: string; data?: unknown }
  if (event === undefined || event === 'pong') return ': alive\n\n'
  return `${id ? `id: ${id}\n` : ''}event: ${event}\ndata: ${JSON.stringify(data ?? null)}\n\n`
}
