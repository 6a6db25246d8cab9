import { ClientError, type Client } from '@taskloom/client'

/** How changes come: `sse` is a stream over HTTP, `ws` over WebSocket, `poll` asks now and then. */
export type Transport = 'sse' | 'ws' | 'poll'

/** The client with another way to its live stream. A socket that does not come is stood in for by the stream. */
export function withTransport(client: Client, transport: string | null): Client {
  if (transport === 'poll') {
    const problem = { type: 'about:blank', title: 'Polling', status: 501, code: 'unsupported' }
    return { ...client, openStream: () => Promise.reject(new ClientError(problem)) }
  }
  if (transport !== 'ws') return client
  return {
    ...client,
    async openStream(ask) {
      try {
        const { openSocket } = await import('./socket.ts')
        return await openSocket(client.src, ask)
      } catch {
        return client.openStream(ask)
      }
    },
  }
}
