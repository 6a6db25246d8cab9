import Database from 'better-sqlite3'

/**
 * The yardstick: the life cycle of a task as bare better-sqlite3 statements — insert, running, success — with four
 * indexes, 100 tasks per transaction, nothing else. Returns tasks per second.
 */
export function runRawCycle(file: string, count: number): number {
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  db.exec(`
    CREATE TABLE tasks (
      id TEXT PRIMARY KEY, func_name TEXT NOT NULL, queue TEXT NOT NULL, status TEXT NOT NULL, created_at INTEGER NOT NULL,
      start_time INTEGER, end_time INTEGER, duration_ms REAL, attempt INTEGER NOT NULL DEFAULT 0, worker_id TEXT,
      args TEXT NOT NULL, result TEXT
    );
    CREATE INDEX tasks_status ON tasks (status, created_at);
    CREATE INDEX tasks_func ON tasks (func_name, created_at);
    CREATE INDEX tasks_queue ON tasks (queue, created_at);
    CREATE INDEX tasks_created ON tasks (created_at);
  `)
  const insert = db.prepare(
    `INSERT INTO tasks (id, func_name, queue, status, created_at, args) VALUES (?, 'noop', 'default', 'pending', ?, '[]')`,
  )
  const start = db.prepare(
    `UPDATE tasks SET status = 'running', start_time = ?, attempt = 1, worker_id = 'w' WHERE id = ? AND status = 'pending'`,
  )
  const finish = db.prepare(
    `UPDATE tasks SET status = 'success', end_time = ?, duration_ms = ?, result = 'null' WHERE id = ? AND status = 'running'`,
  )
  const batchSize = 100
  const batch = (run: (index: number) => void, from: number): void =>
    db.transaction(() => {
      for (let index = from; index < from + batchSize; index += 1) run(index)
    })()
  const id = (index: number): string => `0193a4c2-77d0-7e1f-b3a0-${String(index).padStart(12, '0')}`

  const startedAt = performance.now()
  for (let from = 0; from < count; from += batchSize) {
    batch((index) => insert.run(id(index), Date.now()), from)
    batch((index) => start.run(Date.now(), id(index)), from)
    batch((index) => finish.run(Date.now(), 0.1, id(index)), from)
  }
  const elapsedMs = performance.now() - startedAt
  db.close()
  return (count / elapsedMs) * 1_000
}
