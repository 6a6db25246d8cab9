/** Lets a page of an allowed origin read the answer; for any other origin nothing is said. */
export function withCors(response: Response, origin: string | null, allowed: readonly string[]): Response {
  if (allowed.length === 0) return response
  response.headers.append('vary', 'Origin')
  if (origin === null || !allowed.includes(origin)) return response
  response.headers.set('access-control-allow-origin', origin)
  response.headers.set('access-control-allow-credentials', 'true')
  response.headers.set('access-control-expose-headers', 'retry-after, content-disposition')
  response.headers.set('cross-origin-resource-policy', 'cross-origin')
  return response
}

/** Whether a browser asks, for a page of an allowed origin, what that page may send. */
export function isPreflight(request: Request, allowed: readonly string[]): boolean {
  return (
    request.method === 'OPTIONS' &&
    allowed.includes(request.headers.get('origin') ?? '') &&
    request.headers.has('access-control-request-method')
  )
}
