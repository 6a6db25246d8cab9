import { TaskError } from './core/errors.ts'
import { isResponse, type ResponseLike } from './core/response.ts'

/** What is needed of a manager. */
export interface RequestScoped {
  /** Runs `run` as part of the request that `response` answers. */
  inRequest<T>(response: ResponseLike, run: () => T): T
}

/** What is needed of Koa's context. */
export interface KoaResponseContext {
  /** Node's response. */
  readonly res: ResponseLike
}

/** Middleware for Express and Koa; with `(request, response, run)` it serves plain `node:http`. */
export interface RequestMiddleware {
  /** As Express calls it, and you for `node:http`; gives what `next` gives. */
  <T>(request: object, response: ResponseLike, next: () => T): T
  /** As Koa calls it. */
  <T>(context: KoaResponseContext, next: () => Promise<T>): Promise<T>
}

/**
 * Middleware in which tasks start after the response: one that is enqueued during a request is stored at once, and starts
 * when the response has been sent or its connection is gone, at the latest after 30 seconds. Tasks with `eager`, with a
 * `delay` or a `runAt`, and those that tasks enqueue are not held. It stands before the routes that enqueue:
 *
 * - Express: `app.use(requestScope(tasks))`
 * - Koa: `app.use(requestScope(tasks))`
 * - `node:http`: `createServer((req, res) => scope(req, res, () => answer(req, res)))`
 *
 * Called with something else it throws `bad_option`.
 */
export function requestScope(tasks: RequestScoped): RequestMiddleware {
  // Express counts the parameters of what it is given: three are no error handler.
  return (first: object, second: unknown, third?: unknown): never => {
    const [response, next] = typeof third === 'function' ? [second, third] : [(first as { res?: unknown }).res, second]
    if (!isResponse(response) || typeof next !== 'function') {
      const message = 'requestScope: expected (request, response, next) or a context of Koa and next'
      throw new TaskError('bad_option', { message, option: 'requestScope' })
    }
    return tasks.inRequest(response, () => (next as () => never)())
  }
}
