import type { Session, SessionPurge } from '../core/session-book.ts'

export type { Session, SessionPurge }

/** Who is signed in, for all instances that share the store. */
export interface SessionStore {
  /** Keeps a new session; of its user’s, only the `maxPerUser` that were used last stay. */
  create(session: Session, maxPerUser: number): Promise<void>
  /** The session with this digest; undefined when there is none, or none any more. */
  find(id: string): Promise<Session | undefined>
  /** Moves `seenAt` forward, never back; does nothing for a session that has gone. */
  touch(id: string, seenAt: number): Promise<void>
  /** Ends a session; whether it was there. */
  revoke(id: string): Promise<boolean>
  /** Ends all sessions of a user; how many they were. */
  revokeAll(user: string): Promise<number>
  /** Deletes sessions that are over; how many they were. */
  purge(question: SessionPurge): Promise<number>
}
