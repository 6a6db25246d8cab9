import { openMount, sameMount, type Mount, type MountableTasks, type MountOptions } from '../server/mount.ts'
import { refuseOption } from '../server/options.ts'

export type { Mount, MountableTasks, MountOptions } from '../server/mount.ts'

/** How tasks are served to a web-standard host; `autoInstall` needs a response of Node and is not among it. */
export type FetchOptions = Omit<MountOptions, 'autoInstall'>

/** What a `Request` does not carry. */
export interface FetchContext {
  /** The address of the caller as the host knows it, such as `getConnInfo(c).remote.address` of Hono; unknown by default. */
  readonly remoteAddress?: string
  /** The host's own request, such as Hono's context; what `auth` functions are given. The `Request` by default. */
  readonly native?: unknown
}

/** Answers requests below the path; 404 for every other one, and for all once it is closed. Never rejects. */
export interface FetchMount extends Mount {
  (request: Request, context?: FetchContext): Promise<Response>
}

/**
 * The dashboard and its API as a function from `Request` to `Response`, for Hono, Next, Bun and whatever else speaks the
 * web's own words; starts the tasks. The URL must hold the whole path, so `path` begins with the prefixes of the host's
 * router. The host shuts the tasks down by `close()`; there is no server whose end could be noticed.
 */
export function createFetch(tasks: MountableTasks, options: FetchOptions = {}): FetchMount {
  if ('autoInstall' in options) refuseOption('autoInstall', 'nothing, for there is no response of Node')
  const mounted = openMount(tasks, options)
  const answer = async (request: Request, context: FetchContext = {}): Promise<Response> => {
    if (!mounted.isOpen) return new Response(null, { status: 404 })
    const { remoteAddress, native = request } = context
    const response = await mounted.handle(request, {
      basePath: mounted.basePath,
      native,
      ...(remoteAddress === undefined ? {} : { remoteAddress }),
    })
    // A body that nobody wanted is let through, or the connection could carry no further request.
    if (!request.bodyUsed) request.body?.cancel().catch(() => undefined)
    return response
  }
  return sameMount(Object.assign(answer, { path: mounted.path, close: () => mounted.close() }), mounted)
}
