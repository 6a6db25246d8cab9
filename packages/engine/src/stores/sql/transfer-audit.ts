import { aboutOf, type AuditHead } from '../audit-chain.ts'
import { auditColumns, fromAuditRow, toAuditRow } from './audit-rows.ts'
import type { Dialect, Session } from './database.ts'
import { KeyedReader, type Part } from './transfer-tables.ts'

/** Entries with their hashes. */
export function auditPart(dialect: Dialect): Part<'audit'> {
  const reader = new KeyedReader(dialect, { table: 'audit', key: ['seq'], columns: auditColumns })
  return {
    async read(session, after, limit) {
      const { rows, next } = await reader.read(session, after, limit)
      return { rows: rows.map(fromAuditRow), next }
    },
    async write(session, entries) {
      const seqs = entries.map(({ seq }) => seq)
      const rows = await session.rows(`SELECT seq FROM @audit WHERE ${dialect.among('seq')}`, [seqs])
      const known = new Set(rows.map(([seq]) => Number(seq)))
      // Rows that are there may not even be written as they are.
      const fresh = entries.filter(({ seq }) => !known.has(seq))
      await session.insert('audit', auditColumns, fresh.map(toAuditRow))
      const about = fresh.flatMap((entry) => aboutOf(entry).map((id) => [id, entry.seq]))
      await session.insert('audit_about', ['about', 'seq'], about)
    },
    count: (session) => reader.count(session),
  }
}

/** The head as it was: one who has cut the tail of the log off is found out here, too. */
export const auditHeadPart: Part<'audit_head'> = {
  read: async (session) => ({ rows: await heads(session), next: null }),
  async write(session, rows) {
    for (const { entries, hash } of rows) {
      await session.run('UPDATE @audit_head SET entries = ?, hash = ? WHERE id = 1 AND entries = 0', [entries, hash])
    }
  },
  count: async (session) => (await heads(session)).length,
}

async function heads(session: Session): Promise<readonly AuditHead[]> {
  const rows = await session.rows('SELECT entries, hash FROM @audit_head WHERE id = 1 AND entries > 0')
  return rows.map(([entries, hash]) => ({ entries: Number(entries), hash: String(hash) }))
}
