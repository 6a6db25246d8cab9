import type { AuditBreak, AuditStore } from '../stores/audit.ts'

const slice = 1_000

/** What checking the whole audit log came to. */
export interface AuditVerdict {
  /** How many entries were looked at and are as they were written. */
  readonly entries: number
  /** The hash of the last of them, to be kept elsewhere and compared with later; empty when there is none. */
  readonly hash: string
  /** Null when the log is whole. */
  readonly broken: AuditBreak | null
}

/** Goes through the whole log in slices, so that it is never held in memory as a whole. */
export async function checkAudit(audit: Pick<AuditStore, 'verify'>): Promise<AuditVerdict> {
  let entries = 0
  for (let from = 1; ;) {
    const { checked, hash, next, broken } = await audit.verify({ from, limit: slice })
    entries += checked
    if (next === null) return { entries, hash, broken }
    from = next
  }
}
