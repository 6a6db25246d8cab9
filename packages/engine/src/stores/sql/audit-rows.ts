import type { Json } from '@taskloom/protocol'
import type { AuditEntry, AuditOutcome } from '../audit.ts'
import type { Row, Value } from './database.ts'

/** Of the table `audit`, in the order of its rows here. */
export const auditColumns = [
  ...['seq', 'at', 'actor', 'role', 'address', 'action', 'target', 'outcome', 'reason', 'code'],
  ...['affected_count', 'affected', 'detail', 'hash'],
] as const

export function toAuditRow(entry: AuditEntry): readonly Value[] {
  const { seq, at, actor, role, address, action, target, outcome, reason, code, affectedCount, hash } = entry
  const texts = [JSON.stringify(entry.affected), JSON.stringify(entry.detail)]
  return [seq, at, actor, role, address, action, target, outcome, reason, code, affectedCount, ...texts, hash]
}

type AuditRow = readonly [
  seq: number,
  at: number,
  actor: string,
  role: string | null,
  address: string | null,
  action: string,
  target: string | null,
  outcome: AuditOutcome,
  reason: string | null,
  code: string | null,
  affectedCount: number,
  affected: string,
  detail: string,
  hash: string,
]

export function fromAuditRow(row: Row): AuditEntry {
  const [seq, at, actor, role, address, action, target, outcome, reason, code, affectedCount, ids, facts, hash] =
    row as unknown as AuditRow
  const affected = parse(ids)
  return {
    ...{ seq, at, actor, role, address, action, target, outcome, reason, code, affectedCount, hash },
    affected: Array.isArray(affected) && affected.every((id) => typeof id === 'string') ? affected : [ids],
    detail: parse(facts),
  }
}

/** What somebody has spoilt is shown as it is, and is not what was hashed. */
function parse(text: string): Json {
  try {
    const value = JSON.parse(text) as Json
    return JSON.stringify(value) === text ? value : text
  } catch {
    return text
  }
}
