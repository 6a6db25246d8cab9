import type { HeaderSource } from '@taskloom/client'

/** How the page says who asks. */
export interface Credentials {
  readonly headers: HeaderSource | undefined
  /** A token, or how one is come by; asked before each request, so that it may be renewed. */
  readonly getToken?: (() => string | null | Promise<string | null>) | undefined
  /** A token as it stands in the page. */
  readonly token?: string | null | undefined
}

/** The headers of each request: the page's own, and the token as a bearer. It is kept nowhere and in no address. */
export function authorize({ headers, getToken, token }: Credentials): HeaderSource | undefined {
  if (!getToken && !token) return headers
  return async () => {
    const own = typeof headers === 'function' ? await headers() : headers
    const bearer = getToken ? await getToken() : token
    return bearer ? { ...own, authorization: `Bearer ${bearer}` } : { ...own }
  }
}
