import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** Somebody that requests are passed on to. */
export interface Backend {
  readonly name: string
  readonly port: number
}

/**
 * A proxy that gives each request to the next of the backends that are up, as small as one can be: no sticky sessions are
 * needed. Each answer says in `x-served-by` who gave it.
 */
export function createProxy(backends: () => readonly Backend[]): Server {
  let turn = 0
  return createServer((incoming, outgoing) => {
    const up = backends()
    const order = up.map((_, index) => up[(turn + index) % up.length] as Backend)
    turn += 1
    passOn(incoming, outgoing, order)
  })
}

/** What could not even be begun is given to the next backend; nothing of its body was read then. */
function passOn(incoming: IncomingMessage, outgoing: ServerResponse, [backend, ...others]: readonly Backend[]): void {
  if (!backend) return answer(outgoing, 502, 'No instance of the site is up; one comes back in some seconds.')
  const { method, url: path, headers } = incoming
  let isConnected = false
  const passed = request({ host: '127.0.0.1', port: backend.port, method, path, headers }, (response) => {
    outgoing.writeHead(response.statusCode ?? 502, { ...response.headers, 'x-served-by': backend.name })
    response.pipe(outgoing)
    response.once('error', () => outgoing.destroy())
  })
  passed.once('socket', (socket) => {
    const begin = (): void => {
      isConnected = true
      incoming.pipe(passed)
    }
    if (socket.connecting) socket.once('connect', begin)
    else begin()
  })
  passed.on('error', () => {
    if (!isConnected) passOn(incoming, outgoing, others)
    else if (outgoing.headersSent) outgoing.destroy()
    else answer(outgoing, 502, 'The instance that had the request is gone.')
  })
  // A page that is left lets go of its stream of changes behind us, too.
  outgoing.once('close', () => passed.destroy())
}

function answer(outgoing: ServerResponse, status: number, text: string): void {
  outgoing.writeHead(status, { 'content-type': 'text/plain', 'retry-after': '2' }).end(text)
}
