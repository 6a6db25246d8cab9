import { isTerminal } from '@taskloom/protocol'
import { ConflictError } from '../../core/errors.ts'
import type { TaskRecord } from '../../core/record.ts'
import type { HeldLock, LockStore } from '../store.ts'

interface Grip {
  readonly taskId: string
  readonly owner: string
  readonly since: number
}

/** Who holds what. */
export class MemoryLocks implements LockStore {
  readonly #grips = new Map<string, Grip[]>()

  constructor(private readonly kept: ReadonlyMap<string, { readonly record: TaskRecord }>) {}

  /** Takes all locks of a new task, or none: then it says who has them. */
  take(record: TaskRecord, joins: string | undefined): ConflictError | null {
    const { taskId, locks } = record
    const owner = this.#ownerOf(joins) ?? taskId
    const held = locks.map((key) => this.#held(key))
    const conflicts = held.flatMap((grips) => grips.filter((grip) => grip.owner !== owner).slice(0, 1))
    if (conflicts.length > 0) return new ConflictError(conflicts.sort(byKeyAndAge).map(({ owner: _, ...lock }) => lock))
    for (const [index, key] of locks.entries()) {
      const since = held[index]?.[0]?.since ?? record.createdAt
      this.#grips.set(key, [...(this.#grips.get(key) ?? []), { taskId, owner, since }])
    }
    return null
  }

  release({ taskId, locks }: TaskRecord): void {
    for (const key of locks) {
      const rest = this.#grips.get(key)?.filter((grip) => grip.taskId !== taskId) ?? []
      if (rest.length > 0) this.#grips.set(key, rest)
      else this.#grips.delete(key)
    }
  }

  async list(limit: number): Promise<readonly HeldLock[]> {
    return [...this.#grips.keys()]
      .flatMap((key) => this.#held(key))
      .sort(byKeyAndAge)
      .slice(0, limit)
  }

  #held(key: string): HeldLock[] {
    const held = (this.#grips.get(key) ?? []).flatMap(({ taskId, owner, since }) => {
      const record = this.kept.get(taskId)?.record
      if (!record || isTerminal(record.status)) return []
      const { funcName, status, userLabel: user } = record
      return [{ key, taskId, funcName, status, user, since, owner }]
    })
    return held.sort(byKeyAndAge)
  }

  #ownerOf(taskId: string | undefined): string | undefined {
    const record = taskId === undefined ? undefined : this.kept.get(taskId)?.record
    if (!record || isTerminal(record.status)) return undefined
    for (const key of record.locks) {
      const own = this.#grips.get(key)?.find((grip) => grip.taskId === taskId)
      if (own) return own.owner
    }
    return undefined
  }
}

function byKeyAndAge(a: HeldLock, b: HeldLock): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1
  return a.since - b.since || (a.taskId < b.taskId ? -1 : 1)
}
