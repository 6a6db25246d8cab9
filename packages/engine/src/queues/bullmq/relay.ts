import { anyTask, type TaskFilter } from '@taskloom/protocol'
import { IdSource } from '../../core/ids.ts'
import type { TaskRecord } from '../../core/record.ts'
import { fillRandom } from '../../run/chance.ts'
import type { OutboxEntry, OutboxMessage } from '../../stores/outbox.ts'
import type { Write } from '../../stores/store.ts'
import type { QueueHost } from '../queue.ts'
import { Spell, spanOf, type Cover, type Span } from './spell.ts'

/** Who gets the messages. */
export const recipient = 'taskloom:bullmq'
const lookEveryMs = 5_000
/** Whoever stored the message adds the job at once: it is given so long. */
const headStartMs = 5_000
/** Whoever took a message may die: others may take it after so long. */
const leaseMs = 15_000
const portion = 200
const filter: TaskFilter = { ...anyTask, statuses: ['pending'] }

/**
 * What keeps new tasks from being forgotten between the store and BullMQ: a message beside a task, which covers others while a
 * process stores many, and goes when all their jobs are there. Messages that stay, because a process died or BullMQ was away, are
 * taken up by any process. A process of an earlier version brings only the task that a message names; the sweep finds the others.
 */
export class Relay {
  readonly #ids = new IdSource(fillRandom)
  readonly #spell: Spell
  #callOff: () => void = () => undefined
  #isOpen = false

  constructor(
    private readonly host: QueueHost,
    /** Makes the jobs of these tasks agree with them. */
    private readonly mend: (taskIds: readonly string[]) => Promise<unknown>,
  ) {
    this.#spell = new Spell(host.store.supports.hostTransactions === true)
  }

  /** The messages of a write; none for one that is no new task, or that is covered. */
  messages(write: Write): readonly OutboxEntry[] {
    const { previous, next } = write
    if (previous !== null || next.status !== 'pending') return []
    const createdAt = this.host.clock.now()
    if (this.#spell.enter(write, createdAt)) return []
    const id = this.#ids.next(createdAt)
    const body = this.#spell.begin(id, write, createdAt)
    return [{ id, recipient, event: 'create', taskId: next.taskId, createdAt, body }]
  }

  /** What covers a task that was just stored; null for one that is not new. */
  coverOf(record: TaskRecord): Cover | null {
    return this.#spell.stored(record)
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
    const { clock, announcer } = this.host
    try {
      for (let isMore = true; isMore && this.#isOpen;) isMore = await this.#takeUp()
    } catch (error) {
      if (this.#isOpen) announcer.events.fault('bringing tasks to BullMQ', error)
    }
    if (this.#isOpen) this.#callOff = clock.after(lookEveryMs, () => void this.#look())
  }

  /** Whether there may be more. */
  async #takeUp(): Promise<boolean> {
    const { store, clock } = this.host
    const now = clock.now()
    const until = now + leaseMs
    const messages = await store.outbox.take({ recipient, now: now - headStartMs, until, limit: portion })
    const single = messages.filter((message) => spanOf(message) === null)
    await this.mend(single.map(({ taskId }) => taskId))
    await this.#forget(single)
    const areAllDone = await this.#uncover(
      messages.filter((message) => !single.includes(message)),
      until,
    )
    return !areAllDone || messages.length === portion
  }

  /** Brings what these messages cover. False when there was no time for all: others may have taken up the rest by now. */
  async #uncover(messages: readonly OutboxMessage[], until: number): Promise<boolean> {
    // Messages of one spell cover much of the same.
    let mendedTo = ''
    for (const message of messages.toSorted((one, other) => (one.taskId < other.taskId ? -1 : 1))) {
      const span = spanOf(message)
      if (span !== null && span.until > mendedTo) {
        if (mendedTo !== '' && this.host.clock.now() >= until) return false
        await this.#mendAll({ ...span, after: span.after > mendedTo ? span.after : mendedTo })
        mendedTo = span.until
      }
      if (!this.#isOpen) return true
      await this.#forget([message])
    }
    return true
  }

  async #mendAll({ after, until }: Span): Promise<void> {
    for (let from: string | null = after; from !== null && this.#isOpen;) {
      const { taskIds, next } = await this.host.store.views.ids({ filter, after: from, until, limit: portion })
      await this.mend(taskIds)
      from = next
    }
  }

  async #forget(messages: readonly OutboxMessage[]): Promise<void> {
    if (messages.length > 0)
      await this.host.store.outbox.delivered(
        messages.map(({ id }) => id),
        recipient,
      )
  }
}
