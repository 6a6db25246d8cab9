/** What of a request is known without making one. */
export interface RequestParts {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  /** Its signal is made when it is first asked for. */
  readonly gone: { readonly signal: AbortSignal }
}

/**
 * A request without a body that is made only when somebody needs more of it than its parts: making one costs more than
 * answering most.
 */
export function lazyRequest(parts: RequestParts): Request {
  const lazy = Object.create(prototype) as Record<symbol, unknown>
  lazy[partsKey] = parts
  return lazy as unknown as Request
}

const partsKey = Symbol('parts')
const wholeKey = Symbol('whole')

interface Lazy {
  readonly [partsKey]: RequestParts
  [wholeKey]?: Request
}

function wholeOf(lazy: Lazy): Request {
  const { url, method, headers, gone } = lazy[partsKey]
  return (lazy[wholeKey] ??= new Request(url, { method, headers, signal: gone.signal }))
}

const known = ['method', 'url', 'headers'] as const

/** As `Request.prototype`, but its members come from the parts, and all others from a request that is made then. */
const prototype: object = Object.create(Request.prototype, {
  ...Object.fromEntries(
    Reflect.ownKeys(Request.prototype)
      .filter((name) => name !== 'constructor')
      .map((name) => [name, { get: readFromWhole(name) }]),
  ),
  ...Object.fromEntries(known.map((name) => [name, { get: readFromParts(name) }])),
  signal: { get: readSignal },
  body: { value: null },
}) as object

function readSignal(this: Lazy): AbortSignal {
  return this[partsKey].gone.signal
}

function readFromParts(name: (typeof known)[number]) {
  return function read(this: Lazy): unknown {
    return this[partsKey][name]
  }
}

function readFromWhole(name: string | symbol) {
  return function read(this: Lazy): unknown {
    const whole = wholeOf(this)
    const member: unknown = Reflect.get(whole, name)
    return typeof member === 'function' ? (member.bind(whole) as unknown) : member
  }
}
