import type { Session as SignedIn, SessionPurge, SessionStore } from '../sessions.ts'
import type { BulkSession } from './database.ts'
import { asked, type Writer } from './writer.ts'

const columns = ['id', 'user_name', 'fingerprint', 'created_at', 'seen_at', 'expires_at']

/** Who is signed in. A session that was ended by any instance has ended for all. */
export function sqlSessions(writer: Writer): SessionStore {
  const { session: reads } = writer.database
  return {
    async create({ id, user, fingerprint, createdAt, seenAt, expiresAt }: SignedIn, maxPerUser: number): Promise<void> {
      await writer.run(async (session) => {
        await session.insert('sessions', columns, [[id, user, fingerprint, createdAt, seenAt, expiresAt]], 'keep')
        await trim(session, user, id, maxPerUser)
      })
    },
    async find(id: string): Promise<SignedIn | undefined> {
      const [row] = await asked(reads.rows(`SELECT ${columns.join(', ')} FROM @sessions WHERE id = ?`, [id]))
      if (!row) return undefined
      const [, user, fingerprint, createdAt, seenAt, expiresAt] = row
      return {
        ...{ id, user: String(user), fingerprint: String(fingerprint) },
        ...{ createdAt: Number(createdAt), seenAt: Number(seenAt), expiresAt: Number(expiresAt) },
      }
    },
    async touch(id: string, seenAt: number): Promise<void> {
      const sql = 'UPDATE @sessions SET seen_at = ? WHERE id = ? AND seen_at < ?'
      await writer.run((session) => session.run(sql, [seenAt, id, seenAt]))
    },
    // Whether it was there is not known any more when the first answer was lost: that it is gone counts.
    revoke: (id: string) =>
      writer.run(async (session, last) => {
        const ended = await session.run('DELETE FROM @sessions WHERE id = ?', [id])
        return ended > 0 || last?.failure === 'unanswered'
      }),
    revokeAll: (user: string) =>
      writer.run((session) => session.run('DELETE FROM @sessions WHERE user_name = ?', [user])),
    purge: ({ expiredBy, seenBefore, limit }: SessionPurge) =>
      writer.run(async (session) => {
        const sql = 'SELECT id FROM @sessions WHERE expires_at <= ? OR seen_at < ? LIMIT ?'
        return session.remove('sessions', ['id'], await session.rows(sql, [expiredBy, seenBefore, limit]))
      }),
  }
}

/** One that another instance creates at the same time is counted with the next. */
async function trim(session: BulkSession, user: string, id: string, maxPerUser: number): Promise<void> {
  const sql = 'SELECT id FROM @sessions WHERE user_name = ? AND id <> ? ORDER BY seen_at DESC, id'
  const others = await session.rows(sql, [user, id])
  await session.remove('sessions', ['id'], others.slice(Math.max(0, maxPerUser - 1)))
}
