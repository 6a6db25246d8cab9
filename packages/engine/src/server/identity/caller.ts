import type { PublicGrant } from '../public-grant.ts'

/** What a caller may do: look, run the shop, or everything. */
export type Role = 'viewer' | 'operator' | 'admin'

/** Who asks. */
export interface Caller {
  /** As the audit log shows it; `anonymous` where nobody has to sign in. */
  readonly name: string
  readonly role: Role
  /** Whose tasks are visible, by queue; null for those of all queues. */
  readonly queues: readonly string[] | null
  /** Only tasks with all of these tags are visible; null for all. */
  readonly tags: Readonly<Record<string, string>> | null
  /** How the caller was known: not at all, by a session, by a key, by the host's own login, or by a token for end users. */
  readonly via: 'nobody' | 'session' | 'key' | 'host' | 'public'
  /** Names the session, and not its secret; null without one. */
  readonly sessionId: string | null
  /** When the session ends at the latest, epoch milliseconds; null for never. */
  readonly expiresAt: number | null
  /** The few tasks that an end user may read, and what of them; absent for everybody else. */
  readonly grant?: PublicGrant
}

/** Everybody, where nobody has to sign in. */
export const anonymous: Caller = {
  name: 'anonymous',
  role: 'admin',
  queues: null,
  tags: null,
  via: 'nobody',
  sessionId: null,
  expiresAt: null,
}
