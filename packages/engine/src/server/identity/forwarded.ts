import { isIP } from 'node:net'

/** Where a request came from and where it went to, as the caller sees it. */
export interface Place {
  /** The caller's address; null when nobody knows. */
  readonly address: string | null
  readonly isSecure: boolean
  /** The host with its port, as the caller wrote it. */
  readonly host: string
  /** The mount's path with what a proxy took away; `/` at the root. */
  readonly path: string
}

/** What an adapter knows of a request. */
export interface Received {
  /** Where the handler is mounted; empty at the root. */
  readonly basePath?: string
  /** The other end of the connection. */
  readonly remoteAddress?: string
}

/**
 * Behind `proxies` proxies that are trusted, the headers that the outermost of them wrote; what stands further left in
 * them came from the caller, who may write what he likes. With none, headers say nothing about the connection.
 */
export function readPlace(request: Request, { basePath = '', remoteAddress }: Received, proxies: number): Place {
  const { headers } = request
  const base = basePath.replace(/\/$/, '')
  const told = (name: string) => (proxies > 0 ? fromRight(headers.get(`x-forwarded-${name}`), proxies) : null)
  const proto = told('proto')?.toLowerCase()
  const isSecure = (proto ?? request.url.slice(0, request.url.indexOf(':'))) === 'https'
  const isPlain = proxies === 0 && !isSecure
  const prefix = readPrefix(told('prefix')) ?? (isPlain ? prefixOfPage(headers, base) : '')
  return {
    address: readAddress(told('for')) ?? readAddress(remoteAddress ?? null),
    isSecure,
    host: told('host') ?? headers.get('host') ?? new URL(request.url).host,
    path: prefix + base || '/',
  }
}

/** An address as it is counted: an IPv4 one as such, of an IPv6 one the network that one subscriber has. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.toLowerCase().split('%')[0]?.split('::') ?? []
  const left = head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  const groups = [...left, ...Array.from({ length: missing }, () => '0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, '') || '0')
    .join(':')}::/64`
}

/** The `count`-th entry of a list from its right end; the first when there are fewer. */
function fromRight(list: string | null, count: number): string | null {
  const entries = (list ?? '').split(',').map((entry) => entry.trim())
  return entries[Math.max(0, entries.length - count)] || null
}

function readAddress(text: string | null): string | null {
  if (text === null) return null
  const bare = text.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
  const address = bare.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
  return isIP(address) > 0 ? address : null
}

function readPrefix(text: string | null): string | null {
  if (text === null || !/^(\/[\w~.-]+)*\/?$/.test(text) || /\/\.\.?(\/|$)/.test(text)) return null
  return text.replace(/\/$/, '')
}

/**
 * A proxy that takes a prefix away without saying so: the browser says on which page of ours it is. Asked only where no
 * proxy is trusted; it decides nothing but the path of the caller's own cookie.
 */
function prefixOfPage(headers: Headers, base: string): string {
  const referer = headers.get('referer') ?? ''
  if (!URL.canParse(referer)) return ''
  const { pathname } = new URL(referer)
  const end = [`${base}/auth/login`, `${base}/dashboard`].find((path) => pathname.endsWith(path))
  return end === undefined ? '' : (readPrefix(pathname.slice(0, -end.length)) ?? '')
}
