import { TaskError } from '../core/errors.ts'
import type { Transition } from '../core/record.ts'
import type { TaskStore, Write, Written } from '../stores/store.ts'

/** Writes that one batch brings to the store at most. */
const maxBatch = 500
/** When so many new tasks of a batch can start at once, those that could only wait are left to the next one. */
const enoughStarts = 32

/** Hears once what became of its write; must not throw. */
export type WriteListener = (written: Written) => void

/** A task that is about to be stored. Whether it is stored as running is decided when its batch is formed. */
export interface Arrival {
  /** Takes a slot if the task may start at once. */
  claim(): boolean
  /** What to write: a task that runs if {@link claim} said so, or else one that waits. */
  form(): Write
  settle(written: Written): void
}

interface Save {
  readonly transition: Transition
  readonly listener: WriteListener
}

interface Entry {
  readonly write: Write
  settle(written: Written): void
}

/**
 * All changes of tasks on their way to the store: what was asked for in one turn of the event loop goes there as one
 * batch, and while it is being written, the next one gathers. Ends and starts of tasks go before new tasks, so that a
 * flood of those cannot hold up what runs; a new task is decided upon last, when the slots of ended tasks are free
 * again, because one that can start at once costs one write instead of two.
 */
export class WriteQueue {
  #saves: Save[] = []
  readonly #arrivals = new Fifo<Arrival>()
  #isScheduled = false
  #unsettled = 0

  /** The store's verbs are asked for with each batch: they are there only while the store is open. */
  constructor(private readonly store: { readonly tasks: TaskStore }) {}

  /** New tasks of which it is not known yet whether they are stored. */
  get arriving(): number {
    return this.#unsettled
  }

  arrive(arrival: Arrival): void {
    this.#unsettled += 1
    this.#arrivals.push(arrival)
    this.#schedule()
  }

  save(transition: Transition, listener: WriteListener): void {
    this.#saves.push({ transition, listener })
    this.#schedule()
  }

  /** The same as a promise: false when somebody else changed the task. Rejects with what the store refused it for. */
  saved(transition: Transition): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.save(transition, (written) => (written instanceof TaskError ? reject(written) : resolve(written !== null)))
    })
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => void this.#flush())
  }

  async #flush(): Promise<void> {
    const entries = this.#form()
    const written = await this.#write(entries.map(({ write }) => write))
    this.#isScheduled = false
    entries.forEach((entry, index) => entry.settle(written[index] ?? null))
    if (this.#saves.length + this.#arrivals.size > 0) this.#schedule()
  }

  #form(): readonly Entry[] {
    const entries: Entry[] = this.#saves.map(({ transition, listener }) => ({ write: transition, settle: listener }))
    this.#saves = []
    for (let starts = 0, count = 0; count < maxBatch; count += 1) {
      const arrival = this.#arrivals.peek()
      if (!arrival) break
      if (arrival.claim()) starts += 1
      else if (starts >= enoughStarts) break
      this.#arrivals.shift()
      entries.push({ write: arrival.form(), settle: (written) => this.#settle(arrival, written) })
    }
    return entries
  }

  #settle(arrival: Arrival, written: Written): void {
    this.#unsettled -= 1
    arrival.settle(written)
  }

  async #write(batch: readonly Write[]): Promise<readonly Written[]> {
    try {
      return await this.store.tasks.write(batch)
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : 'unknown reason'
      const refused = new TaskError('store_failed', { message: `The store failed: ${message}` }, { cause })
      return batch.map(() => refused)
    }
  }
}

/** First in, first out, without moving what waits. */
class Fifo<T> {
  #items: T[] = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  peek(): T | undefined {
    return this.#items[this.#head]
  }

  shift(): void {
    this.#head += 1
    if (this.#head < 1_024 || this.#head * 2 < this.#items.length) return
    this.#items = this.#items.slice(this.#head)
    this.#head = 0
  }
}
