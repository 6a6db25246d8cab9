import { isTerminal } from '@taskloom/protocol'
import type { TaskRecord } from '../../core/record.ts'
import { bare, type KeyChanges } from './key-changes.ts'
import { kindOf, pathBetween, type TaskKind } from './task-kinds.ts'

/** A task with the kind of its failure, null unless it has failed. */
export interface PlacedTask {
  readonly record: TaskRecord
  readonly errorGroup: string | null
}

/**
 * Moves a task from the sorted sets that it was in to those that it belongs to; null where it was not, or is not, there.
 * What has not changed is not touched: most of what a task is in it stays in.
 */
export function moveTask(changes: KeyChanges, before: PlacedTask | null, after: PlacedTask | null): void {
  const [from, to] = [before?.record ?? null, after?.record ?? null]
  const taskId = (to ?? from)?.taskId ?? ''
  const [left, entered] = [from && kindOf(from), to && kindOf(to)]
  if (left !== entered) changes.move(pathBetween(left, entered), taskId)
  const mover = new Mover(changes, taskId)
  moveByTurn(mover, from, left, to, entered)
  moveByNumbers(mover, from, left, to, entered)
  if (from?.tags !== to?.tags) moveByTags(mover, from?.tags ?? {}, to?.tags ?? {})
  mover.move(groupKey(before), 0, groupKey(after), 0)
  if (from !== null && to !== null) return
  mover.move(scheduleKey(from), 0, scheduleKey(to), 0)
  mover.move(originKey(from), 0, originKey(to), 0)
}

/** Says of one task where it goes. */
class Mover {
  constructor(
    private readonly changes: KeyChanges,
    private readonly taskId: string,
  ) {}

  /** From one set to another, or to another place of the same; null for none. */
  move(from: string | null, fromScore: number, to: string | null, toScore: number): void {
    if (from === to && fromScore === toScore) return
    if (to !== null) this.changes.rank(to, this.taskId, toScore)
    if (from !== null && from !== to) this.changes.rank(from, this.taskId, null)
  }

  /** In order of a number; null where it is not in it. */
  number(key: string, from: number | null, to: number | null): void {
    if (from !== to) this.changes.rank(key, this.taskId, to)
  }
}

/** Waiting tasks that are not of a kind that stands in order of ids. */
function moveByTurn(
  mover: Mover,
  from: TaskRecord | null,
  left: TaskKind | null,
  to: TaskRecord | null,
  entered: TaskKind | null,
): void {
  const turn = (task: TaskRecord | null, kind: TaskKind | null): string | null =>
    task?.status !== 'pending' || !kind || kind.isReady ? null : task.runAt === null ? kind.ready : kind.delayed
  const [fromKey, toKey] = [turn(from, left), turn(to, entered)]
  // It stays in this set, which its path has put it into.
  if (fromKey !== null && toKey === null && entered?.isReady === true && fromKey === entered.ready) return
  mover.move(fromKey, turnScore(from), toKey, turnScore(to))
}

function moveByNumbers(
  mover: Mover,
  from: TaskRecord | null,
  left: TaskKind | null,
  to: TaskRecord | null,
  entered: TaskKind | null,
): void {
  const [leftEnded, enteredEnded] = [ended(from, left), ended(to, entered)]
  mover.move(leftEnded, from?.endTime ?? 0, enteredEnded, to?.endTime ?? 0)
  mover.number(unmeasured, unmeasuredScore(from), unmeasuredScore(to))
  mover.number(byStart, from?.startTime ?? null, to?.startTime ?? null)
  mover.number(byDuration, from?.durationMs ?? null, to?.durationMs ?? null)
  // Most have 0, and are not in it.
  mover.number(byPriority, from?.priority || null, to?.priority || null)
  mover.number(byRetries, from?.retriesUsed || null, to?.retriesUsed || null)
}

const unmeasured = bare.unmeasured()
const byStart = bare.by('start')
const byDuration = bare.by('duration')
const byPriority = bare.by('priority')
const byRetries = bare.by('retries')

function moveByTags(mover: Mover, from: TaskRecord['tags'], to: TaskRecord['tags']): void {
  for (const key in from) if (from[key] !== to[key]) mover.move(bare.tag(key, from[key] ?? ''), 0, null, 0)
  for (const key in to) if (from[key] !== to[key]) mover.move(null, 0, bare.tag(key, to[key] ?? ''), 0)
}

function turnScore(task: TaskRecord | null): number {
  return task === null ? 0 : (task.runAt ?? 0 - (task.priority ?? 0))
}

function ended(task: TaskRecord | null, kind: TaskKind | null): string | null {
  return task === null || kind === null || task.endTime === null ? null : kind.ended
}

function unmeasuredScore(task: TaskRecord | null): number | null {
  if (task === null || !isTerminal(task.status)) return null
  return task.startTime === null || task.endTime === null || task.durationMs === null ? 0 : null
}

function groupKey(task: PlacedTask | null): string | null {
  return task === null || task.errorGroup === null ? null : bare.errorGroup(task.errorGroup)
}

function scheduleKey(task: TaskRecord | null): string | null {
  return task === null || task.schedule === null ? null : bare.scheduled(task.schedule)
}

function originKey(task: TaskRecord | null): string | null {
  return task === null || task.retriedFrom === null ? null : bare.retriesOf(task.retriedFrom)
}
