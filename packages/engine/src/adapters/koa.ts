import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { openMount, type Mount, type MountableTasks, type MountOptions } from '../server/mount.ts'
import { closeWith, serve, takenPrefix, targetBelow } from './node-bridge.ts'

export type { Mount, MountableTasks, MountOptions } from '../server/mount.ts'

/** What is needed of a Koa application. */
export interface KoaLike {
  /** As `app.use(middleware)` of Koa. */
  use(middleware: (context: KoaContext, next: () => Promise<unknown>) => Promise<unknown>): unknown
}

/** What is used of Koa’s context. */
export interface KoaContext {
  /** Node’s own request. */
  readonly req: IncomingMessage
  /** Node’s own response. */
  readonly res: ServerResponse
  /** The path and query before mounts of Koa cut something off. */
  readonly originalUrl: string
  /** The body parsers' place for what they read. */
  readonly request: object
  /** Set to false, Koa leaves the answer alone; true without it. */
  respond?: boolean
}

/**
 * Serves the dashboard and its API on a Koa application, before or after body parsers, and starts the tasks. They are shut
 * down with the server that the first request comes through, or by `close()`.
 */
export function mount(app: KoaLike, tasks: MountableTasks, options: MountOptions = {}): Mount {
  const mounted = openMount(tasks, options)
  const servers = new WeakSet<Server>()
  app.use(async (context, next) => {
    const { req, res } = context
    const { server } = req.socket as { readonly server?: Server }
    if (server && !servers.has(server)) {
      servers.add(server)
      closeWith(server, mounted)
    }
    const target = mounted.isOpen ? targetBelow(req.url, mounted.basePath) : null
    if (!target) return mounted.pass(res, next)
    // The handler's answer is already written for Node; Koa has nothing to add to it.
    context.respond = false
    const { body, rawBody } = context.request as { readonly body?: unknown; readonly rawBody?: string }
    const basePath = takenPrefix(context.originalUrl, req.url ?? '') + mounted.basePath
    return serve(mounted, target, req, res, { basePath, parsedBody: rawBody ?? body, native: context })
  })
  return mounted
}
