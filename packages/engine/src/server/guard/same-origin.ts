import { ProtocolError } from '@taskloom/protocol'

/**
 * Proof that an unsafe request comes from this site. Browsers always say where a request comes from; a caller that says
 * nothing is no browser, or must show something that a foreign page cannot send without asking first.
 */
export function assertSameOrigin(headers: Headers, ownHost: string): void {
  const origin = headers.get('origin')
  const site = headers.get('sec-fetch-site')
  if (origin === 'null') throw refusal('Origin: null proves nothing')
  if (site !== null) {
    if (site !== 'same-origin' && site !== 'none') throw refusal('The request comes from another site')
    return
  }
  if (origin !== null) {
    if (!isOwnOrigin(origin, ownHost)) throw refusal('The request comes from another origin')
    return
  }
  const isMarked = headers.get('x-requested-with') === 'taskloom' || isJson(headers.get('content-type'))
  if (!isMarked) throw refusal('Send x-requested-with: taskloom, or a JSON body')
}

/** Live streams hold resources, so another site may not even open one. */
export function assertNotCrossSite(headers: Headers): void {
  if (headers.get('sec-fetch-site') === 'cross-site') throw refusal('The request comes from another site')
}

export function isJson(contentType: string | null): boolean {
  return /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(contentType ?? '')
}

function isOwnOrigin(origin: string, ownHost: string): boolean {
  try {
    const { protocol, host, href } = new URL(origin)
    // An origin has no path; and the scheme's default port may be written or not.
    return href === `${protocol}//${host}/` && new URL(`${protocol}//${ownHost}`).host === host
  } catch {
    return false
  }
}

function refusal(detail: string): ProtocolError {
  return new ProtocolError('cross_origin', detail)
}
