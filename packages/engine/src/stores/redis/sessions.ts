import type { Session, SessionPurge, SessionStore } from '../sessions.ts'
import type { Connection } from './connection.ts'
import { bare, KeyChanges } from './key-changes.ts'
import type { Lane } from './lane.ts'

/** Who is signed in. */
export class RedisSessions implements SessionStore {
  readonly #connection: Connection

  constructor(private readonly lane: Lane) {
    this.#connection = lane.connection
  }

  create(session: Session, maxPerUser: number): Promise<void> {
    return this.lane.run(async () => {
      const changes = new KeyChanges()
      const own = await this.#ofUser(session.user)
      const others = own.filter((id) => id !== session.id)
      const surplus = others.slice(0, Math.max(0, others.length + 1 - maxPerUser))
      for (const old of await this.#read(surplus, changes)) forget(changes, old)
      put(changes, session)
      return { changes, answer: undefined }
    })
  }

  async find(id: string): Promise<Session | undefined> {
    const text = await this.#connection.command('HGET', this.#connection.keys.sessions(), id)
    return typeof text === 'string' ? (JSON.parse(text) as Session) : undefined
  }

  touch(id: string, seenAt: number): Promise<void> {
    return this.lane.run(async () => {
      const changes = new KeyChanges()
      for (const session of await this.#read([id], changes)) {
        if (session.seenAt < seenAt) put(changes, { ...session, seenAt })
      }
      return { changes, answer: undefined }
    })
  }

  revoke(id: string): Promise<boolean> {
    return this.lane.run(async () => {
      const changes = new KeyChanges()
      const sessions = await this.#read([id], changes)
      for (const session of sessions) forget(changes, session)
      return { changes, answer: sessions.length > 0 }
    })
  }

  revokeAll(user: string): Promise<number> {
    return this.lane.run(async () => {
      const changes = new KeyChanges()
      const sessions = await this.#read(await this.#ofUser(user), changes)
      for (const session of sessions) forget(changes, session)
      return { changes, answer: sessions.length }
    })
  }

  purge({ expiredBy, seenBefore, limit }: SessionPurge): Promise<number> {
    return this.lane.run(async () => {
      const changes = new KeyChanges()
      const { keys } = this.#connection
      const [ended, unused] = (await this.#connection.pipeline([
        ['ZRANGEBYSCORE', keys.sessionEnds(), '-inf', expiredBy, 'LIMIT', 0, limit],
        ['ZRANGEBYSCORE', keys.sessionsSeen(), '-inf', `(${seenBefore}`, 'LIMIT', 0, limit],
      ])) as readonly [readonly string[], readonly string[]]
      const over = [...new Set([...ended, ...unused])].slice(0, limit)
      const sessions = await this.#read(over, changes)
      for (const session of sessions) forget(changes, session)
      return { changes, answer: sessions.length }
    })
  }

  /** The one used longest ago first. */
  async #ofUser(user: string): Promise<readonly string[]> {
    return (await this.#connection.command(
      'ZRANGE',
      this.#connection.keys.sessionsOf(user),
      0,
      -1,
    )) as readonly string[]
  }

  async #read(ids: readonly string[], changes: KeyChanges): Promise<readonly Session[]> {
    if (ids.length === 0) return []
    const texts = await this.#connection.command('HMGET', this.#connection.keys.sessions(), ...ids)
    return ids.flatMap((id, index) => {
      const text = (texts as readonly (string | null)[])[index] ?? null
      changes.guard({ key: bare.sessions(), field: id, expected: text })
      return text === null ? [] : (JSON.parse(text) as Session)
    })
  }
}

function put(changes: KeyChanges, session: Session): void {
  const { id, user, expiresAt, seenAt } = session
  changes.put(bare.sessions(), id, JSON.stringify(session))
  changes.rank(bare.sessionEnds(), id, expiresAt)
  changes.rank(bare.sessionsSeen(), id, seenAt)
  changes.rank(bare.sessionsOf(user), id, seenAt)
}

function forget(changes: KeyChanges, { id, user }: Session): void {
  changes.put(bare.sessions(), id, null)
  changes.rank(bare.sessionEnds(), id, null)
  changes.rank(bare.sessionsSeen(), id, null)
  changes.rank(bare.sessionsOf(user), id, null)
}
