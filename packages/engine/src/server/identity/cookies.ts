/** Where the browser sees the mount. */
export interface CookiePlace {
  /** The path, `/` for the root. */
  readonly path: string
  /** Whether it is asked by https. */
  readonly isSecure: boolean
}

const baseName = 'taskloom_session'

/** The name with `__Host-` is one that no other site and no other path can set; browsers want the root for it. */
export function cookieName({ path, isSecure }: CookiePlace): string {
  return path === '/' && isSecure ? `__Host-${baseName}` : baseName
}

/** The value of our cookie; null when there is none, and when there are two: one of them is somebody else's. */
export function readCookie(header: string | null, place: CookiePlace): string | null {
  const start = `${cookieName(place)}=`
  const found = (header ?? '').split(';').flatMap((pair) => {
    const text = pair.trim()
    return text.startsWith(start) ? [text.slice(start.length)] : []
  })
  return found.length === 1 ? (found[0] ?? null) : null
}

/** Sets our cookie; without a `token` deletes it. */
export function writeCookie(place: CookiePlace, token: string | null, maxAgeMs: number): string {
  const maxAge = token === null ? 0 : Math.floor(maxAgeMs / 1_000)
  const parts = [`${cookieName(place)}=${token ?? ''}`, `Path=${place.path}`, `Max-Age=${maxAge}`, 'HttpOnly']
  return [...parts, 'SameSite=Lax', ...(place.isSecure ? ['Secure'] : [])].join('; ')
}
