import { IdSource } from '../../core/ids.ts'
import type { TaskRecord } from '../../core/record.ts'
import { fillRandom } from '../../run/chance.ts'
import type { OutboxEntry } from '../../stores/outbox.ts'
import type { Write } from '../../stores/store.ts'
import type { QueueHost } from '../queue.ts'

/** Who gets the messages. */
export const recipient = 'taskloom:bullmq'
const lookEveryMs = 5_000
/** Whoever stored the message adds the job at once: it is given so long. */
const headStartMs = 5_000
/** Whoever took a message may die: others may take it after so long. */
const leaseMs = 15_000
const portion = 200

/**
 * What keeps a new task from being forgotten between the store and BullMQ: a message beside it, which goes when its job is
 * there. Messages that stay, because a process died or BullMQ was away, are taken up by any process.
 */
export class Relay {
  readonly #ids = new IdSource(fillRandom)
  readonly #messages = new WeakMap<TaskRecord, string>()
  #callOff: () => void = () => undefined
  #isOpen = false

  constructor(
    private readonly host: QueueHost,
    /** Makes the jobs of these tasks agree with them. */
    private readonly mend: (taskIds: readonly string[]) => Promise<unknown>,
  ) {}

  /** The messages of a write; none for one that is no new task. */
  messages({ previous, next }: Write): readonly OutboxEntry[] {
    if (previous !== null || next.status !== 'pending') return []
    const createdAt = this.host.clock.now()
    const id = this.#ids.next(createdAt)
    this.#messages.set(next, id)
    return [{ id, recipient, event: 'create', taskId: next.taskId, createdAt, body: '' }]
  }

  /** The message of a task that was just stored; null for another. */
  messageOf(record: TaskRecord): string | null {
    return this.#messages.get(record) ?? null
  }

  open(): void {
    this.#isOpen = true
    void this.#look()
  }

  close(): void {
    this.#isOpen = false
    this.#callOff()
  }

  async #look(): Promise<void> {
    const { store, clock, announcer } = this.host
    try {
      for (let isMore = true; isMore && this.#isOpen;) {
        const now = clock.now()
        const messages = await store.outbox.take({
          recipient,
          now: now - headStartMs,
          until: now + leaseMs,
          limit: portion,
        })
        await this.mend(messages.map(({ taskId }) => taskId))
        await store.outbox.delivered(messages.map(({ id }) => id))
        isMore = messages.length === portion
      }
    } catch (error) {
      if (this.#isOpen) announcer.events.fault('bringing tasks to BullMQ', error)
    }
    if (this.#isOpen) this.#callOff = clock.after(lookEveryMs, () => void this.#look())
  }
}
