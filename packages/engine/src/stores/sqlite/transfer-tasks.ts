import type { Attempt } from '@taskloom/protocol'
import type { Database } from './driver/port.ts'
import type { TransferTask } from '../transfer/port.ts'
import { impliedAttempt, isImplied } from '../attempts.ts'
import type { Rollups } from './rollups.ts'
import { attemptFromRow, attemptList, attemptToRow, recordColumns, recordFromRow, toRow } from '../reading/rows.ts'
import type { Row, Value } from '../sql/database.ts'
import { KeyedReader, type Part } from './transfer-tables.ts'

const columns = [...recordColumns, 'attempt_started_at', 'error_group']

/** Tasks with their attempts, of which one may be said by the task's own row; tags and roll-ups are made with them. */
export function taskPart(db: Database, rollups: Rollups): Part<'tasks'> {
  const reader = new KeyedReader(db, { table: 'tasks', key: ['id'], columns })
  const attempts = db
    .prepare<unknown[], Row>(`SELECT ${attemptList} FROM attempts WHERE task_id = ? ORDER BY attempt`)
    .raw()
  const insert = db.prepare<Value[]>(
    `INSERT INTO tasks (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ON CONFLICT (id) DO NOTHING`,
  )
  const insertAttempt = db.prepare<Value[]>('INSERT OR REPLACE INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const insertTag = db.prepare('INSERT OR IGNORE INTO task_tags (tag_key, tag_value, task_id) VALUES (?, ?, ?)')
  const write = ({ record, attempts, errorGroup }: TransferTask): void => {
    const implied = attempts.find((attempt) => isImplied(record, attempt))
    if (insert.run(...toRow(record), implied?.startedAt ?? null, errorGroup).changes === 0) return
    for (const attempt of attempts) {
      if (attempt !== implied) insertAttempt.run(...attemptToRow(record.taskId, attempt))
    }
    for (const [key, value] of Object.entries(record.tags)) insertTag.run(key, value, record.taskId)
    rollups.add(record)
  }
  return {
    read: (after, limit) => {
      const { rows, next } = reader.read(after, limit)
      return { rows: rows.map((row) => taskFromRow(row, attempts.all(row[0]).map(attemptFromRow))), next }
    },
    write: (rows) => rows.forEach(write),
    count: () => reader.count(),
  }
}

function taskFromRow(row: Row, stored: readonly Attempt[]): TransferTask {
  const record = recordFromRow(row)
  const [startedAt, errorGroup] = row.slice(recordColumns.length)
  const implied = typeof startedAt === 'number' ? impliedAttempt(record, startedAt) : null
  const isSaid = implied === null || stored.some(({ attempt }) => attempt === implied.attempt)
  return { record, attempts: isSaid ? stored : [...stored, implied], errorGroup: (errorGroup ?? null) as string | null }
}
