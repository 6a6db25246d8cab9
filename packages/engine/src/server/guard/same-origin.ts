import { ProtocolError } from '@taskloom/protocol'

/** Where the request was sent, and who else may send some. */
export interface OwnOrigin {
  /** With its port where that is not the scheme's. */
  readonly host: string
  /** Whether it is known to be https. A proxy may have taken that away, so false says nothing. */
  readonly isSecure: boolean
  /** Other origins that are trusted like our own. */
  readonly allowed: readonly string[]
}

/**
 * Proof that an unsafe request comes from this site. Browsers always say where a request comes from; a caller that says
 * nothing is no browser, or must show something that a foreign page cannot send without asking first.
 */
export function assertSameOrigin(headers: Headers, own: OwnOrigin): void {
  const origin = headers.get('origin')
  const site = headers.get('sec-fetch-site')
  if (origin === 'null') throw refusal('Origin: null proves nothing')
  if (origin !== null && own.allowed.includes(origin)) return
  if (site !== null) {
    if (site !== 'same-origin' && site !== 'none') throw refusal('The request comes from another site')
    return
  }
  if (origin !== null) {
    if (!isOwnOrigin(origin, own)) throw refusal('The request comes from another origin')
    return
  }
  // Browsers send none of these across origins without asking first.
  const isMarked =
    headers.get('x-requested-with') === 'taskloom' ||
    headers.has('authorization') ||
    headers.has('x-api-key') ||
    isJson(headers.get('content-type'))
  if (!isMarked) throw refusal('Send x-requested-with: taskloom, or a JSON body')
}

/** Live streams hold resources, so another site may not even open one. */
export function assertNotCrossSite(headers: Headers, { allowed }: OwnOrigin): void {
  if (allowed.includes(headers.get('origin') ?? '')) return
  if (headers.get('sec-fetch-site') === 'cross-site') throw refusal('The request comes from another site')
}

/**
 * Browsers open WebSockets to any site, with its cookies, and say only from where. A caller that does not say is no
 * browser; it must show a key, unless the mount lets it in without.
 */
export function assertUpgradeOrigin(headers: Headers, own: OwnOrigin, allowNoOrigin: boolean): void {
  const origin = headers.get('origin')
  if (origin === null) {
    if (allowNoOrigin || headers.has('authorization') || headers.has('x-api-key')) return
    throw refusal('Send an Origin, or a key')
  }
  if (!own.allowed.includes(origin) && !isOwnOrigin(origin, own)) {
    throw refusal('The request comes from another origin')
  }
}

export function isJson(contentType: string | null): boolean {
  return /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(contentType ?? '')
}

function isOwnOrigin(origin: string, own: OwnOrigin): boolean {
  try {
    const { protocol, host, href } = new URL(origin)
    if (own.isSecure && protocol !== 'https:') return false
    // An origin has no path; and the scheme's default port may be written or not.
    return href === `${protocol}//${host}/` && new URL(`${protocol}//${own.host}`).host === host
  } catch {
    return false
  }
}

function refusal(detail: string): ProtocolError {
  return new ProtocolError('cross_origin', detail)
}
