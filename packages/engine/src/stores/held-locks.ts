import type { LockConflict } from '../core/errors.ts'

/** A lock and a task that holds it. */
export interface HeldLock extends LockConflict {
  /** The task that took it first: its descendants hold it, too, and it is free when the last of them has ended. */
  readonly owner: string
}

/** Locks are taken and let go by `TaskStore.write` alone. One whose task does not wait or run any more holds nobody up. */
export interface LockStore {
  /** What is held by tasks that wait or run, by key and then by age; at most `limit`. */
  list(limit: number): Promise<readonly HeldLock[]>
}
