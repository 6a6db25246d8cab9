import type { TaskRecord } from '../../core/record.ts'
import { recordFromRow, recordList } from '../reading/rows.ts'
import type { DueQuestion } from '../store.ts'
import type { Dialect, Session } from './database.ts'

/** More delayed tasks than this that are due at once are looked at in order of time, not of priority. */
const delayedPortion = 5_000

/** Tasks by their ids, as far as they are there. */
export async function readTasks(
  session: Session,
  dialect: Dialect,
  taskIds: readonly string[],
): Promise<ReadonlyMap<string, TaskRecord>> {
  const rows = await session.rows(`SELECT ${recordList} FROM @tasks WHERE ${dialect.among('id')}`, [taskIds])
  return new Map(rows.map(recordFromRow).map((record) => [record.taskId, record]))
}

/** Waiting tasks that may begin, read along the index `tasks_ready`: what is urgent first, then the oldest. */
export async function readDue(
  session: Session,
  dialect: Dialect,
  { now, funcNames, exceptQueues = [], limit }: DueQuestion,
): Promise<readonly TaskRecord[]> {
  if (funcNames.length === 0) return []
  const wanted = `${dialect.among('func_name')} AND ${dialect.notAmong('queue')}`
  const ready = await session.rows(
    `SELECT ${recordList} FROM @tasks ${dialect.along('tasks_ready')}
     WHERE status = 'pending' AND run_at IS NULL AND ${wanted} ORDER BY run_at, urgency, id LIMIT ?`,
    [funcNames, exceptQueues, limit],
  )
  const delayed = await session.rows(
    `SELECT ${recordList} FROM @tasks
     WHERE id IN (SELECT chosen.id FROM (
       SELECT id FROM @tasks ${dialect.along('tasks_ready')}
       WHERE status = 'pending' AND run_at <= ? ORDER BY run_at LIMIT ?) chosen)
     AND ${wanted} ORDER BY urgency, id LIMIT ?`,
    [now, delayedPortion, funcNames, exceptQueues, limit],
  )
  return [...ready, ...delayed].map(recordFromRow).sort(byUrgency).slice(0, limit)
}

/** The earliest instant after `now` at which a waiting task may begin. */
export async function readNextDueAt(session: Session, now: number): Promise<number | null> {
  const sql = "SELECT min(run_at) FROM @tasks WHERE status = 'pending' AND run_at > ?"
  const [[dueAt = null] = []] = await session.rows(sql, [now])
  return dueAt === null ? null : Number(dueAt)
}

/** Running tasks that none of these workers runs. */
export async function readOrphans(
  session: Session,
  dialect: Dialect,
  liveWorkerIds: readonly string[],
  limit: number,
): Promise<readonly TaskRecord[]> {
  const rows = await session.rows(
    `SELECT ${recordList} FROM @tasks
     WHERE status = 'running' AND (worker_id IS NULL OR ${dialect.notAmong('worker_id')}) ORDER BY id LIMIT ?`,
    [liveWorkerIds, limit],
  )
  return rows.map(recordFromRow)
}

function byUrgency(a: TaskRecord, b: TaskRecord): number {
  return (b.priority ?? 0) - (a.priority ?? 0) || (a.taskId < b.taskId ? -1 : 1)
}
