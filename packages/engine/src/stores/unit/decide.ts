import { isTerminal, type TaskStatus } from '@taskloom/protocol'
import { TaskError } from '../../core/errors.ts'
import type { Creation, TaskRecord, Transition } from '../../core/record.ts'
import type { Write, Written } from '../store.ts'
import type { Changes } from './changes.ts'
import { isAsAfter, isAsBefore, isInSameHands, itemName, type Doubt, type Known, type SeenTask } from './known.ts'
import { UnitOfWork } from './unit-of-work.ts'

/** What became of each write, and all that is to be saved for it. */
export interface Decision {
  readonly answers: readonly Written[]
  readonly changes: Changes
}

/**
 * Decides a whole batch, write by write in its order, each as the ones before have left things. Pure: the store reads what
 * `needsOf` names and saves what comes out of this, both in one transaction.
 */
export function decide(batch: readonly Write[], known: Known, doubt: Doubt = 'none'): Decision {
  const unit = new UnitOfWork(known)
  const answers = batch.map((write) => answer(unit, write, doubt))
  return { answers, changes: unit.changes() }
}

/**
 * The same for new tasks that are stored all or none: throws why the first was refused. Those that hold a key or slot
 * already are answered, not refused.
 */
export function decideAll(batch: readonly (Write & Creation)[], known: Known, doubt: Doubt = 'none'): Decision {
  const decision = decide(batch, known, doubt)
  for (const written of decision.answers) {
    if (written instanceof TaskError) throw written
    if (written === null) throw new TaskError('store_failed', { message: 'A new task was not stored' })
  }
  return decision
}

function answer(unit: UnitOfWork, write: Write, doubt: Doubt): Written {
  const stored = doubt === 'unanswered' ? storedAlready(unit, write) : undefined
  if (stored) return stored
  if (write.operation && !unit.isOpen(itemName(write.operation))) return null
  const written = write.previous === null ? create(unit, write) : change(unit, write)
  if (written !== write.next) return written
  if (write.operation) unit.settle(write.operation)
  if (write.outbox) unit.send(write.outbox)
  if (write.audit) unit.record(write.audit)
  return written
}

/** What became of a write that was committed, as far as can be seen, although nobody said so. */
function storedAlready(unit: UnitOfWork, { previous, next }: Write): TaskRecord | undefined {
  const seen = unit.see(next.taskId)
  if (!seen) return undefined
  if (isAsAfter(seen, next)) return next
  if (previous !== null) return undefined
  // An id is made once: whatever others have done with the task since, it was stored by this write.
  return isInSameHands(seen, next) ? next : asSeen(next, seen)
}

function asSeen(
  next: TaskRecord,
  { status, attempt, workerId, queue, retryCount, version, tags }: SeenTask,
): TaskRecord {
  return { ...next, status: status as TaskStatus, attempt, workerId, queue, retryCount, version, tags }
}

function create(unit: UnitOfWork, creation: Creation): Written {
  const { next, marks, joins } = creation
  const holder = unit.holderOf(next)
  if (holder) return holder
  if (marks && !isAsMarked(unit, marks)) return null
  if (unit.see(next.taskId)) {
    return new TaskError('store_failed', { message: `There is already a task ${next.taskId}` })
  }
  if (next.locks.length > 0 && !isTerminal(next.status)) {
    const conflict = unit.lock(next, joins)
    if (conflict) return conflict
  }
  unit.add(creation)
  if (marks) unit.change(marks)
  return next
}

function isAsMarked(unit: UnitOfWork, marks: Transition): boolean {
  const seen = unit.see(marks.previous.taskId)
  return isAsBefore(seen, marks) && seen.retryCount === marks.previous.retryCount
}

function change(unit: UnitOfWork, transition: Transition): Written {
  if (!isAsBefore(unit.see(transition.previous.taskId), transition)) return null
  unit.change(transition)
  return transition.next
}
