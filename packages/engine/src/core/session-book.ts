/** Somebody who has signed in. What is kept is never what the browser holds, only a digest of it. */
export interface Session {
  /** A digest of the secret that the browser holds, as text. */
  readonly id: string
  /** Who signed in. */
  readonly user: string
  /** Changes with the user’s password: a session with another one is over. */
  readonly fingerprint: string
  /** When it began, epoch milliseconds. */
  readonly createdAt: number
  /** When it was last used; brought up to date at most once a minute. */
  readonly seenAt: number
  /** When it ends, however much it is used. */
  readonly expiresAt: number
}

/** Which sessions are over. */
export interface SessionPurge {
  /** Those that end at this instant or earlier. */
  readonly expiredBy: number
  /** Those that were last used before. */
  readonly seenBefore: number
  /** How many are deleted at most. */
  readonly limit: number
}

/** More signed-in users than one process is ever asked to remember. */
const maxSessions = 10_000

/** Sessions of one process, the one used longest ago first; bounded, and forgotten with the process. */
export class SessionBook {
  readonly #sessions = new Map<string, Session>()

  async create(session: Session, maxPerUser: number): Promise<void> {
    this.#sessions.set(session.id, session)
    const own = [...this.#sessions.values()].filter(({ user }) => user === session.user)
    for (const { id } of own.slice(0, Math.max(0, own.length - maxPerUser))) this.#sessions.delete(id)
    const [oldest] = this.#sessions.keys()
    if (this.#sessions.size > maxSessions && oldest !== undefined) this.#sessions.delete(oldest)
  }

  async find(id: string): Promise<Session | undefined> {
    return this.#sessions.get(id)
  }

  async touch(id: string, seenAt: number): Promise<void> {
    const session = this.#sessions.get(id)
    if (!session || session.seenAt >= seenAt) return
    this.#sessions.delete(id)
    this.#sessions.set(id, { ...session, seenAt })
  }

  async revoke(id: string): Promise<boolean> {
    return this.#sessions.delete(id)
  }

  async revokeAll(user: string): Promise<number> {
    return this.#delete((session) => session.user === user, this.#sessions.size)
  }

  async purge({ expiredBy, seenBefore, limit }: SessionPurge): Promise<number> {
    return this.#delete(({ expiresAt, seenAt }) => expiresAt <= expiredBy || seenAt < seenBefore, limit)
  }

  #delete(isOver: (session: Session) => boolean, limit: number): number {
    const over = [...this.#sessions.values()].filter(isOver).slice(0, limit)
    for (const { id } of over) this.#sessions.delete(id)
    return over.length
  }
}
