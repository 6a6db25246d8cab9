import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

export interface Receiver {
  readonly url: string
  readonly partners: () => readonly Partner[]
  /** Repairs a broken partner, or breaks it again. */
  setBroken(name: string, isBroken: boolean): void
  close(): Promise<void>
}

export interface Partner {
  readonly name: string
  readonly habit: string
  readonly isBroken: boolean
  readonly received: number
}

export const partnerNames = ['nord', 'west', 'sued', 'ost'] as const

const habits: Record<string, string> = {
  nord: 'always answers',
  west: 'refuses the first delivery of every third order',
  sued: 'hangs at the first delivery of every third order',
  ost: 'down until somebody mends it',
}

/**
 * The partners' side of the webhooks: an HTTP server on loopback. Which delivery fails depends on the order's number
 * alone, so the same order always meets the same fate.
 */
export async function openReceiver(): Promise<Receiver> {
  const broken = new Set<string>(['ost'])
  const received = new Map<string, number>()
  const tries = new Map<string, number>()
  const server = createServer((request, response) => {
    receive(request, response).catch(() => answer(response, 400, 'Not an order'))
  })

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const partner = decodeURIComponent(request.url?.split('/')[2] ?? '')
    const { order } = (await json(request)) as { order: number }
    const key = `${partner}/${order}`
    const isFirst = !tries.has(key)
    tries.set(key, (tries.get(key) ?? 0) + 1)
    if (broken.has(partner)) return answer(response, 503, 'Our press office is closed')
    if (partner === 'west' && isFirst && order % 3 === 0) return answer(response, 503, 'Too many orders at once')
    // No answer at all: the sender's own deadline must end it.
    if (partner === 'sued' && isFirst && order % 3 === 2) return
    received.set(partner, (received.get(partner) ?? 0) + 1)
    answer(response, 202, 'Thank you')
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    partners: () =>
      partnerNames.map((name) => ({
        name,
        habit: habits[name] ?? '',
        isBroken: broken.has(name),
        received: received.get(name) ?? 0,
      })),
    setBroken(name, isBroken) {
      if (isBroken) broken.add(name)
      else broken.delete(name)
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(text)
}
