import type { ArgsQuestion, StoredArgs } from '../store.ts'
import { readList } from './list.ts'
import type { Reads } from './reads.ts'
import { listFromText } from './rows.ts'

/** The same tasks as the first page of the list, in its order. */
export async function readArgs(
  reads: Reads,
  { filter, limit, maxBytes }: ArgsQuestion,
): Promise<readonly StoredArgs[]> {
  const { tasks } = await readList(reads, { filter, sort: 'created_at', order: 'desc', limit, cursor: null })
  if (tasks.length === 0) return []
  const { session, dialect } = reads
  const rows = await session.rows(
    `SELECT id, args, redact FROM @tasks ${dialect.along('tasks_id')}
     WHERE ${dialect.among('id')} AND octet_length(args) <= ?`,
    [tasks.map(({ taskId }) => taskId), maxBytes],
  )
  const byId = new Map(rows.map((row) => [row[0] as string, row]))
  return tasks.flatMap(({ taskId, funcName }): StoredArgs[] => {
    const row = byId.get(taskId)
    if (!row) return []
    return [{ taskId, funcName, args: row[1] as string, redact: listFromText(row[2] as string | null) }]
  })
}
