import { createHandler, type Handler, type HandlerContext } from './handler.ts'
import { quietly, refuseOption, type HandlerOptions } from './options.ts'
import type { ResponseLike } from '../core/response.ts'
import type { KeptPage } from './kept-pages.ts'
import type { LiveReader } from './live/client.ts'
import { readerOf } from './live/stream.ts'
import { bytesOf } from './whole-response.ts'
import type { TaskSource } from './source.ts'

export type { LiveReader } from './live/client.ts'

/** What can be mounted: a source with a life. `TaskManager` is one. */
export interface MountableTasks {
  /** What is served. */
  readonly source: TaskSource
  /** Called at once by `mount()`. What it rejects with is told to `onError`; requests are answered all the same. */
  start(): Promise<void>
  /** Called when the mount is closed, or the server is. */
  shutdown(): Promise<void>
  /** Runs the host's code as part of a request; `autoInstall` needs it. */
  inRequest?<T>(response: ResponseLike, run: () => T): T
}

/** How tasks are mounted into a host’s server. */
export interface MountOptions extends HandlerOptions {
  /** Where the dashboard and its API live; default `/tasks`. Case-sensitive, without `.`, `..` or escapes. */
  readonly path?: string
  /**
   * Whether requests to the host go through `requestScope`: tasks that they enqueue start after the response. It reaches
   * what stands behind `mount()`, with `node:http` all of the server's listeners; default false.
   */
  readonly autoInstall?: boolean
}

/** What `mount()` returns. */
export interface Mount {
  /** Where it lives, without a slash at its end; `/` for the root. */
  readonly path: string
  /** Ends the live streams, shuts the tasks down and gives the path back to the host. Safe to call twice. */
  close(): Promise<void>
}

/** A mount as the adapters use it. */
export interface OpenMount extends Mount {
  /** The path without a trailing slash; empty for the root. */
  readonly basePath: string
  readonly isOpen: boolean
  handle(request: Request, context: HandlerContext): Promise<Response>
  /** As {@link Handler.known}. */
  known(path: string, search: string): KeptPage | null
  /** The reader behind an answer that is a live stream and is not read yet; its frames need no stream then. */
  readerOf(response: Response): LiveReader | null
  /** The body of an answer that is all there, to be written without a stream; null for others. */
  bytesOf(response: Response): Uint8Array<ArrayBuffer> | null
  /** Lets the host answer a request that is its own. */
  pass<T>(response: ResponseLike, next: () => T): T
  /** Ends the live streams only, so that the server's own closing does not wait for them. */
  endStreams(): void
}

const others = new WeakMap<Mount, OpenMount>()

/** Lets a mount that an adapter gives in another shape be known by {@link reopen}. */
export function sameMount<M extends Mount>(shape: M, mount: OpenMount): M {
  others.set(shape, mount)
  return shape
}

/** The same mount with what adapters need; throws `bad_option` for what no adapter gave. */
export function reopen(mount: Mount): OpenMount {
  return others.get(mount) ?? ('readerOf' in mount ? (mount as OpenMount) : refuseOption('mount', 'what mount() gave'))
}

/** Starts the tasks and makes their handler. Requests wait until the start is over, however it ends. */
export function openMount(tasks: MountableTasks, options: MountOptions = {}): OpenMount {
  const { path = '/tasks', autoInstall = false, ...handlerOptions } = options
  const basePath = readBasePath(path)
  const pass = readAutoInstall(tasks, autoInstall)
  const handler: Handler = createHandler(tasks.source, handlerOptions)
  const onError = quietly(options.onError)
  const report = (error: unknown) => onError(error, null)
  const started = begin(tasks).catch(report)
  let closing: Promise<void> | null = null
  return {
    path: basePath || '/',
    basePath,
    get isOpen() {
      return closing === null
    },
    async handle(request, context) {
      await started
      return handler(request, context)
    },
    known: (path, search) => handler.known(path, search),
    readerOf,
    bytesOf,
    pass,
    endStreams: () => handler.close(),
    close() {
      handler.close()
      closing ??= end(tasks).catch(report)
      return closing
    },
  }
}

async function begin(tasks: MountableTasks): Promise<void> {
  await tasks.start()
}

/** Also while they are still starting: that may take as long as it likes. */
async function end(tasks: MountableTasks): Promise<void> {
  await tasks.shutdown()
}

function readAutoInstall(tasks: MountableTasks, autoInstall: unknown): OpenMount['pass'] {
  if (typeof autoInstall !== 'boolean') return refuseOption('autoInstall', 'a boolean')
  if (!autoInstall) return (_response, next) => next()
  if (!tasks.inRequest) return refuseOption('autoInstall', 'tasks that know requests, as a TaskManager does')
  return tasks.inRequest.bind(tasks)
}

function readBasePath(path: unknown): string {
  const isPath = typeof path === 'string' && /^(\/[\w~!$&'()*+,;=:@.-]+)*\/?$/.test(path)
  if (!isPath || path.split('/').some((segment) => segment === '.' || segment === '..')) {
    return refuseOption('path', 'a path such as /tasks')
  }
  return path.replace(/\/$/, '')
}
