import type { AuditDraft } from '../audit.ts'
import type { MemoryAudit } from './audit.ts'
import { compareValues } from '../order.ts'
import type { PausedQueue, QueueControlStore } from '../queue-controls.ts'

/** The reference for what the verbs mean; forgotten with the process. */
export class MemoryQueueControls implements QueueControlStore {
  readonly #paused = new Map<string, PausedQueue>()

  constructor(private readonly audit: MemoryAudit) {}

  async paused(): Promise<readonly PausedQueue[]> {
    return [...this.#paused.values()].sort((a, b) => compareValues(a.queue, b.queue))
  }

  async pause(queue: PausedQueue, audit?: AuditDraft): Promise<boolean> {
    if (audit) this.audit.record(audit)
    if (this.#paused.has(queue.queue)) return false
    this.#paused.set(queue.queue, queue)
    return true
  }

  async resume(queue: string, audit?: AuditDraft): Promise<boolean> {
    if (audit) this.audit.record(audit)
    return this.#paused.delete(queue)
  }
}
