import type { OutboxCount, OutboxEntry, OutboxMessage, OutboxStore, TakeQuestion } from '../outbox.ts'
import type { BulkSession, Row, Value } from './database.ts'
import { asked, type Writer } from './writer.ts'

/** The columns of a new message, in the order of {@link toOutboxRow}. */
export const outboxColumns = [
  'id',
  'recipient',
  'event',
  'task_id',
  'created_at',
  'due_at',
  'attempts',
  'body',
] as const

/** A new message as it is stored. */
export function toOutboxRow({ id, recipient, event, taskId, createdAt, body }: OutboxEntry): readonly Value[] {
  return [id, recipient, event, taskId, createdAt, createdAt, 0, body]
}

/** Adds messages in the transaction that is open; one that is there already is left. */
export async function addToOutbox(session: BulkSession, entries: readonly OutboxEntry[]): Promise<void> {
  await session.insert('outbox', outboxColumns, entries.map(toOutboxRow), 'keep')
}

/** A message without `due_at` is dead. */
export function sqlOutbox(writer: Writer): OutboxStore {
  const { database } = writer
  const { dialect, session: reads } = database
  return {
    take: ({ recipient, now, until, limit }: TakeQuestion) =>
      writer.run(async (session) => {
        // Messages that another process is just taking are left to it.
        const due = await session.rows(
          `SELECT id, recipient, event, task_id, created_at, body, attempts + 1 FROM @outbox
           WHERE recipient = ? AND due_at <= ? ORDER BY due_at, id LIMIT ? ${dialect.locked} SKIP LOCKED`,
          [recipient, now, limit],
        )
        const messages = due.map(toMessage)
        await session.update(
          'outbox',
          ['id'],
          ['attempts', 'due_at'],
          messages.map(({ id, attempts }) => [id, attempts, until]),
        )
        return messages
      }),
    async delivered(ids: readonly string[]): Promise<void> {
      if (ids.length === 0) return
      const rows = ids.map((id) => [id])
      await writer.run((session) => session.remove('outbox', ['id'], rows))
    },
    async failed(id: string, dueAt: number | null, error: string): Promise<void> {
      await writer.run((session) =>
        session.run('UPDATE @outbox SET due_at = ?, error = ? WHERE id = ?', [dueAt, error, id]),
      )
    },
    async nextDueAt(recipient: string): Promise<number | null> {
      const sql = 'SELECT min(due_at) FROM @outbox WHERE recipient = ? AND due_at IS NOT NULL'
      const [row] = await asked(reads.rows(sql, [recipient]))
      const dueAt = row?.[0] ?? null
      return dueAt === null ? null : Number(dueAt)
    },
    async count(recipient: string): Promise<OutboxCount> {
      const sql = 'SELECT count(due_at), count(*) - count(due_at) FROM @outbox WHERE recipient = ?'
      const [[waiting, dead] = []] = await asked(reads.rows(sql, [recipient]))
      return { waiting: Number(waiting ?? 0), dead: Number(dead ?? 0) }
    },
    purge: (createdBefore: number, limit: number) =>
      writer.run(async (session) => {
        const sql = `SELECT id FROM @outbox WHERE created_at < ? ORDER BY created_at LIMIT ? ${dialect.locked} SKIP LOCKED`
        const old = await session.rows(sql, [createdBefore, limit])
        return session.remove('outbox', ['id'], old)
      }),
  }
}

function toMessage([id, recipient, event, taskId, createdAt, body, attempts]: Row): OutboxMessage {
  return {
    ...{ id: String(id), recipient: String(recipient), event: String(event), taskId: String(taskId) },
    ...{ createdAt: Number(createdAt), body: String(body), attempts: Number(attempts) },
  }
}
