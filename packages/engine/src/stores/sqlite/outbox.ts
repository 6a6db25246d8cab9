import type { Database } from './driver/port.ts'
import type { OutboxCount, OutboxEntry, OutboxMessage, OutboxStore, TakeQuestion } from '../outbox.ts'
import type { GroupCommit } from './group-commit.ts'

/** Puts messages into the transaction that is open. */
export class OutboxInsert {
  readonly #insert

  constructor(db: Database) {
    this.#insert = db.prepare(
      'INSERT INTO outbox (id, recipient, event, task_id, created_at, due_at, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
  }

  run(entries: readonly OutboxEntry[]): void {
    for (const { id, recipient, event, taskId, createdAt, body } of entries) {
      this.#insert.run(id, recipient, event, taskId, createdAt, createdAt, body)
    }
  }
}

/** A message without `due_at` is dead. */
export function sqliteOutbox(db: Database, commit: GroupCommit): OutboxStore {
  const due = db.prepare<unknown[], OutboxMessage>(
    `SELECT id, recipient, event, task_id AS taskId, created_at AS createdAt, body, attempts + 1 AS attempts
     FROM outbox WHERE recipient = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?`,
  )
  const hold = db.prepare('UPDATE outbox SET attempts = attempts + 1, due_at = ? WHERE id = ?')
  const remove = db.prepare('DELETE FROM outbox WHERE id = ?')
  const fail = db.prepare('UPDATE outbox SET due_at = ?, error = ? WHERE id = ?')
  const nextDueAt = db
    .prepare<unknown[], number | null>('SELECT min(due_at) FROM outbox WHERE recipient = ? AND due_at IS NOT NULL')
    .pluck()
  const count = db.prepare<unknown[], OutboxCount>(
    'SELECT count(due_at) AS waiting, count(*) - count(due_at) AS dead FROM outbox WHERE recipient = ?',
  )
  const purge = db.prepare(
    'DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE created_at < ? ORDER BY created_at LIMIT ?)',
  )
  return {
    take: ({ recipient, now, until, limit }: TakeQuestion) =>
      commit.run(() => {
        const messages = due.all(recipient, now, limit)
        for (const { id } of messages) hold.run(until, id)
        return messages
      }),
    async delivered(ids: readonly string[]): Promise<void> {
      if (ids.length === 0) return
      await commit.run(() => {
        for (const id of ids) remove.run(id)
      })
    },
    async failed(id: string, dueAt: number | null, error: string): Promise<void> {
      await commit.run(() => fail.run(dueAt, error, id))
    },
    nextDueAt: async (recipient: string) => nextDueAt.get(recipient) ?? null,
    count: async (recipient: string) => count.get(recipient) ?? { waiting: 0, dead: 0 },
    purge: (createdBefore: number, limit: number) => commit.run(() => purge.run(createdBefore, limit).changes),
  }
}
