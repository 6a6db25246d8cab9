import { recordFromRow, recordList, tagsFromText } from '../reading/rows.ts'
import type { HeldLock } from '../store.ts'
import { slotName, type Known, type Needs, type SeenTask, type Slot } from '../unit/index.ts'
import type { TaskRecord } from '../../core/record.ts'
import type { BulkSession, Dialect, Row } from './database.ts'
import { take } from './guards.ts'
import type { Guesses } from './guess.ts'
import { heldFromRow, heldList } from './locks.ts'
import { openItems } from './operation-items.ts'

/** Reads what a batch needs to be decided. Nobody else changes the tasks, locks and items until the transaction ends. */
export async function load(
  session: BulkSession,
  dialect: Dialect,
  needs: Needs,
  /** Tasks that are not asked for, because they are taken to be so: all that are needed, or none. */
  guesses: Guesses,
): Promise<Known> {
  // Nobody takes a lock that is not there yet between this and the end of the transaction.
  if (needs.lockKeys.length > 0) await take(session, dialect, 'locks')
  return {
    tasks: guesses.size > 0 ? guesses : await loadTasks(session, dialect, needs.taskIds),
    keyHolders: await loadKeyHolders(session, dialect, needs.keys),
    slotHolders: await loadSlotHolders(session, dialect, needs.slots),
    locks: await loadLocks(session, dialect, needs.lockKeys),
    owners: await loadOwners(session, dialect, needs.joins),
    openItems: await openItems(session, dialect, needs.items),
  }
}

const seenList = 'id, status, attempt, worker_id, queue, retry_count, version, tags, attempt_started_at, log_lines'

/** In the order of their ids, so that nobody waits for somebody who waits for him. */
async function loadTasks(session: BulkSession, dialect: Dialect, taskIds: readonly string[]): Promise<Known['tasks']> {
  const tasks = new Map<string, SeenTask>()
  if (taskIds.length === 0) return tasks
  const sql = `SELECT ${seenList} FROM @tasks WHERE ${dialect.among('id')} ORDER BY id ${dialect.locked}`
  for (const row of await session.rows(sql, [taskIds])) tasks.set(row[0] as string, seenFromRow(row))
  return tasks
}

function seenFromRow(row: Row): SeenTask {
  return {
    taskId: row[0] as string,
    status: row[1] as string,
    attempt: row[2] as number,
    workerId: row[3] as string | null,
    queue: row[4] as string,
    retryCount: row[5] as number,
    version: row[6] as number,
    tags: tagsFromText(row[7] as string),
    attemptStartedAt: row[8] as number | null,
    logLines: row[9] as number,
  }
}

async function loadKeyHolders(
  session: BulkSession,
  dialect: Dialect,
  keys: readonly string[],
): Promise<Known['keyHolders']> {
  if (keys.length === 0) return new Map()
  const rows = await session.rows(`SELECT ${recordList} FROM @tasks WHERE ${dialect.among('held_key')}`, [keys])
  return new Map(rows.map(recordFromRow).map((record) => [record.idempotencyKey ?? '', record]))
}

async function loadSlotHolders(
  session: BulkSession,
  dialect: Dialect,
  slots: readonly Slot[],
): Promise<Known['slotHolders']> {
  const holders = new Map<string, TaskRecord>()
  if (slots.length === 0) return holders
  const rows = await session.rows(
    `SELECT ${recordList} FROM @tasks WHERE ${dialect.among('schedule')} AND ${dialect.among('slot_at')}`,
    [[...new Set(slots.map(({ schedule }) => schedule))], [...new Set(slots.map(({ slotAt }) => slotAt))]],
  )
  for (const record of rows.map(recordFromRow)) {
    const { schedule, slotAt } = record
    if (schedule !== null && slotAt !== null) holders.set(slotName(schedule, slotAt), record)
  }
  return holders
}

async function loadLocks(
  session: BulkSession,
  dialect: Dialect,
  keys: readonly string[],
): Promise<readonly HeldLock[]> {
  if (keys.length === 0) return []
  return (await session.rows(heldList(dialect.among('lock_key')), [keys])).map(heldFromRow)
}

async function loadOwners(session: BulkSession, dialect: Dialect, joins: readonly string[]): Promise<Known['owners']> {
  if (joins.length === 0) return new Map()
  const held = (await session.rows(heldList(dialect.among('task_id')), [joins])).map(heldFromRow)
  return new Map(held.map(({ taskId, owner }) => [taskId, owner]))
}
