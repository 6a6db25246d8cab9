import type { Json } from '@taskloom/protocol'
import type { Act } from '../server/source.ts'
import type { AuditDraft } from '../stores/audit.ts'

/** What an entry tells beyond who did it and why. */
export interface Deed {
  /** Such as `retry`. */
  readonly action: string
  /** To what; null for several things. */
  readonly target: string | null
  /** Which tasks it changed, made or deleted; none by default. */
  readonly affected?: readonly string[]
  /** How many they were, if more than are named. */
  readonly affectedCount?: number
  /** Further facts; none by default. */
  readonly detail?: Json
}

/** The entry of the audit log for something that was done. Pure. */
export function auditDraft(act: Act, deed: Deed, at: number): AuditDraft {
  const { actor, reason, role = null, address = null } = act
  const { action, target, affected = [], affectedCount = affected.length, detail = null } = deed
  const ok = { outcome: 'ok', code: null } as const
  return { at, actor, role, address, action, target, ...ok, reason, affected, affectedCount, detail }
}
