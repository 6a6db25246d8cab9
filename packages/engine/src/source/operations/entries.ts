import type { Act } from '../../server/source.ts'
import type { AuditDraft } from '../../stores/audit.ts'
import type { ItemResult, NewOperation, Operation, OperationEnd } from '../../stores/operations.ts'
import { auditDraft } from '../audit-draft.ts'

/** What the audit log says when an operation is asked for: which tasks, when they are listed, else which filter. Pure. */
export function beginEntry(operation: NewOperation, results: readonly ItemResult[] | null): AuditDraft {
  const { operationId, action, filter, createdAt, beginsAt = null, perSecond = null } = operation
  const waiting = (results ?? []).filter(({ outcome }) => outcome === 'waiting')
  const detail = {
    operation: operationId,
    filter: filter === null ? null : filter.slice(0, 2_000),
    ...(beginsAt === null ? {} : { begins_at: new Date(beginsAt).toISOString() }),
    ...(perSecond === null ? {} : { per_second: perSecond }),
  }
  const affected = waiting.map(({ taskId }) => taskId)
  return auditDraft(operation, { action: `bulk_${action}`, target: null, affected, detail }, createdAt)
}

/** What it says when an operation has ended. Pure. */
export function endEntry(operation: Operation, { status, error, at }: OperationEnd): AuditDraft {
  const { operationId, action, total, succeeded, skipped, failed } = operation
  const detail = { operation: operationId, status, total, succeeded, skipped, failed, error }
  const entry = auditDraft(
    operation,
    { action: `bulk_${action}_ended`, target: null, affectedCount: succeeded, detail },
    at,
  )
  return status === 'failed' ? { ...entry, outcome: 'failed' } : entry
}

/** What it says when an operation is called off before it has begun. Pure. */
export function undoEntry(operationId: string, act: Act, at: number): AuditDraft {
  return auditDraft(act, { action: 'bulk_undo', target: null, detail: { operation: operationId } }, at)
}

/** What it says when an operation is asked to stop. Pure. */
export function cancelEntry(operationId: string, act: Act, at: number): AuditDraft {
  return auditDraft(act, { action: 'bulk_stop', target: null, detail: { operation: operationId } }, at)
}
