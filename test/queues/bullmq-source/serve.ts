import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bullmqSource, type BullmqSourceOptions } from '@taskloom/engine/bullmq'
import { mount } from '@taskloom/engine/node'

/** A host that shows queues of BullMQ, as somebody mounts them who had another board. */
export interface Board {
  readonly origin: string
  /** What the dashboard's API answers; `status` and the JSON. */
  ask(path: string, method?: string, body?: unknown): Promise<{ readonly status: number; readonly json: unknown }>
  /** What the mount and the source complained of. */
  readonly faults: readonly unknown[]
  close(): Promise<void>
}

export async function serveBoard(options: BullmqSourceOptions): Promise<Board> {
  const faults: unknown[] = []
  const onError = (error: unknown): void => void faults.push(error)
  const server = createServer()
  const mounted = mount(server, bullmqSource({ onError, ...options }), { path: '/tasks', displayArgs: true, onError })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    faults,
    async ask(path, method = 'GET', body) {
      const response = await fetch(`${origin}/tasks${path}`, {
        method,
        headers: { origin, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: response.status, json: await response.json() }
    },
    async close() {
      await mounted.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
