import type { Creation, Transition } from '../../core/record.ts'
import { isImplied } from '../attempts.ts'
import { isNewFailure } from '../error-book.ts'
import type { OutboxEntry } from '../outbox.ts'
import { RollupChanges } from '../rollup-changes.ts'
import type { Write, Written } from '../store.ts'
import { heldKeyOf } from '../unit/index.ts'
import type { BulkWrite, Value } from './database.ts'
import { outboxColumns, toOutboxRow } from './outbox.ts'
import { PlainUpdates } from './plain-updates.ts'
import { rollupRows } from './rollups.ts'
import { taskColumns, toTaskRow } from './rows.ts'

/** A batch that is decided without asking for anything, and what is written where all it takes for granted is so. */
export interface Plain {
  readonly answers: readonly Written[]
  readonly writes: readonly BulkWrite[]
}

/**
 * Decides a batch of tasks that only begin, have succeeded at once or are new and compete with none: most are such, and each is
 * just what it is asked to become. Null when something is to be asked for, or other things hang on it.
 */
export function decidePlainly(batch: readonly Write[]): Plain | null {
  if (!arePlain(batch)) return null
  const updates = new PlainUpdates()
  const inserts: Value[][] = []
  const messages: OutboxEntry[] = []
  const counts = new RollupChanges()
  for (const write of batch) {
    if (write.previous === null) {
      inserts.push(newRow(write))
      counts.add(write.next)
    } else {
      updates.add(write)
      counts.replace(write.previous, write.next)
    }
    if (write.outbox) messages.push(...write.outbox)
  }
  const writes: BulkWrite[] = [...updates.writes()]
  if (inserts.length > 0) writes.push({ kind: 'insert', table: 'tasks', columns: taskColumns, rows: inserts })
  if (messages.length > 0) {
    writes.push({ kind: 'insert', table: 'outbox', columns: outboxColumns, rows: messages.map(toOutboxRow) })
  }
  const changed = rollupRows(counts)
  if (changed.rows.length > 0) writes.push({ kind: 'insert', table: 'rollup_changes', ...changed })
  return { answers: batch.map(({ next }) => next), writes }
}

/** Whether each write is plain and of a task of its own. */
function arePlain(batch: readonly Write[]): boolean {
  const taskIds = new Set<string>()
  for (const write of batch) {
    if (write.operation || write.audit) return false
    if (write.previous === null ? !isPlainlyNew(write) : !isPlainChange(write)) return false
    taskIds.add(write.next.taskId)
  }
  return taskIds.size === batch.length
}

/** Whether nothing but its id can be in the way of a new task, and all that is kept of it is its row. */
function isPlainlyNew({ next, attempt, marks }: Creation): boolean {
  return (
    !marks &&
    next.idempotencyKey === null &&
    (next.schedule === null || next.slotAt === null) &&
    next.locks.length === 0 &&
    isEmpty(next.tags) &&
    (attempt === null || isImplied(next, attempt)) &&
    !isNewFailure(null, next)
  )
}

/**
 * Whether nothing of the row matters but what the transition starts from, and nothing but the row changes: a first attempt
 * begins, or one succeeds.
 */
function isPlainChange({ previous, next, attempt, logs }: Transition): boolean {
  return (
    attempt !== null &&
    (previous.attempt === 0 || attempt.attempt === previous.attempt) &&
    logs.length === 0 &&
    previous.tags === next.tags &&
    previous.locks.length === 0 &&
    next.locks.length === 0 &&
    previous.priority === next.priority &&
    next.retriesUsed <= previous.retriesUsed &&
    isImplied(next, attempt)
  )
}

function newRow({ next, attempt }: Creation): Value[] {
  const attemptStartedAt = attempt === null ? null : attempt.startedAt
  const extras = { attemptStartedAt, errorGroup: null, heldKey: heldKeyOf(next), logLines: 0 }
  return toTaskRow({ record: next, extras })
}

function isEmpty(tags: Creation['next']['tags']): boolean {
  for (const key in tags) if (Object.hasOwn(tags, key)) return false
  return true
}
