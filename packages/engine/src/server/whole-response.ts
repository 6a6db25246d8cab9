const bodies = new WeakMap<Response, Uint8Array<ArrayBuffer>>()

/**
 * An answer whose body is all there, and not in it yet: the stream that a response makes of a body costs more than most
 * answers do, and Node can write the bytes as they are.
 */
export function wholeResponse(bytes: Uint8Array<ArrayBuffer>, init: ResponseInit): Response {
  const response = new Response(null, init)
  bodies.set(response, bytes)
  return response
}

/** The body of an answer that is all there; null for others. */
export function bytesOf(response: Response): Uint8Array<ArrayBuffer> | null {
  return bodies.get(response) ?? null
}

/** The same answer with its body in it, for whoever knows responses alone. */
export function withBody(response: Response): Response {
  const bytes = bytesOf(response)
  return bytes ? new Response(bytes, { status: response.status, headers: response.headers }) : response
}
