import type { AuditDraft, AuditEntry } from '../audit.ts'
import { committed, recordAudits } from './audit.ts'
import type { BulkSession } from './database.ts'
import type { Writer } from './writer.ts'

/** What a transaction came to. */
export interface Deed<T> {
  readonly value: T
  /** The entry of the audit log that goes with it, when it was done. */
  readonly audit?: AuditDraft | undefined
}

/**
 * A transaction with its entry of the audit log. When no answer to its commit came, the entry tells whether it came
 * through: then it is not done again, and `value` is what it was. One without an entry must do no harm when it is done
 * again; it hears that it may have been done.
 */
export function writeOnce<T>(
  writer: Writer,
  act: (session: BulkSession, mayBeDone: boolean) => Promise<Deed<T>>,
): Promise<T> {
  const { dialect } = writer.database
  const tries = new Map<readonly AuditEntry[], T>()
  return writer.run(async (session, last) => {
    const mayBeDone = last?.failure === 'unanswered'
    const done = mayBeDone ? await committed(session, dialect, [...tries.keys()]) : undefined
    if (done) return tries.get(done) as T
    const { value, audit } = await act(session, mayBeDone)
    if (audit) tries.set(await recordAudits(session, dialect, [audit]), value)
    return value
  })
}
