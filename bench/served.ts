import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TaskManager } from '@taskloom/engine'
import { mount } from '@taskloom/engine/node'

/** A history served as a host would serve it: a manager on the file, mounted on a plain node:http server. */
export interface ServedHistory {
  readonly origin: string
  readonly tasks: TaskManager
  close(): Promise<void>
}

export async function serveHistory(file: string): Promise<ServedHistory> {
  const tasks = new TaskManager({ store: file })
  const server = createServer((_request, response) => response.writeHead(404).end())
  const mounted = mount(server, tasks, { path: '/tasks' })
  await tasks.start()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tasks`,
    tasks,
    async close() {
      await mounted.close()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
