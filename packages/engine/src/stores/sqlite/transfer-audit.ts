import type { Database } from './driver/port.ts'
import { aboutOf, emptyHead, type AuditHead } from '../audit-chain.ts'
import { auditColumns, auditFromRow, auditToRow, type AuditRow } from './audit.ts'
import { KeyedReader, type Part } from './transfer-tables.ts'

/** Entries with their hashes. The log can only be added to: what lies before its end stays missing. */
export function auditPart(db: Database): Part<'audit'> {
  const reader = new KeyedReader(db, { table: 'audit', key: ['seq'], columns: auditColumns })
  const last = db.prepare<unknown[], number | null>('SELECT max(seq) FROM audit').pluck()
  const insert = db.prepare(
    `INSERT INTO audit (${auditColumns.join(', ')}) VALUES (${auditColumns.map(() => '?').join(', ')})`,
  )
  const about = db.prepare('INSERT OR IGNORE INTO audit_about SELECT value, ? FROM json_each(?)')
  return {
    read: (after, limit) => {
      const { rows, next } = reader.read(after, limit)
      return { rows: rows.map((row) => auditFromRow(row as unknown as AuditRow)), next }
    },
    write: (rows) => {
      const end = last.get() ?? 0
      for (const entry of rows) {
        if (entry.seq <= end) continue
        insert.run(...auditToRow(entry))
        about.run(entry.seq, JSON.stringify(aboutOf(entry)))
      }
    },
    count: () => reader.count(),
  }
}

/** The head as it was: one who has cut the tail of the log off is found out here, too. */
export function auditHeadPart(db: Database): Part<'audit_head'> {
  const read = db.prepare<unknown[], AuditHead>('SELECT entries, hash FROM audit_head')
  const move = db.prepare('UPDATE audit_head SET entries = ?, hash = ? WHERE entries = 0')
  const heads = (): readonly AuditHead[] => {
    const head = read.get() ?? emptyHead
    return head.entries === 0 ? [] : [head]
  }
  return {
    read: () => ({ rows: heads(), next: null }),
    write: (rows) => {
      for (const { entries, hash } of rows) move.run(entries, hash)
    },
    count: () => heads().length,
  }
}
