import type { Database } from './driver/port.ts'
import { ConflictError, type LockConflict } from '../../core/errors.ts'
import type { TaskRecord } from '../../core/record.ts'
import type { HeldLock, LockStore } from '../store.ts'

/** Locks of tasks that wait or run: one that was left behind, however that came about, holds nobody up. */
const held = `SELECT locks.key, locks.task_id AS taskId, tasks.func_name AS funcName, tasks.status,
     tasks.user_label AS user, locks.since, locks.owner
   FROM locks CROSS JOIN tasks ON tasks.id = locks.task_id AND tasks.status IN ('pending', 'running')`
const inOrder = 'ORDER BY locks.key, locks.since, locks.task_id'

/** Who holds what. Taking and letting go happen inside a transaction that is already open. */
export class SqliteLocks implements LockStore {
  readonly #ownerOf
  readonly #heldOf
  readonly #insert
  readonly #release
  readonly #list

  constructor(db: Database) {
    this.#ownerOf = db
      .prepare<unknown[], string>(
        `SELECT locks.owner FROM locks CROSS JOIN tasks ON tasks.id = locks.task_id
         WHERE locks.task_id = ? AND tasks.status IN ('pending', 'running') LIMIT 1`,
      )
      .pluck()
    this.#heldOf = db.prepare<unknown[], HeldLock>(
      `${held} WHERE locks.key IN (SELECT value FROM json_each(?)) ${inOrder}`,
    )
    this.#insert = db.prepare('INSERT OR REPLACE INTO locks VALUES (?, ?, ?, ?)')
    this.#release = db.prepare('DELETE FROM locks WHERE task_id = ?')
    this.#list = db.prepare<unknown[], HeldLock>(`${held} ${inOrder} LIMIT ?`)
  }

  /** Takes all locks of a new task, or none: then it says who has them. */
  take({ taskId, locks, createdAt }: TaskRecord, joins: string | undefined): ConflictError | null {
    const owner = (joins === undefined ? undefined : this.#ownerOf.get(joins)) ?? taskId
    const since = new Map<string, number>()
    const conflicts = new Map<string, LockConflict>()
    for (const { owner: holder, ...lock } of this.#heldOf.all(JSON.stringify(locks))) {
      if (holder !== owner && !conflicts.has(lock.key)) conflicts.set(lock.key, lock)
      if (!since.has(lock.key)) since.set(lock.key, lock.since)
    }
    if (conflicts.size > 0) return new ConflictError([...conflicts.values()])
    for (const key of locks) this.#insert.run(key, taskId, owner, since.get(key) ?? createdAt)
    return null
  }

  release(taskId: string): void {
    this.#release.run(taskId)
  }

  async list(limit: number): Promise<readonly HeldLock[]> {
    return this.#list.all(limit)
  }
}
