import type { Database } from './driver/port.ts'
import { recordList } from '../reading/rows.ts'
import type { Row } from '../sql/database.ts'

const terminal = "status <> 'pending' AND status <> 'running'"
/** Whether a row still is what a transition starts from. */
const guarded = 'id = ? AND +status = ? AND attempt = ? AND worker_id IS ?'

interface Query<T> {
  get(...params: unknown[]): T | undefined
  all(...params: unknown[]): T[]
}

interface Command {
  run(...params: unknown[]): { readonly changes: number }
}

export type TaskStatements = ReturnType<typeof taskStatements>

/** Every statement of the engine's verbs, prepared once. */
export function taskStatements(db: Database) {
  const records = (sql: string): Query<Row> =>
    db.prepare<unknown[], Row>(`SELECT ${recordList} FROM tasks ${sql}`).raw()
  const single = <T>(sql: string): Query<T> => db.prepare<unknown[], T>(sql).pluck()
  const command = (sql: string): Command => db.prepare(sql)
  return {
    get: records('WHERE id = ?'),
    keyHolder: records(
      "WHERE idempotency_key = ? AND idempotency_key IS NOT NULL AND status IN ('pending', 'running', 'success')",
    ),
    slotHolder: records('WHERE schedule = ? AND slot_at = ? AND schedule IS NOT NULL AND slot_at IS NOT NULL'),
    ready: records(
      `INDEXED BY tasks_ready WHERE status = 'pending' AND run_at IS NULL AND func_name IN (SELECT value FROM json_each(?))
       AND queue NOT IN (SELECT value FROM json_each(?)) ORDER BY urgency, id LIMIT ?`,
    ),
    delayed: records(
      `WHERE rowid IN (
         SELECT rowid FROM tasks INDEXED BY tasks_ready
         WHERE status = 'pending' AND run_at IS NOT NULL AND run_at <= ? ORDER BY run_at LIMIT ?)
       AND func_name IN (SELECT value FROM json_each(?)) AND queue NOT IN (SELECT value FROM json_each(?))
       ORDER BY urgency, id LIMIT ?`,
    ),
    nextDueAt: single<number | null>(
      `SELECT min(run_at) FROM tasks INDEXED BY tasks_ready
       WHERE status = 'pending' AND run_at IS NOT NULL AND run_at > ?`,
    ),
    orphans: records(
      `INDEXED BY tasks_status WHERE status = 'running'
       AND (worker_id IS NULL OR worker_id NOT IN (SELECT value FROM json_each(?))) ORDER BY id LIMIT ?`,
    ),
    history: records(
      `INDEXED BY tasks_end_time WHERE end_time < ? AND ${terminal}
       AND status IN (SELECT value FROM json_each(?)) ORDER BY end_time LIMIT ?`,
    ),
    deleteTask: command('DELETE FROM tasks WHERE id = ?'),
    insertAttempt: command('INSERT OR REPLACE INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    keepOpenAttempt: command(
      `INSERT OR IGNORE INTO attempts SELECT id, attempt, attempt_started_at,
         CASE status WHEN 'success' THEN end_time END, CASE status WHEN 'success' THEN status END, NULL, NULL, worker_id
       FROM tasks WHERE ${guarded} AND attempt_started_at IS NOT NULL`,
    ),
    deleteAttempts: command('DELETE FROM attempts WHERE task_id = ?'),
    markLogs: command('UPDATE tasks SET has_logs = 1 WHERE id = ?'),
    lastLine: single<number | null>('SELECT max(line) FROM logs WHERE task_id = ?'),
    insertLog: command('INSERT INTO logs VALUES (?, ?, ?, ?, ?, ?, ?)'),
    deleteLogs: command('DELETE FROM logs WHERE task_id = ?'),
    insertTag: command('INSERT OR IGNORE INTO task_tags (tag_key, tag_value, task_id) VALUES (?, ?, ?)'),
    deleteTag: command('DELETE FROM task_tags WHERE tag_key = ? AND tag_value = ? AND task_id = ?'),
    oldTags: single<string>('SELECT tags FROM tasks WHERE id = ?'),
    setTags: command('UPDATE tasks SET tags = ? WHERE id = ?'),
  }
}
