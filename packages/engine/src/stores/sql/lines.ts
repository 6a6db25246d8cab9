import type { LogLine } from '../../core/record.ts'
import type { Doubt, StoredLine } from '../unit/index.ts'
import type { BulkSession, Dialect } from './database.ts'
import { lineColumns, toLineRow } from './rows.ts'

/** Lines that a log is to have. */
export interface Lines {
  readonly taskId: string
  readonly lines: readonly LogLine[]
}

/** Adds lines to the logs of tasks that are there, numbered on, in the transaction that is open. */
export async function addLines(
  session: BulkSession,
  dialect: Dialect,
  batch: readonly Lines[],
  /** How many lines each log had when a COMMIT was sent that was not answered; filled by this. */
  before: Map<string, number>,
  doubt: Doubt,
): Promise<void> {
  const taskIds = [...new Set(batch.map(({ taskId }) => taskId))].sort()
  const sql = `SELECT id, log_lines FROM @tasks WHERE ${dialect.among('id')} ORDER BY id ${dialect.locked}`
  const rows = await session.rows(sql, [taskIds])
  const counts = new Map(rows.map(([id, lines]) => [String(id), Number(lines)]))
  // Lines that are there already came through: they were committed without an answer.
  const isStored = doubt === 'unanswered' && rows.some(([id, lines]) => Number(lines) > (before.get(String(id)) ?? 0))
  if (isStored) return
  for (const [taskId, count] of counts) before.set(taskId, count)
  const stored: StoredLine[] = []
  for (const { taskId, lines } of batch) {
    let line = counts.get(taskId)
    if (line === undefined) continue
    for (const entry of lines) stored.push({ ...entry, taskId, line: (line += 1) })
    counts.set(taskId, line)
  }
  if (stored.length === 0) return
  await session.insert('logs', lineColumns, stored.map(toLineRow))
  const changed = [...counts].map(([taskId, count]) => [taskId, 1, count])
  await session.update('tasks', ['id'], ['has_logs', 'log_lines'], changed)
}
