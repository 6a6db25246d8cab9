import { SessionBook } from '../../core/session-book.ts'
import type { Clock } from '../../core/clock.ts'
import type { SessionStore } from '../../stores/sessions.ts'
import { anonymous, type Caller } from './caller.ts'
import { readCookie, writeCookie, type CookiePlace } from './cookies.ts'
import { networkOf, readPlace, type Received } from './forwarded.ts'
import type { Gatekeeper } from './gatekeeper.ts'
import { askHost } from './host-login.ts'
import { ApiKeys } from './keys.ts'
import type { IdentitySettings } from './options.ts'
import { maxPasswordBytes } from './passwords.ts'
import { maxNameLength } from './people.ts'
import { SignIns } from './sign-ins.ts'
import { Throttle } from './throttle.ts'
import { Users } from './users.ts'

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

/** Knows who asks, and lets users in. */
export interface Identity extends Gatekeeper {
  login(credentials: Credentials, address: string | null): Promise<Login>
  /** Ends the caller's session, here and on every other instance. */
  logout(caller: Caller, address: string | null): Promise<void>
  /** The text of `Set-Cookie`. */
  setCookie(place: CookiePlace, token: string): string
  clearCookie(place: CookiePlace): string
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
    isOpen: settings.isOpen,
    signIn: hasLoginPage ? 'page' : settings.authenticate ? 'host' : 'none',
    notices: settings.notices,

    async identify(request, context) {
      if (settings.isOpen) return anonymous
      const token = readGivenToken(request.headers)
      const known = await (token === null ? findByCookie(request, context) : findByToken(token))
      if (known !== null || settings.authenticate === null) return known
      const { address } = readPlace(request, context, settings.proxies)
      const told = { native: context.native, remoteAddress: address }
      return askHost(settings.authenticate, request, told, clock, report)
    },

    async isAlive({ sessionId, expiresAt }) {
      const now = clock.now()
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

    addressOf: (request, received) => readPlace(request, received, settings.proxies).address,
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
