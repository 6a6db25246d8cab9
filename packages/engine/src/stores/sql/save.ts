import type { Changes } from '../unit/index.ts'
import { recordAudits } from './audit.ts'
import { DatabaseError, type BulkSession, type Dialect } from './database.ts'
import { countFailures } from './error-groups.ts'
import type { Guesses } from './guess.ts'
import { countRetries } from './ledger.ts'
import { settleItems } from './operation-items.ts'
import { addToOutbox } from './outbox.ts'
import { addRollups, gathered } from './rollups.ts'
import { alike, attemptColumns, lineColumns, taskColumns, toAttemptRow, toLineRow, toTaskRow } from './rows.ts'

const tagColumns = ['tag_key', 'tag_value', 'task_id']

/**
 * Saves all that a batch changes, in the transaction that is open. Rows that many transactions change come last, so that
 * these wait as short as can be: what counts failures, then the head of the audit log. Rejects with a conflict when a guess was
 * wrong.
 */
export async function save(session: BulkSession, dialect: Dialect, changes: Changes, guesses: Guesses): Promise<void> {
  await saveTasks(session, changes, guesses)
  await saveDetails(session, changes)
  await saveCounts(session, changes)
  if (changes.outbox.length > 0) await addToOutbox(session, changes.outbox)
  if (changes.settled.length > 0) await settleItems(session, changes.settled)
  if (changes.failures.length > 0) await countFailures(session, dialect, changes.failures)
  if (changes.audits.length > 0) await recordAudits(session, dialect, changes.audits)
}

/** Changes first: a task that has failed lets go of the key that a new one takes. */
async function saveTasks(session: BulkSession, { updates, inserts }: Changes, guesses: Guesses): Promise<void> {
  for (const { guard, columns, rows } of alike(updates, guesses)) {
    const changed = await session.update('tasks', ['id'], columns, rows, guard ?? [])
    if (guard !== null && changed < rows.length) throw new DatabaseError('conflict', 'A task is not what it was')
  }
  if (inserts.length > 0) await session.insert('tasks', taskColumns, inserts.map(toTaskRow))
}

/** What hangs on tasks: mostly nothing. */
async function saveDetails(session: BulkSession, changes: Changes): Promise<void> {
  const { attempts, logs, removedTags, addedTags, releasedLocks, takenLocks } = changes
  if (attempts.length > 0) await session.insert('attempts', attemptColumns, attempts.map(toAttemptRow), 'replace')
  if (logs.length > 0) await session.insert('logs', lineColumns, logs.map(toLineRow))
  if (removedTags.length > 0) {
    const rows = removedTags.map(({ key, value, taskId }) => [key, value, taskId])
    await session.remove('task_tags', tagColumns, rows)
  }
  if (addedTags.length > 0) {
    const rows = addedTags.map(({ key, value, taskId }) => [key, value, taskId])
    await session.insert('task_tags', tagColumns, rows, 'keep')
  }
  if (releasedLocks.length > 0) {
    const rows = releasedLocks.map((taskId) => [taskId])
    await session.remove('locks', ['task_id'], rows)
  }
  if (takenLocks.length > 0) {
    const rows = takenLocks.map(({ key, taskId, owner, since }) => [key, taskId, owner, since])
    await session.insert('locks', ['lock_key', 'task_id', 'owner', 'since'], rows, 'replace')
  }
}

async function saveCounts(session: BulkSession, { counts }: Changes): Promise<void> {
  await addRollups(session, gathered(counts))
  await countRetries(session, counts)
}
