import type { Database } from './driver/port.ts'
import type { Session, SessionPurge, SessionStore } from '../sessions.ts'
import type { GroupCommit } from './group-commit.ts'

/** Who is signed in. Reads see what other processes have written: a session that was ended anywhere has ended here. */
export function sqliteSessions(db: Database, commit: GroupCommit): SessionStore {
  const insert = db.prepare(
    'INSERT INTO sessions (id, user, fingerprint, created_at, seen_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const trim = db.prepare(
    `DELETE FROM sessions WHERE id IN (
       SELECT id FROM sessions WHERE user = ? ORDER BY id = ? DESC, seen_at DESC, id LIMIT -1 OFFSET ?)`,
  )
  const find = db.prepare<unknown[], Session>(
    `SELECT id, user, fingerprint, created_at AS createdAt, seen_at AS seenAt, expires_at AS expiresAt
     FROM sessions WHERE id = ?`,
  )
  const touch = db.prepare('UPDATE sessions SET seen_at = ? WHERE id = ? AND seen_at < ?')
  const revoke = db.prepare('DELETE FROM sessions WHERE id = ?')
  const revokeAll = db.prepare('DELETE FROM sessions WHERE user = ?')
  const purge = db.prepare(
    'DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= ? OR seen_at < ? LIMIT ?)',
  )
  return {
    async create({ id, user, fingerprint, createdAt, seenAt, expiresAt }: Session, maxPerUser: number): Promise<void> {
      await commit.run(() => {
        insert.run(id, user, fingerprint, createdAt, seenAt, expiresAt)
        trim.run(user, id, maxPerUser)
      })
    },
    find: async (id: string) => find.get(id),
    async touch(id: string, seenAt: number): Promise<void> {
      await commit.run(() => touch.run(seenAt, id, seenAt))
    },
    revoke: (id: string) => commit.run(() => revoke.run(id).changes > 0),
    revokeAll: (user: string) => commit.run(() => revokeAll.run(user).changes),
    purge: ({ expiredBy, seenBefore, limit }: SessionPurge) =>
      commit.run(() => purge.run(expiredBy, seenBefore, limit).changes),
  }
}
