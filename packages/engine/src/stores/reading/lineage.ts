import type { TaskSummary } from '@taskloom/protocol'
import { lineageOf, type StoredLineage } from '../lineage.ts'
import { rowsOfAll, type Reads } from './reads.ts'
import { summaryFromRow, summaryList } from './rows.ts'

export function readLineage(reads: Reads, taskId: string): Promise<StoredLineage | undefined> {
  return lineageOf(taskId, {
    find: async (id) => {
      const [row] = await reads.session.rows(`SELECT ${summaryList} FROM @tasks WHERE id = ?`, [id])
      return row && summaryFromRow(row)
    },
    retriesOf: async (ids, limit) => {
      const from = `FROM @tasks ${reads.dialect.along('tasks_retried_from')}`
      const sql = `SELECT ${summaryList} ${from} WHERE retried_from = ? AND retried_from IS NOT NULL ORDER BY id LIMIT ?`
      const rows = await rowsOfAll(
        reads,
        ids.map((id) => ({ sql, params: [id, limit] })),
      )
      const retries = rows.map(summaryFromRow).sort(byId)
      return ids.map((id) => retries.filter(({ retriedFrom }) => retriedFrom === id))
    },
  })
}

function byId(a: TaskSummary, b: TaskSummary): number {
  return a.taskId < b.taskId ? -1 : 1
}
