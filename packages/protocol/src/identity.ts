import { instant, nullable, object, optional, string, type Infer } from './codec.ts'

/** Who has just signed in. */
export const loginAnswer = object({
  /** Who it is. */
  user: string,
  /** `viewer`, `operator` or `admin`. */
  role: string,
  /** When the session ends at the latest. */
  expiresAt: nullable(instant),
  /** For `Authorization: Bearer`; only for who asked for it. */
  token: optional(string),
})
/** Who has just signed in. */
export type LoginAnswer = Infer<typeof loginAnswer>

/** Who asks. */
export const sessionView = object({
  /** `anonymous` where nobody has to sign in. */
  name: string,
  /** `viewer`, `operator` or `admin`. */
  role: string,
  /** How it is known: `nobody`, `session`, `key` or `host`. */
  via: string,
  /** When the session ends at the latest; null for never. */
  expiresAt: nullable(instant),
  /** Where people sign in: on our `page`, with the `host`, or `none`. */
  signIn: string,
})
/** Who asks. */
export type SessionView = Infer<typeof sessionView>
