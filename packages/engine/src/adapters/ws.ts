import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { reopen, type LiveReader, type Mount, type OpenMount } from '../server/mount.ts'
import { targetBelow, toRequest, type Target } from './node-bridge.ts'
import { writeRaw } from './node-response.ts'

export type { Mount } from '../server/mount.ts'

/** How WebSockets are attached. */
export interface UpgradeOptions {
  /** The whole path to the mount, where an outer router takes off a prefix; that of the mount by default. */
  readonly path?: string
}

/** Larger messages close the connection; there is nothing of that size to say. */
const maxPayload = 4 * 1024
/** Beyond so much that the network has not taken, frames wait with their reader. */
const highWaterBytes = 64 * 1024
const lingerMs = 2_000

const sockets = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload })

/**
 * Speaks the live stream over WebSocket at `ws` below a mount: the same frames under the same rules. Upgrades to other
 * paths are left to the server's other listeners. Throws `bad_option` for what `mount()` did not give.
 */
export function attachUpgrade(server: Server, mount: Mount, { path = mount.path }: UpgradeOptions = {}): void {
  const mounted = reopen(mount)
  const basePath = path.replace(/\/$/, '')
  const emit = server.emit.bind(server) as (event: string | symbol, ...values: unknown[]) => boolean
  // Other listeners would refuse what is not theirs, so ours are taken out before any listener hears of them.
  server.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    const [req, socket, head] = values as [IncomingMessage, Duplex, Buffer]
    const target = event === 'upgrade' && mounted.isOpen ? targetBelow(req.url, basePath) : null
    if (!target) return emit(event, ...values)
    void upgrade(mounted, basePath, target, req, socket, head)
    return true
  }
  // Node tells of upgrades only where somebody listens.
  server.on('upgrade', (_req, socket) => {
    if (server.listenerCount('upgrade') === 1) void writeRaw(new Response(null, { status: 404 }), socket)
  })
}

async function upgrade(
  mount: OpenMount,
  basePath: string,
  target: Target,
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const gone = new AbortController()
  const leave = () => gone.abort()
  socket.once('close', leave).on('error', leave)
  try {
    const { remoteAddress } = req.socket
    const context = { basePath, rawPath: target.rawPath, isUpgrade: true, native: req }
    const request = toRequest(req, basePath, target, undefined, gone)
    const response = await mount.handle(request, remoteAddress === undefined ? context : { ...context, remoteAddress })
    const reader = mount.readerOf(response)
    if (!reader) return await writeRaw(response, socket)
    sockets.handleUpgrade(req, socket, head, (webSocket) => carry(webSocket, reader))
  } catch {
    socket.destroy()
  }
}

function carry(socket: WebSocket, reader: LiveReader): void {
  let isThere = true
  let isFull = false
  const goOn = (): void => {
    if (!isFull || socket.bufferedAmount > highWaterBytes) return
    isFull = false
    reader.resume()
  }
  socket.on('error', () => undefined)
  socket.on('close', () => reader.leave())
  socket.on('pong', () => (isThere = true))
  socket.on('message', (data: Buffer, isBinary) => reader.receive(isBinary ? null : data.toString('utf8')))
  reader.attach({
    write({ message }) {
      socket.send(message, { binary: false }, goOn)
      isFull = socket.bufferedAmount > highWaterBytes
      return !isFull
    },
    beat(isIdle) {
      if (!isThere) socket.terminate()
      isThere = false
      socket.ping()
      return isIdle
    },
    end(code) {
      socket.close(code)
      setTimeout(() => socket.terminate(), lingerMs).unref()
    },
  })
}
