import type { AuditDraft } from './audit.ts'

/** A queue of which nothing is started. */
export interface PausedQueue {
  /** Its name. */
  readonly queue: string
  /** Since when, epoch milliseconds. */
  readonly since: number
  /** Who paused it, as he is shown. */
  readonly by: string
}

/** Which queues are paused, for all processes and over restarts. What runs already is not touched. */
export interface QueueControlStore {
  /** All that are paused, by name. */
  paused(): Promise<readonly PausedQueue[]>
  /** False, and nothing is changed, when it was paused already. What is to be kept of the deed is kept in either case. */
  pause(queue: PausedQueue, audit?: AuditDraft): Promise<boolean>
  /** False when it was not paused; the same for the deed. */
  resume(queue: string, audit?: AuditDraft): Promise<boolean>
}
