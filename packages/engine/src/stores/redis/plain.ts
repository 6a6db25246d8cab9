import type { Creation, TaskRecord, Transition } from '../../core/record.ts'
import { isImplied } from '../attempts.ts'
import type { Write } from '../store.ts'
import { KeyChanges } from './key-changes.ts'
import type { KnownTask, TaskCache } from './known-tasks.ts'
import type { Proposal } from './lane.ts'
import type { UnitAnswer } from './propose.ts'
import { RollUps } from './roll-ups.ts'
import { saveChange, saveMessages, saveNew } from './save.ts'
import { isSameBody } from './task-fields.ts'

/**
 * Decides a batch of tasks that are new and compete with none, only begin, or have succeeded at once: most are such. Each that
 * is changed must be just what this process has stored last, which its stamp tells. Null when something is to be asked for, or
 * other things hang on it.
 */
export function proposePlainly(batch: readonly Write[], cache: TaskCache): Proposal<UnitAnswer> | null {
  const before = plainTasks(batch, cache)
  if (before === null) return null
  const changes = new KeyChanges()
  const rollUps = new RollUps()
  const tasks: KnownTask[] = []
  const answers: TaskRecord[] = []
  for (const [index, write] of batch.entries()) {
    const known = before[index] ?? null
    tasks.push(
      known === null || write.previous === null ? add(changes, rollUps, write) : change(changes, rollUps, known, write),
    )
    if (write.outbox) saveMessages(changes, write.outbox)
    answers.push(write.next)
  }
  rollUps.save(changes)
  return { changes, answer: { answers, tasks } }
}

/** The tasks as they are stored, null for new ones; null in all when one is not plain. */
function plainTasks(batch: readonly Write[], cache: TaskCache): readonly (KnownTask | null)[] | null {
  const taskIds = new Set<string>()
  const before: (KnownTask | null)[] = []
  for (const write of batch) {
    if (write.operation || write.audit) return null
    taskIds.add(write.next.taskId)
    const known = write.previous === null ? null : cache.get(write.previous.taskId)
    if (known === undefined) return null
    if (write.previous === null ? !isPlainlyNew(write) : !isPlainChange(write, known)) return null
    before.push(known)
  }
  return taskIds.size === batch.length ? before : null
}

/** Whether nothing but its id can be in the way of a new task. */
function isPlainlyNew({ next, attempt, marks }: Creation): boolean {
  return (
    !marks &&
    next.idempotencyKey === null &&
    next.schedule === null &&
    next.locks.length === 0 &&
    next.status !== 'failed' &&
    (attempt === null || isImplied(next, attempt))
  )
}

/** Whether nothing hangs on a change but the task itself, and its attempt needs no field of its own. */
function isPlainChange({ previous, next, attempt }: Transition, known: KnownTask | null): boolean {
  return (
    known !== null &&
    attempt !== null &&
    (previous.attempt === 0 || attempt.attempt === previous.attempt) &&
    isImplied(next, attempt) &&
    previous.idempotencyKey === null &&
    previous.locks.length === 0 &&
    next.locks.length === 0 &&
    previous.tags === next.tags &&
    next.retriesUsed === previous.retriesUsed &&
    (known.record === previous || isSame(known, previous))
  )
}

/** Member by member; whether it has a log is said elsewhere. */
function isSame({ record, isWhole }: KnownTask, task: TaskRecord): boolean {
  if (!isWhole || record.version !== task.version) return false
  for (const name in task) {
    const member = name as keyof TaskRecord
    if (record[member] !== task[member] && member !== 'hasLogs') return false
  }
  return true
}

function add(changes: KeyChanges, rollUps: RollUps, { next: record, attempt }: Write): KnownTask {
  const startedAt = attempt === null ? null : attempt.startedAt
  const task = { record, isWhole: true, stamp: 1, startedAt, errorGroup: null }
  saveNew(changes, rollUps, task)
  return task
}

function change(changes: KeyChanges, rollUps: RollUps, before: KnownTask, { next, attempt }: Write): KnownTask {
  const { record, stamp, errorGroup } = before
  const startedAt = attempt === null ? before.startedAt : attempt.startedAt
  const after = { record: next, isWhole: true, stamp: stamp + 1, startedAt, errorGroup }
  changes.stamp(next.taskId, stamp)
  saveChange(changes, rollUps, before, after, {
    body: !isSameBody(record, next),
    args: next.args === record.args ? undefined : next.args,
    result: next.result === record.result ? undefined : next.result,
    hasLogs: next.hasLogs && !record.hasLogs,
  })
  return after
}
