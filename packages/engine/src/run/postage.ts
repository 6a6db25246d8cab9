import type { Dispatcher } from '../queues/queue.ts'
import type { Write } from '../stores/store.ts'
import type { Outbox } from './outbox.ts'
import type { Stamp } from './write-queue.ts'

/** Puts all messages beside a write: those for durable observers, and those that a queue must not miss. */
export class Postage implements Stamp {
  queue: Pick<Dispatcher, 'messages'> | null = null

  constructor(private readonly outbox: Outbox | null) {}

  stamp<W extends Write>(write: W): W {
    const stamped = this.outbox === null ? write : this.outbox.stamp(write)
    const messages = this.queue?.messages?.(write) ?? []
    return messages.length === 0 ? stamped : { ...stamped, outbox: [...(stamped.outbox ?? []), ...messages] }
  }

  wake(): void {
    this.outbox?.wake()
  }
}
