import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { openMount, type Mount, type MountableTasks, type MountOptions } from '../server/mount.ts'
import { closeWith, serve, targetBelow } from './node-bridge.ts'

export type { Mount, MountableTasks, MountOptions } from '../server/mount.ts'

/** What is needed of an Express application or router. */
export interface ExpressLike {
  /** As `app.use(handler)` of Express. */
  use(handler: (req: ExpressRequest, res: ServerResponse, next: () => void) => void): unknown
}

type ExpressRequest = IncomingMessage & { readonly baseUrl?: string; readonly body?: unknown }

/**
 * Serves the dashboard and its API on an Express application or router, before or after body parsers and `compression()`,
 * and starts the tasks. They are shut down with the server that the first request comes through, or by `close()`.
 */
export function mount(app: ExpressLike, tasks: MountableTasks, options: MountOptions = {}): Mount {
  const mounted = openMount(tasks, options)
  const servers = new WeakSet<Server>()
  // Not `app.use(path, …)`: Express matches paths in either case, and ours are case-sensitive.
  app.use((req, res, next) => {
    const { server } = req.socket as { readonly server?: Server }
    if (server && !servers.has(server)) {
      servers.add(server)
      closeWith(server, mounted)
    }
    const target = mounted.isOpen ? targetBelow(req.url, mounted.basePath) : null
    if (!target) return mounted.pass(res, next)
    const basePath = (req.baseUrl ?? '') + mounted.basePath
    void serve(mounted, target, req, res, { basePath, parsedBody: req.body, native: req })
  })
  return mounted
}
