import type { TaskRecord } from '../../core/record.ts'
import type { AuditDraft } from '../audit.ts'
import { aboutOf, chainEntry, type AuditHead } from '../audit-chain.ts'
import type { ItemResult } from '../operations.ts'
import type { OutboxEntry } from '../outbox.ts'
import type { Write } from '../store.ts'
import type { Changes, ChangedRow, NewRow } from '../unit/index.ts'
import { encodeAuditHead } from './audit-fields.ts'
import { bare, type KeyChanges } from './key-changes.ts'
import type { KnownTask } from './known-tasks.ts'
import { slotField, type Loaded } from './load.ts'
import { encodeItem } from './operation-fields.ts'
import { encodeGrips, type Grip } from './register-fields.ts'
import { RollUps } from './roll-ups.ts'
import { attemptField, changesBody, encodeAttempt, encodeBody, encodeHead, encodeLine } from './task-fields.ts'
import { moveTask } from './task-places.ts'

/**
 * Puts what a unit of work came to into a commit, but for its lines of logs, its audit log and its failures. Gives the tasks
 * as they will be.
 */
export function saveUnit(changes: KeyChanges, unit: Changes, loaded: Loaded): readonly KnownTask[] {
  for (const guard of loaded.guards) changes.guard(guard)
  for (const [taskId, stamp] of loaded.stamps) changes.stamp(taskId, stamp)
  const rollUps = new RollUps()
  // A key that a task lets go may be taken by a new one of the same batch, never the other way round.
  const changed = unit.updates.flatMap((row) => updateTask(changes, rollUps, row, loaded.tasks.get(row.taskId)))
  const added = unit.inserts.map((row) => insertTask(changes, rollUps, row))
  rollUps.save(changes)
  for (const { taskId, attempt } of unit.attempts) {
    changes.put(bare.task(taskId), attemptField(attempt.attempt), encodeAttempt(attempt))
  }
  saveLocks(changes, unit, loaded.grips)
  saveMessages(changes, unit.outbox)
  for (const item of unit.settled) settleItem(changes, item)
  for (const { before, after } of unit.counts) {
    const retries = before && after ? after.retriesUsed - before.retriesUsed : 0
    if (after && retries > 0) changes.sum(bare.retryCounts(), JSON.stringify([after.funcName, after.queue]), retries)
  }
  return [...changed, ...added]
}

/** The lines of a write that is stored, behind those that came before it. */
export function saveLines(changes: KeyChanges, { previous, next, logs, ...others }: Write): void {
  if (previous !== null && logs.length > 0) changes.lines(next.taskId, logs.map(encodeLine))
  const marks = 'marks' in others ? others.marks : undefined
  if (marks && marks.logs.length > 0) changes.lines(marks.next.taskId, marks.logs.map(encodeLine))
}

function insertTask(changes: KeyChanges, rollUps: RollUps, { record, extras }: NewRow): KnownTask {
  const { taskId, schedule, slotAt } = record
  const task = { record, isWhole: true, stamp: 1, startedAt: extras.attemptStartedAt, errorGroup: extras.errorGroup }
  if (extras.heldKey !== null) changes.put(bare.heldKeys(), extras.heldKey, taskId)
  if (schedule !== null && slotAt !== null) changes.put(bare.slots(), slotField({ schedule, slotAt }), taskId)
  saveNew(changes, rollUps, task)
  return task
}

/** A task that is not there yet; the commit is stale when it is. */
export function saveNew(changes: KeyChanges, rollUps: RollUps, task: KnownTask): void {
  const { record, stamp, startedAt, errorGroup } = task
  const fields: (string | number)[] = ['s', stamp, 'h', encodeHead(record), 'b', encodeBody(record), 'a', record.args]
  if (record.result !== null) fields.push('r', record.result)
  if (startedAt !== null) fields.push('o', startedAt)
  if (errorGroup !== null) fields.push('g', errorGroup)
  if (record.hasLogs) fields.push('l', 1)
  changes.stamp(record.taskId, null)
  changes.task(record.taskId, fields)
  moveTask(changes, null, task)
  rollUps.move(null, record)
}

function updateTask(
  changes: KeyChanges,
  rollUps: RollUps,
  { taskId, set, extras }: ChangedRow,
  before: KnownTask | undefined,
): readonly KnownTask[] {
  if (before === undefined) return []
  const record: TaskRecord = { ...before.record, ...set }
  const { attemptStartedAt: startedAt = before.startedAt, errorGroup = before.errorGroup, heldKey } = extras
  const after = { record, isWhole: before.isWhole, stamp: before.stamp + 1, startedAt, errorGroup }
  if (record.attempt < before.record.attempt) changes.put(bare.task(taskId), attemptField(before.record.attempt), null)
  if (heldKey !== undefined && record.idempotencyKey !== null) {
    changes.put(bare.heldKeys(), record.idempotencyKey, heldKey === null ? null : taskId)
  }
  const { args, result, hasLogs } = set
  saveChange(changes, rollUps, before, after, { body: changesBody(set), args, result, hasLogs: hasLogs === true })
  return [after]
}

/** What is different of a task beside its head. */
export interface Difference {
  /** Whether anything is that the body tells. */
  readonly body: boolean
  /** Undefined when they are the same. */
  readonly args: string | undefined
  /** Undefined when it is the same. */
  readonly result: string | null | undefined
  /** Whether it has a log now. */
  readonly hasLogs: boolean
}

/** A task that is there; `after` has the next stamp. */
export function saveChange(
  changes: KeyChanges,
  rollUps: RollUps,
  before: KnownTask,
  after: KnownTask,
  { body, args, result, hasLogs }: Difference,
): void {
  const { record, stamp, startedAt, errorGroup } = after
  const fields: (string | number)[] = ['s', stamp, 'h', encodeHead(record)]
  const put = (field: string, value: string | number | null): void => {
    if (value === null) changes.put(bare.task(record.taskId), field, null)
    else fields.push(field, value)
  }
  if (body) put('b', encodeBody(record))
  if (args !== undefined) put('a', args)
  if (result !== undefined) put('r', result)
  if (startedAt !== before.startedAt) put('o', startedAt)
  if (errorGroup !== before.errorGroup) put('g', errorGroup)
  if (hasLogs) put('l', 1)
  changes.task(record.taskId, fields)
  moveTask(changes, before, after)
  rollUps.move(before.record, record)
}

/** A task with all that hangs on it; `grips` are those of its locks. */
export function removeTask(
  changes: KeyChanges,
  rollUps: RollUps,
  task: KnownTask,
  grips: ReadonlyMap<string, readonly Grip[]>,
): void {
  const { record } = task
  const { taskId, schedule, slotAt, idempotencyKey, status } = record
  changes.stamp(taskId, task.stamp)
  changes.delete(bare.task(taskId))
  changes.delete(bare.logs(taskId))
  // Of ended tasks those that have succeeded hold their key still.
  if (idempotencyKey !== null && status === 'success') changes.put(bare.heldKeys(), idempotencyKey, null)
  if (schedule !== null && slotAt !== null) changes.put(bare.slots(), slotField({ schedule, slotAt }), null)
  for (const key of record.locks) putGrips(changes, key, without(grips.get(key) ?? [], taskId))
  moveTask(changes, task, null)
  rollUps.remove(record)
}

function saveLocks(changes: KeyChanges, unit: Changes, grips: ReadonlyMap<string, readonly Grip[]>): void {
  if (unit.takenLocks.length === 0 && unit.releasedLocks.length === 0) return
  const released = new Set(unit.releasedLocks)
  for (const [key, held] of grips) {
    const taken = unit.takenLocks.filter((lock) => lock.key === key)
    const kept = held.filter(({ taskId }) => !released.has(taskId) && !taken.some((lock) => lock.taskId === taskId))
    if (taken.length > 0 || kept.length < held.length) putGrips(changes, key, [...kept, ...taken])
  }
}

function putGrips(changes: KeyChanges, key: string, grips: readonly Grip[]): void {
  changes.put(bare.locks(), key, grips.length === 0 ? null : encodeGrips(grips))
}

function without(grips: readonly Grip[], taskId: string): readonly Grip[] {
  return grips.filter((grip) => grip.taskId !== taskId)
}

/** Messages to others: they are new. */
export function saveMessages(changes: KeyChanges, entries: readonly OutboxEntry[]): void {
  for (const entry of entries) {
    changes.put(bare.outbox(), entry.id, JSON.stringify({ ...entry, attempts: 0 }))
    changes.rank(bare.outboxAges(), entry.id, entry.createdAt)
    changes.rank(bare.outboxDue(entry.recipient), entry.id, entry.createdAt)
  }
}

/** Stores what became of a task that was waiting in an operation. */
export function settleItem(changes: KeyChanges, item: ItemResult): void {
  const { operationId, taskId, outcome } = item
  changes.put(bare.items(operationId), taskId, encodeItem(item))
  changes.rank(bare.itemsBy(operationId, 'waiting'), taskId, null)
  changes.rank(bare.itemsBy(operationId, outcome), taskId, 0)
  changes.sum(bare.operation(operationId), outcome, 1)
}

/** Adds entries to the audit log behind the head, which must be the same still. */
export function saveAudit(
  changes: KeyChanges,
  drafts: readonly AuditDraft[],
  head: AuditHead,
  headText: string | null,
) {
  if (drafts.length === 0) return []
  changes.guard({ key: bare.auditHead(), field: null, expected: headText })
  let last = head
  const entries = drafts.map((draft) => {
    const entry = chainEntry(last, draft)
    last = { entries: entry.seq, hash: entry.hash }
    const seq = String(entry.seq)
    changes.put(bare.audit(), seq, JSON.stringify(entry))
    for (const field of ['actor', 'action', 'outcome'] as const) {
      changes.rank(bare.auditBy(field, entry[field]), seq, entry.seq)
    }
    for (const about of aboutOf(entry)) changes.rank(bare.auditBy('about', about), seq, entry.seq)
    return entry
  })
  changes.text(bare.auditHead(), encodeAuditHead(last))
  return entries
}
