import { taskSummary } from '@taskloom/protocol'
import type { Clock } from '../core/clock.ts'
import { IdSource } from '../core/ids.ts'
import { momentsOf, type DurableObserver, type Undelivered } from '../observe/durable-observer.ts'
import type { EventHub } from '../observe/events.ts'
import type { OutboxEntry } from '../stores/outbox.ts'
import type { Store, Write } from '../stores/store.ts'
import { summaryOf } from '../stores/summary.ts'
import { fillRandom } from './chance.ts'
import { Courier } from './courier.ts'

const maxBodyLength = 65_536
const keptMs = 7 * 86_400_000
const sweepMs = 3_600_000
const sweepPortion = 500
const closeWithinMs = 1_000

export interface OutboxParts {
  readonly store: Store
  readonly clock: Clock
  readonly events: EventHub
}

/** Puts what durable observers want to hear beside the change of the task, and sees to it that it arrives. */
export class Outbox {
  readonly #couriers: readonly Courier[]
  readonly #ids = new IdSource(fillRandom)
  #isOpen = false
  #callOff: (() => void) | null = null

  constructor(
    private readonly parts: OutboxParts,
    private readonly observers: readonly DurableObserver[],
  ) {
    this.#couriers = observers.map((observer) => new Courier(parts, observer))
  }

  /** The same write, with its messages. */
  stamp<W extends Write>(write: W): W {
    const entries: OutboxEntry[] = []
    for (const event of momentsOf(write.next, write.previous)) {
      for (const { name, wants } of this.observers)
        if (wants.includes(event)) entries.push(this.#entry(write, event, name))
    }
    return entries.length === 0 ? write : { ...write, outbox: entries }
  }

  /** Something was stored. */
  wake(): void {
    for (const courier of this.#couriers) courier.wake()
  }

  open(): void {
    this.#isOpen = true
    for (const courier of this.#couriers) courier.open()
    void this.#sweep()
  }

  /** Lets what is on its way arrive, for a second; what has not, waits for the next start. */
  async close(): Promise<void> {
    this.#isOpen = false
    this.#callOff?.()
    await Promise.all(this.#couriers.map((courier) => courier.close(closeWithinMs)))
  }

  async undelivered(): Promise<readonly Undelivered[]> {
    const { outbox } = this.parts.store
    return Promise.all(this.observers.map(async ({ name }) => ({ name, ...(await outbox.count(name)) })))
  }

  #entry({ next }: Write, event: string, recipient: string): OutboxEntry {
    const createdAt = this.parts.clock.now()
    const id = this.#ids.next(createdAt)
    const { taskId } = next
    const at = new Date(createdAt).toISOString()
    const task = taskSummary.encode(summaryOf(next)) as object
    const whole = JSON.stringify({ id, event, at, task })
    const cut = { ...task, tags: {}, progress: null, truncated: true }
    const body = whole.length <= maxBodyLength ? whole : JSON.stringify({ id, event, at, task: cut })
    return { id, recipient, event, taskId, createdAt, body }
  }

  async #sweep(): Promise<void> {
    const { store, clock, events } = this.parts
    try {
      const before = clock.now() - keptMs
      while (this.#isOpen && (await store.outbox.purge(before, sweepPortion)) === sweepPortion) await breathe()
    } catch (error) {
      // A store that was closed under it is no fault.
      if (this.#isOpen) events.fault('deleting old messages', error)
    }
    if (this.#isOpen) this.#callOff = clock.after(sweepMs, () => void this.#sweep())
  }
}

/** Lets the host breathe between two portions. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
