import type { IncomingMessage, ServerResponse } from 'node:http'
import { openMount, type Mount, type MountableTasks, type MountOptions, type OpenMount } from '../server/mount.ts'
import type { FastifyLike, FastifyReply, FastifyRequest, FastifyScope } from './fastify-like.ts'
import { serve, takenPrefix, targetBelow } from './node-bridge.ts'

export type { Mount, MountableTasks, MountOptions } from '../server/mount.ts'
export type { FastifyLike, FastifyReply, FastifyRequest, FastifyScope } from './fastify-like.ts'

/**
 * Serves the dashboard and its API on an instance of Fastify 5, and starts the tasks. All hooks of the instance run first,
 * wherever they were added, so its own checks hold. They are shut down with the instance, or by `close()`.
 */
export function mount(app: FastifyLike, tasks: MountableTasks, options: MountOptions = {}): Mount {
  const mounted = openMount(tasks, options)
  // Not earlier: what Fastify reads of a body comes in the socket's own context.
  if (options.autoInstall)
    app.addHook('preValidation', (_request, reply, done) => mounted.pass(reply.raw as ServerResponse, done))
  app.register((scope, _options, done) => {
    plugIn(scope, mounted)
    done()
  })
  return mounted
}

function plugIn(scope: FastifyScope, mounted: OpenMount): void {
  const base = scope.prefix.replace(/\/$/, '') + mounted.basePath
  const handler = (request: FastifyRequest, reply: FastifyReply): void => {
    const { originalUrl, body } = request
    const req = request.raw as IncomingMessage
    const target = mounted.isOpen ? targetBelow(req.url, base) : null
    if (!target) return void reply.callNotFound()
    reply.hijack()
    const basePath = takenPrefix(originalUrl, req.url ?? '') + base
    void serve(mounted, target, req, reply.raw as ServerResponse, { basePath, parsedBody: body, native: request })
  }
  // Bodies are left as they came, and their types are ours to judge.
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', {}, (_request, _body, parsed) => parsed(null))
  scope.addHook('preParsing', (request, _reply, _body, done) => {
    request.headers = { 'content-type': undefined }
    done()
  })
  for (const url of [mounted.basePath || '/', `${mounted.basePath}/*`]) {
    scope.route({ method: scope.supportedMethods, url, handler })
  }
  scope.addHook('preClose', (done) => {
    mounted.endStreams()
    done()
  })
  scope.addHook('onClose', () => mounted.close())
}
