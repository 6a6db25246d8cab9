import type { Clock } from '../../core/clock.ts'
import type { Session, SessionStore } from '../../stores/sessions.ts'
import type { Caller } from './caller.ts'
import { deriveKey, issueToken, readToken } from './tokens.ts'
import type { IdentitySettings } from './options.ts'
import type { User, Users } from './users.ts'

const maxPerUser = 50
const touchMs = 60_000
/** Clocks of two machines differ a little; a session from further ahead was made before a clock was put back. */
const skewMs = 5 * 60_000
const purgeLimit = 500

export interface SignInParts {
  readonly settings: Pick<IdentitySettings, 'secret' | 'tokenMs' | 'idleMs'>
  readonly users: Users
  /** Asked for at each use: a source may have none before it is open. */
  readonly sessions: () => SessionStore
  readonly clock: Clock
  readonly report: (error: unknown) => void
}

/** A session that has just begun. */
export interface Begun {
  readonly caller: Caller
  readonly token: string
}

/** Sessions of users: their secrets are with the browsers, and all else is in the store. */
export class SignIns {
  readonly #key: Buffer
  readonly #touching = new Set<string>()

  constructor(private readonly parts: SignInParts) {
    this.#key = deriveKey(parts.settings.secret, 'sessions')
  }

  async begin(user: User): Promise<Begun> {
    const { clock, users, sessions, settings } = this.parts
    const now = clock.now()
    const { token, digest: id } = issueToken(this.#key)
    const expiresAt = now + settings.tokenMs
    const fingerprint = await users.fingerprint(user.name)
    const session = { id, user: user.name, fingerprint, createdAt: now, seenAt: now, expiresAt }
    await sessions().create(session, maxPerUser)
    this.#purge(now)
    return { caller: callerOf(user, session), token }
  }

  /** Whose token it is; null for one that is not ours, or whose session is over. Counts as a use. */
  async find(token: string): Promise<Caller | null> {
    const id = readToken(this.#key, token)
    return id === null ? null : this.#live(id, this.parts.clock.now())
  }

  /** Whether a session still goes on; being asked is no use of it. */
  async isAlive(id: string, now: number): Promise<boolean> {
    const session = await this.parts.sessions().find(id)
    return session !== undefined && (await this.#userOf(session, now)) !== undefined
  }

  async end(id: string): Promise<void> {
    await this.parts.sessions().revoke(id)
  }

  async #live(id: string, now: number): Promise<Caller | null> {
    const session = await this.parts.sessions().find(id)
    if (!session) return null
    const user = await this.#userOf(session, now)
    if (user) {
      this.#touch(session, now)
      return callerOf(user, { ...session, expiresAt: this.#endOf(session) })
    }
    // Or it would come back to life when a clock is put back, or an old password is set again.
    await this.end(id)
    return null
  }

  async #userOf(session: Session, now: number): Promise<User | undefined> {
    const { users, settings } = this.parts
    const isOver = now >= this.#endOf(session) || now - session.seenAt >= settings.idleMs
    if (isOver || session.createdAt > now + skewMs) return undefined
    const user = users.get(session.user)
    return user && (await users.fingerprint(user.name)) === session.fingerprint ? user : undefined
  }

  /** A shorter expiry also holds for sessions that began before it was set. */
  #endOf({ createdAt, expiresAt }: Session): number {
    return Math.min(expiresAt, createdAt + this.parts.settings.tokenMs)
  }

  /** In the background: a store that is busy holds no request up. */
  #touch({ id, seenAt }: Session, now: number): void {
    const everyMs = Math.min(touchMs, this.parts.settings.idleMs / 4)
    if (now - seenAt < everyMs || this.#touching.has(id)) return
    this.#touching.add(id)
    this.parts
      .sessions()
      .touch(id, now)
      .catch(this.parts.report)
      .finally(() => this.#touching.delete(id))
  }

  #purge(now: number): void {
    const question = { expiredBy: now, seenBefore: now - this.parts.settings.idleMs, limit: purgeLimit }
    this.parts.sessions().purge(question).catch(this.parts.report)
  }
}

function callerOf({ name, role, queues, tags }: User, { id, expiresAt }: Session): Caller {
  return { name, role, queues, tags, via: 'session', sessionId: id, expiresAt }
}
