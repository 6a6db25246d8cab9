import { isTerminal, terminalStatuses, type TaskStatus } from '@taskloom/protocol'
import type { AuditDraft } from '../audit.ts'
import { withDeleted } from '../audit-chain.ts'
import { RollupChanges, type Counted } from '../rollup-changes.ts'
import { tagsFromText } from '../reading/rows.ts'
import type { Beside, HistoryQuestion } from '../store.ts'
import { itemName, type Doubt } from '../unit/index.ts'
import { recordAudits } from './audit.ts'
import type { BulkSession, Dialect, Param, Row } from './database.ts'
import { countDeleted } from './ledger.ts'
import { openItems, settleItems } from './operation-items.ts'
import { addRollups } from './rollups.ts'

/** What is to be known of a task that is deleted. */
interface Leaving extends Counted {
  readonly taskId: string
  readonly tags: Readonly<Record<string, string>>
}

const leavingList = 'id, func_name, queue, source, status, created_at, duration_ms, wait_ms, tags'

/** Deletes one task that has ended, in the transaction that is open; false when there is none. */
export async function deleteOne(
  session: BulkSession,
  dialect: Dialect,
  taskId: string,
  { operation, audit }: Beside,
  doubt: Doubt,
): Promise<boolean> {
  const [task] = await readLeaving(session, `id = ? ${dialect.locked}`, [taskId])
  // One that was there when COMMIT was sent, and is not any more, was deleted by it.
  if (!task) return doubt === 'unanswered'
  if (!isTerminal(task.status)) return false
  if (operation && !(await openItems(session, dialect, [operation])).has(itemName(operation))) return false
  await remove(session, dialect, [task])
  if (operation) await settleItems(session, [operation])
  if (audit) await recordAudits(session, dialect, [audit])
  return true
}

/** Deletes tasks that have ended, the oldest first, in the transaction that is open; gives their ids. */
export async function deleteOld(
  session: BulkSession,
  dialect: Dialect,
  { statuses, endedBefore, limit }: HistoryQuestion,
  audit: AuditDraft | undefined,
): Promise<readonly string[]> {
  const wanted = statuses.filter((status) => (terminalStatuses as readonly string[]).includes(status))
  const condition = `end_time < ? AND ${dialect.among('status')}`
  // What another process is just deleting is left to it: a portion is full as long as there is enough.
  const rest = `ORDER BY end_time, id LIMIT ? ${dialect.locked} SKIP LOCKED`
  const tasks = await readLeaving(session, `${condition} ${rest}`, [endedBefore, wanted, limit])
  if (tasks.length === 0) return []
  await remove(session, dialect, tasks)
  const taskIds = tasks.map(({ taskId }) => taskId)
  if (audit) await recordAudits(session, dialect, [withDeleted(audit, taskIds)])
  return taskIds
}

async function readLeaving(
  session: BulkSession,
  condition: string,
  params: readonly Param[],
): Promise<readonly Leaving[]> {
  return (await session.rows(`SELECT ${leavingList} FROM @tasks WHERE ${condition}`, params)).map(leavingFromRow)
}

function leavingFromRow(row: Row): Leaving {
  return {
    taskId: row[0] as string,
    funcName: row[1] as string,
    queue: row[2] as string,
    source: row[3] as string,
    status: row[4] as TaskStatus,
    createdAt: Number(row[5]),
    durationMs: row[6] as number | null,
    waitMs: row[7] as number | null,
    tags: tagsFromText(row[8] as string),
  }
}

async function remove(session: BulkSession, dialect: Dialect, tasks: readonly Leaving[]): Promise<void> {
  const taskIds = tasks.map(({ taskId }) => taskId)
  const rollups = new RollupChanges()
  for (const task of tasks) rollups.subtract(task)
  await session.run(`DELETE FROM @tasks WHERE ${dialect.among('id')}`, [taskIds])
  for (const table of ['attempts', 'logs', 'locks']) {
    await session.run(`DELETE FROM @${table} WHERE ${dialect.among('task_id')}`, [taskIds])
  }
  const tags = tasks.flatMap(({ taskId, tags }) => Object.entries(tags).map(([key, value]) => [key, value, taskId]))
  if (tags.length > 0) await session.remove('task_tags', ['tag_key', 'tag_value', 'task_id'], tags)
  await addRollups(session, rollups)
  await countDeleted(session, dialect, tasks)
}
