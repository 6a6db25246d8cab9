import { AsyncResource } from 'node:async_hooks'
import { TaskError } from '../core/errors.ts'
import type { Transition } from '../core/record.ts'
import type { Beside, NewTaskWrite, TaskStore, Write, Written } from '../stores/store.ts'

/** Writes that one batch brings to the store at most. */
const maxBatch = 500
/** When so many tasks start with a batch, new ones that could only wait are left to the next one: they may start then. */
const enoughStarts = 32

/** The context of nobody's request. */
const outside = new AsyncResource('taskloom')

/** What adds messages to writes, and wants to know when they are stored. */
export interface Stamp {
  stamp<W extends Write>(write: W): W
  wake(): void
}

/** A change of a task, with what is stored beside it. */
export type Change = Transition & Beside

/** A write on its way, formed when its batch is. */
export interface Pending {
  form(): Write
  /** Hears once what became of it. */
  settle(written: Written): void
}

/** A task that is about to be stored. Whether it is stored as running is decided when its batch is formed. */
export interface Arrival extends Pending {
  form(): NewTaskWrite
  /** Takes a slot if the task may start at once; the one that is formed then is running. */
  claim(): boolean
}

/**
 * All changes of tasks on their way to the store: what was asked for in one turn of the event loop goes there as one
 * batch, and while it is being written, the next one gathers. Ends and starts of tasks go before new tasks, so that a
 * flood of those cannot hold up what runs; a new task is decided upon last, when the slots of ended tasks are free
 * again, because one that can start at once costs one write instead of two.
 */
export class WriteQueue {
  #saves: Pending[] = []
  /** Starts of tasks that waited: written together, behind the ends that made room for them. */
  #starts: Pending[] = []
  readonly #arrivals = new Fifo<Arrival>()
  readonly #idle: (() => void)[] = []
  #isScheduled = false
  #unsettled = 0
  /** Groups of new tasks that are on their way past the batches. */
  #together = 0

  /** The store's verbs are asked for with each batch: they are there only while the store is open. */
  constructor(
    private readonly store: { readonly tasks: TaskStore },
    /** Adds messages to writes; null when nobody waits for any. */
    private readonly outbox: Stamp | null = null,
    /** Hears what was thrown by whoever was told of a write: it must not hold up the others. */
    private readonly onFault: (error: unknown) => void = () => undefined,
  ) {}

  /** New tasks of which it is not known yet whether they are stored. */
  get arriving(): number {
    return this.#unsettled
  }

  arrive(arrival: Arrival): void {
    this.#unsettled += 1
    this.#arrivals.push(arrival)
    this.#schedule()
  }

  /** New tasks that are stored all or none, behind those that came before; each hears once what became of it. */
  arriveTogether(arrivals: readonly Arrival[]): void {
    this.#unsettled += arrivals.length
    this.#together += 1
    outside.runInAsyncScope(() => void this.#storeTogether(arrivals))
  }

  /** `listener` hears once what became of it. */
  save(transition: Change, listener: (written: Written) => void): void {
    const isStart = transition.previous.status === 'pending' && transition.next.status === 'running'
    const saves = isStart ? this.#starts : this.#saves
    saves.push(new Save(transition, listener))
    this.#schedule()
  }

  /** The same as a promise: false when somebody else changed the task. Rejects with what the store refused it for. */
  saved(transition: Change): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.save(transition, (written) => (written instanceof TaskError ? reject(written) : resolve(written !== null)))
    })
  }

  /** Resolves when everything that was asked for is written or refused. */
  async settled(): Promise<void> {
    while (this.#isScheduled || this.#together > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    // Whoever happens to be the first of a batch must not lend his context to the tasks of others.
    outside.runInAsyncScope(() => setImmediate(() => void this.#flush()))
  }

  async #flush(): Promise<void> {
    const [saves, starts] = [this.#saves, this.#starts]
    this.#saves = []
    this.#starts = []
    const batch: Pending[] = []
    const writes: Write[] = []
    for (const pending of [...saves, ...starts, ...this.#takeArrivals(starts.length)]) {
      const write = this.#form(pending)
      if (write === null) continue
      batch.push(pending)
      writes.push(write)
    }
    const written = await this.#write(this.outbox === null ? writes : stampAll(this.outbox, writes))
    this.#isScheduled = false
    batch.forEach((pending, index) => this.#settle(pending, written[index] ?? null))
    if (this.outbox !== null) this.outbox.wake()
    if (this.#saves.length + this.#starts.length + this.#arrivals.size > 0) this.#schedule()
    if (this.#idle.length > 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  async #storeTogether(arrivals: readonly Arrival[]): Promise<void> {
    const before = this.#arrivals.shifted + this.#arrivals.size
    while (this.#arrivals.shifted < before) await new Promise<void>((resolve) => this.#idle.push(resolve))
    const written = await this.#writeAll(arrivals)
    this.#together -= 1
    arrivals.forEach((arrival, index) => {
      this.#settle(arrival, written instanceof TaskError ? written : (written[index] ?? null))
    })
    if (this.outbox !== null) this.outbox.wake()
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** Null for a write that could not be made, which is refused; the others of its batch go on. */
  #form(pending: Pending): Write | null {
    try {
      return pending.form()
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : 'unknown reason'
      this.#settle(
        pending,
        new TaskError('store_failed', { message: `A write could not be made: ${message}` }, { cause }),
      )
      return null
    }
  }

  #settle(pending: Pending | Arrival, written: Written): void {
    if ('claim' in pending) this.#unsettled -= 1
    try {
      pending.settle(written)
    } catch (error) {
      this.onFault(error)
    }
  }

  /** `starts` is how many tasks that are stored already start with this batch. */
  #takeArrivals(starts: number): readonly Arrival[] {
    const taken: Arrival[] = []
    while (taken.length < maxBatch) {
      const arrival = this.#arrivals.peek()
      if (!arrival) break
      if (arrival.claim()) starts += 1
      else if (starts >= enoughStarts) break
      this.#arrivals.shift()
      taken.push(arrival)
    }
    return taken
  }

  async #write(batch: readonly Write[]): Promise<readonly Written[]> {
    try {
      return await this.store.tasks.write(batch)
    } catch (cause) {
      const refused = refusal(cause)
      return batch.map(() => refused)
    }
  }

  async #writeAll(arrivals: readonly Arrival[]): Promise<readonly Written[] | TaskError> {
    try {
      const writes = arrivals.map((arrival) => {
        arrival.claim()
        return this.outbox === null ? arrival.form() : this.outbox.stamp(arrival.form())
      })
      return await this.store.tasks.writeAll(writes)
    } catch (cause) {
      return refusal(cause)
    }
  }
}

function refusal(cause: unknown): TaskError {
  if (cause instanceof TaskError) return cause
  const message = cause instanceof Error ? cause.message : 'unknown reason'
  return new TaskError('store_failed', { message: `The store failed: ${message}` }, { cause })
}

function stampAll(outbox: Stamp, writes: readonly Write[]): readonly Write[] {
  return writes.map((write) => outbox.stamp(write))
}

class Save implements Pending {
  constructor(
    private readonly transition: Change,
    private readonly listener: (written: Written) => void,
  ) {}

  form(): Write {
    return this.transition
  }

  settle(written: Written): void {
    this.listener(written)
  }
}

/** First in, first out, without moving what waits. */
class Fifo<T> {
  #items: T[] = []
  #head = 0
  /** How many were shifted in all. */
  shifted = 0

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
    this.shifted += 1
    this.#head += 1
    if (this.#head < 1_024 || this.#head * 2 < this.#items.length) return
    this.#items = this.#items.slice(this.#head)
    this.#head = 0
  }
}
