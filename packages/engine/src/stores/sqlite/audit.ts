import type { Json } from '@taskloom/protocol'
import type { Database } from './driver/port.ts'
import type {
  AuditCheck,
  AuditCheckQuestion,
  AuditDraft,
  AuditEntry,
  AuditOutcome,
  AuditPage,
  AuditQuestion,
  AuditStore,
} from '../audit.ts'
import { aboutOf, chainEntry, checkChain, emptyHead, type AuditHead } from '../audit-chain.ts'
import type { GroupCommit } from './group-commit.ts'
import type { StatementCache } from './statement-cache.ts'

/** What the reader thread answers about the log. */
export interface AuditReads {
  auditPage(question: AuditQuestion): Promise<AuditPage>
  auditCheck(question: AuditCheckQuestion): Promise<AuditCheck>
}

/**
 * Puts entries into the transaction that is open. The head is read in it, where nobody else writes: so several processes
 * keep one chain.
 */
export class AuditInsert {
  readonly #head
  readonly #insert
  readonly #move
  readonly #about

  constructor(db: Database) {
    this.#head = db.prepare<unknown[], AuditHead>('SELECT entries, hash FROM audit_head')
    this.#insert = db.prepare(`INSERT INTO audit (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    this.#move = db.prepare('UPDATE audit_head SET entries = ?, hash = ?')
    this.#about = db.prepare('INSERT OR IGNORE INTO audit_about SELECT value, ? FROM json_each(?)')
  }

  record(draft: AuditDraft): AuditEntry {
    const entry = chainEntry(this.#head.get() ?? emptyHead, draft)
    this.#insert.run(...auditToRow(entry))
    this.#move.run(entry.seq, entry.hash)
    const about = aboutOf(entry)
    if (about.length > 0) this.#about.run(entry.seq, JSON.stringify(about))
    return entry
  }
}

export function sqliteAudit(db: Database, commit: GroupCommit, reads: AuditReads): AuditStore {
  const insert = new AuditInsert(db)
  return {
    append: (drafts: readonly AuditDraft[]) => commit.run(() => drafts.map((draft) => insert.record(draft))),
    list: (question: AuditQuestion) => reads.auditPage(question),
    verify: (question: AuditCheckQuestion) => reads.auditCheck(question),
  }
}

export function readAuditPage(cache: StatementCache, question: AuditQuestion): AuditPage {
  const { cursor, limit, taskId, actor, action, outcome, since, until } = question
  const terms = [
    ['seq < ?', cursor ?? undefined],
    ['actor = ?', actor],
    ['action = ?', action],
    ['outcome = ?', outcome],
    ['at >= ?', since],
    ['at < ?', until],
  ] as const
  const asked = terms.filter(([, value]) => value !== undefined)
  const where = asked.length === 0 ? '' : `WHERE ${asked.map(([term]) => term).join(' AND ')}`
  const [from, about] = taskId === undefined ? ['audit', []] : [entriesAbout, [taskId, taskId]]
  const sql = `SELECT ${columns} FROM ${from} ${where} ORDER BY seq DESC LIMIT ?`
  const rows = cache.rows(sql, ...about, ...asked.map(([, value]) => value), limit + 1) as unknown as AuditRow[]
  const entries = rows.slice(0, limit).map(auditFromRow)
  return { entries, next: rows.length > limit ? (entries.at(-1)?.seq ?? null) : null }
}

export function readAuditCheck(cache: StatementCache, question: AuditCheckQuestion): AuditCheck {
  const { from, limit } = question
  const [count, newest] = cache.row('SELECT entries, hash FROM audit_head') ?? []
  const head = count === undefined ? emptyHead : { entries: Number(count), hash: String(newest) }
  const [previousHash = ''] = cache.row('SELECT hash FROM audit WHERE seq = ?', from - 1) ?? []
  const sql = `SELECT ${columns} FROM audit WHERE seq >= ? ORDER BY seq LIMIT ?`
  const rows = cache.rows(sql, from, limit + 1) as unknown as AuditRow[]
  return checkChain(question, { head, previousHash: String(previousHash), entries: rows.map(auditFromRow) })
}

/** The few entries about one task come first, each by its number. */
const entriesAbout = `(SELECT DISTINCT seq FROM audit_about WHERE about IN
    (SELECT ? UNION ALL SELECT operation_id FROM operation_items INDEXED BY operation_items_task WHERE task_id = ?))
  CROSS JOIN audit USING (seq)`

/** In the order in which rows are read and written; the number first. */
export const auditColumns: readonly string[] = [
  ...['seq', 'at', 'actor', 'role', 'address', 'action', 'target', 'outcome', 'reason', 'code'],
  ...['affected_count', 'affected', 'detail', 'hash'],
]
const columns = auditColumns.join(', ')

export type AuditRow = readonly [
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

export function auditToRow(entry: AuditEntry): AuditRow {
  const { seq, at, actor, role, address, action, target, outcome, reason, code, affectedCount, hash } = entry
  const texts = [JSON.stringify(entry.affected), JSON.stringify(entry.detail)] as const
  return [seq, at, actor, role, address, action, target, outcome, reason, code, affectedCount, ...texts, hash]
}

export function auditFromRow(row: AuditRow): AuditEntry {
  const [seq, at, actor, role, address, action, target, outcome, reason, code, affectedCount, ids, facts, hash] = row
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
