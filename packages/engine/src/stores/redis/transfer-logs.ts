import type { AuditEntry } from '../audit.ts'
import { aboutOf, type AuditHead } from '../audit-chain.ts'
import type { TransferMessage } from '../transfer/port.ts'
import { readAuditHead } from './audit.ts'
import { encodeAuditHead } from './audit-fields.ts'
import type { Connection } from './connection.ts'
import { bare } from './key-changes.ts'
import { guardedMissing, readFields, type Part } from './transfer-part.ts'

/** Entries of the audit log with their hashes; numbers that are missing are passed over. */
export const auditPart: Part<'audit'> = {
  async read(connection, after, limit) {
    const first = Number(after ?? 0) + 1
    const seqs = Array.from({ length: limit }, (_, index) => String(first + index))
    const texts = await readFields(connection, connection.keys.audit(), seqs)
    const rows = seqs.flatMap((seq) => {
      const text = texts.get(seq) ?? null
      return text === null ? [] : [JSON.parse(text) as AuditEntry]
    })
    const isMore = first + limit <= (await lastOf(connection))
    return { rows, next: isMore ? String(first + limit - 1) : null }
  },
  async propose(connection, changes, entries) {
    const seqs = entries.map(({ seq }) => String(seq))
    const missing = await guardedMissing(connection, changes, (keys) => keys.audit(), seqs)
    for (const entry of entries) {
      const seq = String(entry.seq)
      if (!missing.has(seq)) continue
      changes.put(bare.audit(), seq, JSON.stringify(entry))
      for (const field of ['actor', 'action', 'outcome'] as const) {
        changes.rank(bare.auditBy(field, entry[field]), seq, entry.seq)
      }
      for (const about of aboutOf(entry)) changes.rank(bare.auditBy('about', about), seq, entry.seq)
    }
  },
  count: async (connection) => Number(await connection.command('HLEN', connection.keys.audit())),
}

/** The head as it was: one who has cut the tail of the log off is found out here, too. */
export const auditHeadPart: Part<'audit_head'> = {
  read: async (connection) => ({ rows: await heads(connection), next: null }),
  async propose(connection, changes, rows) {
    const { text } = await readAuditHead(connection)
    if (text !== null) return
    changes.guard({ key: bare.auditHead(), field: null, expected: null })
    for (const head of rows) changes.text(bare.auditHead(), encodeAuditHead(head))
  },
  count: async (connection) => (await heads(connection)).length,
}

/** Messages in order of their age: as nobody delivers them meanwhile, a place is a number of them. */
export const outboxPart: Part<'outbox'> = {
  async read(connection, after, limit) {
    const { keys } = connection
    const first = Number(after ?? 0)
    const ids = (await connection.command('ZRANGE', keys.outboxAges(), first, first + limit - 1)) as readonly string[]
    const texts = await readFields(connection, keys.outbox(), ids)
    const messages = ids.flatMap((id) => {
      const text = texts.get(id) ?? null
      return text === null ? [] : [JSON.parse(text) as StoredMessage]
    })
    const scores = await connection.pipeline(
      messages.map(({ id, recipient }) => ['ZSCORE', keys.outboxDue(recipient), id]),
    )
    const rows = messages.map((message, index) => toRow(message, scores[index] as string | null))
    return { rows, next: ids.length < limit ? null : String(first + limit) }
  },
  async propose(connection, changes, messages) {
    const ids = messages.map(({ id }) => id)
    const missing = await guardedMissing(connection, changes, (keys) => keys.outbox(), ids)
    for (const { dueAt, error, ...message } of messages) {
      const { id, recipient, createdAt } = message
      if (!missing.has(id)) continue
      changes.put(bare.outbox(), id, JSON.stringify(error === null ? message : { ...message, error }))
      changes.rank(bare.outboxAges(), id, createdAt)
      if (dueAt === null) changes.member(bare.outboxDead(recipient), id, true)
      else changes.rank(bare.outboxDue(recipient), id, dueAt)
    }
  },
  count: async (connection) => Number(await connection.command('HLEN', connection.keys.outbox())),
}

type StoredMessage = Omit<TransferMessage, 'dueAt' | 'error'> & { readonly error?: string }

function toRow({ error, ...message }: StoredMessage, due: string | null): TransferMessage {
  return { ...message, error: error ?? null, dueAt: due === null ? null : Number(due) }
}

async function heads(connection: Connection): Promise<readonly AuditHead[]> {
  const { head } = await readAuditHead(connection)
  return head.entries === 0 ? [] : [head]
}

/** The head may be behind, or ahead, where somebody has tampered with the log. */
async function lastOf(connection: Connection): Promise<number> {
  const { head } = await readAuditHead(connection)
  return Math.max(head.entries, Number(await connection.command('HLEN', connection.keys.audit())))
}
