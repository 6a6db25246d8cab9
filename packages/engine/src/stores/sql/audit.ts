import { TaskError } from '../../core/errors.ts'
import type {
  AuditCheck,
  AuditCheckQuestion,
  AuditDraft,
  AuditEntry,
  AuditPage,
  AuditQuestion,
  AuditStore,
} from '../audit.ts'
import { aboutOf, chainEntry, checkChain, emptyHead, type AuditHead } from '../audit-chain.ts'
import { auditColumns, fromAuditRow, toAuditRow } from './audit-rows.ts'
import type { BulkSession, Dialect, Row, Session, Value } from './database.ts'
import { asked, type Writer } from './writer.ts'

/**
 * Adds entries to the chain, in the transaction that is open. The head stays locked until that ends, so that all processes
 * keep one chain: this is the last thing that a transaction does.
 */
export async function recordAudits(
  session: BulkSession,
  dialect: Dialect,
  drafts: readonly AuditDraft[],
): Promise<readonly AuditEntry[]> {
  if (drafts.length === 0) return []
  let head = await lockHead(session, dialect)
  const entries = drafts.map((draft) => {
    const entry = chainEntry(head, draft)
    head = { entries: entry.seq, hash: entry.hash }
    return entry
  })
  await session.insert('audit', auditColumns, entries.map(toAuditRow))
  const about = entries.flatMap((entry) => aboutOf(entry).map((id) => [id, entry.seq] as const))
  await session.insert('audit_about', ['about', 'seq'], about)
  await session.run('UPDATE @audit_head SET entries = ?, hash = ? WHERE id = 1', [head.entries, head.hash])
  return entries
}

/**
 * Which of several tries to record something came through, by their entries; undefined when none did. It waits for one that
 * is still being committed.
 */
export async function committed(
  session: Session,
  dialect: Dialect,
  tries: readonly (readonly AuditEntry[])[],
): Promise<readonly AuditEntry[] | undefined> {
  await lockHead(session, dialect)
  const seqs = tries.flatMap(([first]) => first?.seq ?? [])
  const rows = await session.rows(`SELECT hash FROM @audit WHERE ${dialect.among('seq')}`, [seqs])
  const hashes = new Set(rows.map(([hash]) => hash))
  return tries.find(([first]) => first && hashes.has(first.hash))
}

export function sqlAudit(writer: Writer): AuditStore {
  const { database } = writer
  return {
    append(drafts: readonly AuditDraft[]): Promise<readonly AuditEntry[]> {
      const tries: (readonly AuditEntry[])[] = []
      return writer.run(async (session, last) => {
        const done = last?.failure === 'unanswered' ? await committed(session, database.dialect, tries) : undefined
        if (done) return done
        const entries = await recordAudits(session, database.dialect, drafts)
        tries.push(entries)
        return entries
      })
    },
    list: (question: AuditQuestion) => asked(readPage(database.session, question)),
    verify: (question: AuditCheckQuestion) => asked(database.snapshot((session) => check(session, question))),
  }
}

async function lockHead(session: Session, dialect: Dialect): Promise<AuditHead> {
  const [row] = await session.rows(`SELECT entries, hash FROM @audit_head WHERE id = 1 ${dialect.locked}`)
  if (row) return toHead(row)
  // Without its row nobody would wait for the others.
  throw new TaskError('store_failed', { message: 'The head of the audit log is missing: nothing can be recorded' })
}

async function readPage(session: Session, question: AuditQuestion): Promise<AuditPage> {
  const { cursor, limit, taskId, actor, action, outcome, since, until } = question
  const terms: readonly (readonly [string, Value | undefined])[] = [
    ['seq < ?', cursor ?? undefined],
    ['actor = ?', actor],
    ['action = ?', action],
    ['outcome = ?', outcome],
    ['at >= ?', since],
    ['at < ?', until],
  ]
  const about = taskId === undefined ? [] : [taskId, taskId]
  const wanted = terms.flatMap(([term, value]) => (value === undefined ? [] : [{ term, value }]))
  const from = taskId === undefined ? '@audit' : entriesAbout
  const where = wanted.length === 0 ? '' : `WHERE ${wanted.map(({ term }) => term).join(' AND ')}`
  const sql = `SELECT ${auditColumns.join(', ')} FROM ${from} ${where} ORDER BY seq DESC LIMIT ?`
  const rows = await session.rows(sql, [...about, ...wanted.map(({ value }) => value), limit + 1])
  const entries = rows.slice(0, limit).map(fromAuditRow)
  return { entries, next: rows.length > limit ? (entries.at(-1)?.seq ?? null) : null }
}

/** The few entries that name a task, or an operation that it belongs to, come first, each by its number. */
const entriesAbout = `(SELECT seq FROM @audit_about WHERE about = ? UNION
  SELECT seq FROM @operation_items JOIN @audit_about ON about = operation_id WHERE task_id = ?) named
  JOIN @audit USING (seq)`

/** All of one moment: others add while this reads. */
async function check(session: Session, question: AuditCheckQuestion): Promise<AuditCheck> {
  const { from, limit } = question
  const [headRow] = await session.rows('SELECT entries, hash FROM @audit_head WHERE id = 1')
  const [before] = await session.rows('SELECT hash FROM @audit WHERE seq = ?', [from - 1])
  const sql = `SELECT ${auditColumns.join(', ')} FROM @audit WHERE seq >= ? ORDER BY seq LIMIT ?`
  const rows = await session.rows(sql, [from, limit + 1])
  const head = headRow ? toHead(headRow) : emptyHead
  return checkChain(question, { head, previousHash: String(before?.[0] ?? ''), entries: rows.map(fromAuditRow) })
}

function toHead([entries, hash]: Row): AuditHead {
  return { entries: Number(entries), hash: String(hash) }
}
