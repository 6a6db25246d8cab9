import type { HandlerContext } from '../handler.ts'
import { anonymous, type Caller } from './caller.ts'

/** Knows who asks. */
export interface Gatekeeper {
  /** How people sign in: on our page, with the host, or not at all. */
  readonly signIn: 'page' | 'host' | 'none'
  /** Who it is; null when nobody can tell. Throws `unavailable` when the host's own login does not answer. */
  identify(request: Request, context: HandlerContext): Promise<Caller | null>
  /** Whether a caller who was identified earlier still would be: live streams outlast requests. */
  isAlive(caller: Caller): Promise<boolean>
  /** Where the request comes from, as far as proxies are trusted; null when nobody knows. */
  addressOf(request: Request, context: HandlerContext): string | null
}

/** Lets everybody in, as everybody. */
export const openDoor: Gatekeeper = {
  signIn: 'none',
  identify: () => Promise.resolve(anonymous),
  isAlive: () => Promise.resolve(true),
  addressOf: (_request, { remoteAddress }) => remoteAddress ?? null,
}
