import { SessionBook } from '../../core/session-book.ts'
import type { Clock } from '../../core/clock.ts'
import type { SessionStore } from '../../stores/sessions.ts'
import type { Caller } from './caller.ts'
import { readCookie, writeCookie, type CookiePlace } from './cookies.ts'
import { networkOf, readPlace, type Place, type Received } from './forwarded.ts'
import { askHost } from './host-login.ts'
import { ApiKeys } from './keys.ts'
import type { IdentitySettings } from './options.ts'
import { maxPasswordBytes } from './passwords.ts'
import { maxNameLength } from './people.ts'
import { SignIns } from './sign-ins.ts'
import { Throttle } from './throttle.ts'
import { Users } from './users.ts'

/** What an adapter knows of a request beside the request itself. */
export interface IdentityContext extends Received {
  /** The framework's own request, for the host's function. */
  readonly native?: unknown
}

/** What somebody typed. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

/** What came of it. */
export type Login =
  | { readonly outcome: 'success'; readonly caller: Caller; readonly token: string }
  /** It is not told whether the name or the password is wrong. */
  | { readonly outcome: 'wrong' }
  /** Not even looked at. */
  | { readonly outcome: 'throttled'; readonly retryAfterSeconds: number }
  /** Longer than any name or password may be. */
  | { readonly outcome: 'too_long' }

/** Somebody signed in or out, or tried to. */
export interface SignInEvent {
  /** As it was typed: it may be nobody's. */
  readonly name: string
  /** Null when nobody knows. */
  readonly address: string | null
  readonly outcome: 'success' | 'wrong' | 'throttled' | 'logout'
}

/** Knows who asks. */
export interface Identity {
  /** Null for nobody. Throws `unavailable` when it cannot be told: then nobody gets in. */
  identify(request: Request, context: IdentityContext): Promise<Caller | null>
  /** Whether somebody who was let in may stay; being asked is no use of his session. */
  isAlive(caller: Caller, now: number): Promise<boolean>
  login(credentials: Credentials, address: string | null): Promise<Login>
  logout(caller: Caller, address: string | null): Promise<void>
  /** Where a request came from and went to, as far as proxies are trusted. */
  placeOf(request: Request, received: Received): Place
  /** The text of `Set-Cookie`. */
  setCookie(place: CookiePlace, token: string): string
  clearCookie(place: CookiePlace): string
  /** Whether there are users who sign in here. */
  readonly hasLoginPage: boolean
  /** Where somebody signs in: at our page, at the host's, or with a key or not at all. */
  readonly signIn: 'page' | 'host' | 'none'
  /** What the operator should know, in plain sentences. */
  readonly notices: readonly string[]
}

/** What identity needs from its mount. */
export interface IdentityParts {
  readonly settings: IdentitySettings
  readonly clock: Clock
  /** Where sessions are kept; undefined where the source keeps none, then this process remembers them. */
  readonly sessions?: () => SessionStore | undefined
  /** Hears of each try before it has an effect; when it rejects, nobody is let in. */
  readonly onSignIn?: (event: SignInEvent) => void | Promise<void>
  /** Hears of what the caller must not see. */
  readonly report?: (error: unknown) => void
}

/** Everybody, where nobody is asked who he is. What that may is decided elsewhere. */
export const anybody: Caller = {
  name: 'anonymous',
  role: 'admin',
  queues: null,
  tags: null,
  via: 'nobody',
  sessionId: null,
  expiresAt: null,
}

/** Longer than anything that we have given out. */
const maxTokenLength = 600

export function createIdentity(parts: IdentityParts): Identity {
  const { settings, clock, onSignIn = () => undefined, report = () => undefined } = parts
  const own = new SessionBook()
  const sessions = () => parts.sessions?.() ?? own
  const keys = new ApiKeys(settings.keys)
  const users = new Users(settings.users, settings.secret)
  const signIns = new SignIns({ settings, users, sessions, clock, report })
  const throttle = new Throttle(clock)
  const hasLoginPage = settings.users.length > 0

  const findByToken = async (token: string): Promise<Caller | null> => {
    if (token.length > maxTokenLength) return null
    const key = keys.find(token)
    if (key) {
      const { name, role, queues, tags } = key
      return { name, role, queues, tags, via: 'key', sessionId: null, expiresAt: null }
    }
    return hasLoginPage ? signIns.find(token) : null
  }

  const findByCookie = async (request: Request, received: Received): Promise<Caller | null> => {
    const header = request.headers.get('cookie')
    if (header === null || !hasLoginPage) return null
    const cookie = readCookie(header, readPlace(request, received, settings.proxies))
    return cookie === null ? null : signIns.find(cookie)
  }

  return {
    hasLoginPage,
    signIn: hasLoginPage ? 'page' : settings.authenticate ? 'host' : 'none',
    notices: settings.notices,

    async identify(request, context) {
      if (settings.isOpen) return anybody
      const token = readGivenToken(request.headers)
      const known = await (token === null ? findByCookie(request, context) : findByToken(token))
      if (known !== null || settings.authenticate === null) return known
      const { address } = readPlace(request, context, settings.proxies)
      const told = { native: context.native, remoteAddress: address }
      return askHost(settings.authenticate, request, told, clock, report)
    },

    async isAlive({ sessionId, expiresAt }, now) {
      if (expiresAt !== null && now >= expiresAt) return false
      return sessionId === null || signIns.isAlive(sessionId, now)
    },

    async login({ username, password }, address) {
      const name = username.normalize('NFC')
      if (name.length > maxNameLength || Buffer.byteLength(password) > maxPasswordBytes) return { outcome: 'too_long' }
      const admission = throttle.admit(name, networkOf(address ?? ''))
      if ('retryAfterSeconds' in admission) {
        await onSignIn({ name, address, outcome: 'throttled' })
        return { outcome: 'throttled', ...admission }
      }
      let user
      try {
        user = await users.check(name, password)
      } catch (error) {
        admission.undecided()
        throw error
      }
      if (!user) {
        admission.wrong()
        await onSignIn({ name, address, outcome: 'wrong' })
        return { outcome: 'wrong' }
      }
      admission.right()
      await onSignIn({ name, address, outcome: 'success' })
      return { outcome: 'success', ...(await signIns.begin(user)) }
    },

    async logout({ name, sessionId }, address) {
      if (sessionId === null) return
      await signIns.end(sessionId)
      await onSignIn({ name, address, outcome: 'logout' })
    },

    placeOf: (request, received) => readPlace(request, received, settings.proxies),
    setCookie: (place, token) => writeCookie(place, token, settings.tokenMs),
    clearCookie: (place) => writeCookie(place, null, 0),
  }
}

/** A key or a token of a session in a header; null when there is none. Other schemes are somebody else's business. */
function readGivenToken(headers: Headers): string | null {
  const key = headers.get('x-api-key')
  if (key !== null) return key
  const [, token] = /^Bearer +(\S.*)$/i.exec(headers.get('authorization') ?? '') ?? []
  return token ?? null
}
