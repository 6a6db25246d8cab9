import type { TaskRecord } from '../../core/record.ts'
import { bare, type Path } from './key-changes.ts'

/** Tasks that stand in the same sets in order of ids: there are few kinds, and each is asked for with each write. */
export interface TaskKind {
  readonly funcName: string
  readonly queue: string
  readonly source: string
  readonly status: string
  /** Whether they wait for nothing but their turn, and none of them is more urgent than another. */
  readonly isReady: boolean
  /** The sets that they are in. */
  readonly sets: readonly string[]
  /** The set of those that wait for their turn. */
  readonly ready: string
  /** The set of those that wait for an instant. */
  readonly delayed: string
  /** The set of those that have ended. */
  readonly ended: string
  /** Where tasks go that become of another kind; null for those that are deleted. */
  readonly paths: Map<TaskKind | null, Path>
}

const mostKinds = 1_000
const kinds = new Map<string, TaskKind>()
/** From nowhere to each kind. */
const births = new WeakMap<TaskKind, Path>()
/** The last kind that was asked for of those with the same status: comparing is cheaper than building names. */
const recent = new Map<string, TaskKind>()

/** The kind of a task; the same object for the same kind, mostly. */
export function kindOf(task: TaskRecord): TaskKind {
  const isReady = task.status === 'pending' && task.runAt === null && !task.priority
  const last = recent.get(task.status)
  if (last && last.isReady === isReady && isSame(last, task)) return last
  const { funcName, queue, source, status } = task
  const name = JSON.stringify([funcName, queue, source, status, isReady])
  const kind = kinds.get(name) ?? createKind(task, isReady)
  if (kinds.size >= mostKinds) kinds.clear()
  kinds.set(name, kind)
  recent.set(status, kind)
  return kind
}

/** From the sets of one kind to those of another; null for tasks that were not, or are not, there. */
export function pathBetween(from: TaskKind | null, to: TaskKind | null): Path {
  const known = from === null ? to && births.get(to) : from.paths.get(to)
  if (known) return known
  const [left, entered] = [from?.sets ?? [], to?.sets ?? []]
  const path = {
    into: entered.filter((key) => !left.includes(key)),
    outOf: left.filter((key) => !entered.includes(key)),
  }
  if (from === null) {
    if (to !== null) births.set(to, path)
    return path
  }
  if (from.paths.size >= mostKinds) from.paths.clear()
  from.paths.set(to, path)
  return path
}

function isSame(kind: TaskKind, { funcName, queue, source }: TaskRecord): boolean {
  return kind.funcName === funcName && kind.queue === queue && kind.source === source
}

function createKind(task: TaskRecord, isReady: boolean): TaskKind {
  const { funcName, queue, source, status } = task
  const ready = bare.ready(funcName, queue)
  const sets = [bare.ids(), bare.status(status), bare.cell(task)]
  return {
    ...{ funcName, queue, source, status, isReady, ready },
    sets: isReady ? [...sets, ready] : sets,
    delayed: bare.delayed(funcName, queue),
    ended: bare.ended(queue),
    paths: new Map(),
  }
}
