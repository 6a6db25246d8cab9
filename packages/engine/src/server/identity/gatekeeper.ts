import type { HandlerContext } from '../handler.ts'
import type { Caller } from './caller.ts'
import type { Place } from './forwarded.ts'

/** Knows who asks. */
export interface Gatekeeper {
  /** How people sign in: on our page, with the host, or not at all. */
  readonly signIn: 'page' | 'host' | 'none'
  /** Whether nobody is asked who he is. */
  readonly isOpen: boolean
  /** What the operator should know, in plain sentences. */
  readonly notices: readonly string[]
  /** Who it is; null when nobody can tell. Throws `unavailable` when the host's own login does not answer. */
  identify(request: Request, context: HandlerContext): Promise<Caller | null>
  /** Whether a caller who was identified earlier still would be: live streams outlast requests. No use of a session. */
  isAlive(caller: Caller): Promise<boolean>
  /** Where the request comes from, as far as proxies are trusted; null when nobody knows. */
  addressOf(request: Request, context: HandlerContext): string | null
  /** The same with where it went to. */
  placeOf(request: Request, context: HandlerContext): Place
}
