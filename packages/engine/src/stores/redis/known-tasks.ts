import { isTerminal } from '@taskloom/protocol'
import type { TaskRecord } from '../../core/record.ts'
import type { SeenTask } from '../unit/index.ts'
import type { Reply } from './connection.ts'
import { decodeRecord } from './task-fields.ts'

/** A task as it is stored, as far as decisions and indexes need it. */
export interface KnownTask {
  /** Its arguments and its result are missing unless `isWhole` says that they are there. */
  readonly record: TaskRecord
  readonly isWhole: boolean
  /** See `TaskFields`. */
  readonly stamp: number
  /** When the attempt began that the task itself tells of; null when it tells of none. */
  readonly startedAt: number | null
  /** The kind of its failure; null unless it has failed. */
  readonly errorGroup: string | null
}

/** What a known task is read from, in the order that {@link knownTaskFrom} takes it. */
export const knownFields = ['s', 'h', 'l', 'b', 'o', 'g'] as const
/** What a task is read from of which everything must be known. */
export const wholeFields = [...knownFields, 'a', 'r'] as const

/** A task from {@link knownFields} or {@link wholeFields}; undefined when it is not there. */
export function knownTaskFrom(fields: readonly Reply[]): KnownTask | undefined {
  const [stamp, head, hasLogs, body, startedAt, errorGroup, args, result] = fields as readonly (string | null)[]
  if (!stamp || !head || !body) return undefined
  return {
    record: decodeRecord(head, hasLogs ?? null, body, args ?? '', result ?? null),
    isWhole: args != null,
    stamp: Number(stamp),
    startedAt: startedAt == null ? null : Number(startedAt),
    errorGroup: errorGroup ?? null,
  }
}

/** What a unit of work sees of a task. How long its log is says Redis when it is added to. */
export function seenFrom({ record, startedAt }: KnownTask): SeenTask {
  const { taskId, status, attempt, workerId, queue, retryCount, version, tags } = record
  return {
    taskId,
    status,
    attempt,
    workerId,
    queue,
    retryCount,
    version,
    tags,
    attemptStartedAt: startedAt,
    logLines: 0,
  }
}

/** Tasks that live on which this process has just read or written: most are changed next by whoever did that. */
export class TaskCache {
  readonly #tasks = new Map<string, KnownTask>()

  constructor(private readonly most = 20_000) {}

  get(taskId: string): KnownTask | undefined {
    return this.#tasks.get(taskId)
  }

  keep(task: KnownTask): void {
    const { taskId, status } = task.record
    this.#tasks.delete(taskId)
    if (isTerminal(status)) return
    this.#tasks.set(taskId, task)
    if (this.#tasks.size <= this.most) return
    for (const oldest of this.#tasks.keys()) {
      this.#tasks.delete(oldest)
      return
    }
  }

  forget(taskId: string): void {
    this.#tasks.delete(taskId)
  }
}
