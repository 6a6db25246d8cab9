import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { openMount, type Mount, type MountableTasks, type MountOptions } from '../server/mount.ts'
import { closeWith, serve, targetBelow } from './node-bridge.ts'

export type { Mount, MountableTasks, MountOptions } from '../server/mount.ts'

/**
 * Serves the dashboard and its API on a Node HTTP server, and starts the tasks. The server's other listeners, earlier and
 * later ones, keep every path that is not below `path`; without any they are answered with 404.
 */
export function mount(server: Server, tasks: MountableTasks, options: MountOptions = {}): Mount {
  const mounted = openMount(tasks, options)
  const emit = server.emit.bind(server) as (event: string | symbol, ...values: unknown[]) => boolean
  // Listeners cannot be told to leave a request alone, so ours are taken out before any listener hears of them.
  server.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    if (event !== 'request') return emit(event, ...values)
    const [req, res] = values as [IncomingMessage, ServerResponse]
    const target = mounted.isOpen ? targetBelow(req.url, mounted.basePath) : null
    if (target) void serve(mounted, target, req, res, { basePath: mounted.basePath, native: req })
    else if (!mounted.pass(res, () => emit(event, ...values))) res.writeHead(404).end()
    return true
  }
  closeWith(server, mounted)
  return mounted
}
