/** What is used of a request of Fastify. */
export interface FastifyRequest {
  /** Node’s own request, of HTTP/1.1 or HTTP/2. */
  readonly raw: object
  /** The path and query as they were received. */
  readonly originalUrl: string
  /** What Fastify's own parsers made of the body. */
  readonly body: unknown
  /** What Fastify judges the request by; the raw request keeps its own. */
  headers: object
}

/** What is used of a reply of Fastify. */
export interface FastifyReply {
  /** Node’s own response, of HTTP/1.1 or HTTP/2. */
  readonly raw: object
  /** Fastify leaves the answer alone from here on. */
  hijack(): unknown
  /** Lets the host's own word for unknown paths answer. */
  callNotFound(): unknown
}

type Hook = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void
type ParsingHook = (request: FastifyRequest, reply: FastifyReply, body: unknown, done: () => void) => void
type Parser = (request: FastifyRequest, body: unknown, done: (error: null) => void) => void

/** What is needed of an instance of Fastify 5. */
export interface FastifyLike {
  /** As `app.addHook('preValidation', hook)` of Fastify. */
  addHook(name: 'preValidation', hook: Hook): unknown
  /** As `app.register(plugin)` of Fastify. */
  register(plugin: (scope: FastifyScope, options: object, done: () => void) => void): unknown
}

/** What is used of the instance that a plugin has to itself. */
export interface FastifyScope {
  /** The path that the plugins around it have given it. */
  readonly prefix: string
  /** The methods that routes may have. */
  readonly supportedMethods: string[]
  /** As `scope.addHook('preParsing', hook)` of Fastify. */
  addHook(name: 'preParsing', hook: ParsingHook): unknown
  /** As `scope.addHook('preClose', hook)` of Fastify. */
  addHook(name: 'preClose', hook: (done: () => void) => void): unknown
  /** As `scope.addHook('onClose', hook)` of Fastify. */
  addHook(name: 'onClose', hook: () => Promise<void>): unknown
  /** As `scope.removeAllContentTypeParsers()` of Fastify. */
  removeAllContentTypeParsers(): void
  /** As `scope.addContentTypeParser(type, options, parser)` of Fastify. */
  addContentTypeParser(type: string, options: object, parser: Parser): unknown
  /** As `scope.route(route)` of Fastify. */
  route(route: {
    method: string[]
    url: string
    handler: (request: FastifyRequest, reply: FastifyReply) => void
  }): unknown
}
