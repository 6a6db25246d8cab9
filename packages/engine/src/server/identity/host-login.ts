import { ProtocolError } from '@taskloom/protocol'
import type { Clock } from '../../core/clock.ts'
import { inTime } from '../in-time.ts'
import type { Caller } from './caller.ts'
import type { Authenticate, AuthenticateContext } from './options.ts'
import { isName, isRecord, readRights } from './people.ts'

/** How long the host may think about who asks. */
const patienceMs = 10_000

/** What went wrong in the host's function, for the host's own eyes. */
export type Report = (error: unknown) => void

/** Asks the host who it is. Whatever is not clearly somebody, or clearly nobody, is `unavailable`: nobody gets in. */
export async function askHost(
  authenticate: Authenticate,
  request: Request,
  context: AuthenticateContext,
  clock: Clock,
  report: Report,
): Promise<Caller | null> {
  try {
    // The body is read by whoever acts on it.
    const { url, method, headers, signal } = request
    const answer = authenticate(new Request(url, { method, headers, signal }), context)
    const user = await (isPromise(answer) ? inTime(clock, patienceMs, 'auth', async () => answer) : answer)
    return user === null || user === undefined ? null : readUser(user)
  } catch (error) {
    report(error)
    throw new ProtocolError('unavailable', 'Who you are cannot be told now')
  }
}

function readUser(user: unknown): Caller {
  if (!isRecord(user) || !isName(user['name'])) {
    throw new TypeError('auth: the function must return an object with a name and a role, or null')
  }
  const { name, expiresAt = null } = user
  if (expiresAt !== null && !Number.isFinite(expiresAt))
    throw new TypeError('auth: expiresAt must be epoch milliseconds')
  const rights = readRights(user, 'auth()', null)
  return { name, ...rights, via: 'host', sessionId: null, expiresAt: expiresAt as number | null }
}

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
