import { AsyncResource } from 'node:async_hooks'
import { TaskError } from '../core/errors.ts'
import type { Transition } from '../core/record.ts'
import type { Beside, NewTaskWrite, TaskStore, Write, Written } from '../stores/store.ts'
import { Fifo } from './fifo.ts'
import { UnderWay } from './under-way.ts'

/** Writes that one batch brings to the store at most. */
const maxBatch = 500
/** Starts in one of several batches at once at most: what runs is spread over them, so that one is made while another is written. */
const maxStartsBeside = 400
/** Other changes in one of several batches at once at most: ends cost the store more than new tasks, so both have their share. */
const maxSavesBeside = 500
/** When so many tasks start with a batch, new ones that could only wait are left to the next one: they may start then. */
const enoughStarts = 32
/** Fewer writes than this wait for the batch before them: one of their own would cost the store more than it gains. */
const enoughBeside = 100

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
 * batch, and while it is being written, the next one gathers. Where the store gains from it a large one goes beside it, as long
 * as they have nothing in common: what concerns the same task is written in the order in which it was asked for. Ends and starts of tasks go before new tasks, so that a
 * flood of those cannot hold up what runs; a new task is decided upon last, when the slots of ended tasks are free
 * again, because one that can start at once costs one write instead of two.
 */
export class WriteQueue {
  readonly #saves: Pending[] = []
  /** Starts of tasks that waited: written together, behind the ends that made room for them. */
  #starts: Pending[] = []
  readonly #arrivals = new Fifo<Arrival>()
  readonly #idle: (() => void)[] = []
  readonly #underWay = new UnderWay()
  #isScheduled = false
  /** Batches that the store takes at once, as it said last. */
  #atOnce = 1
  /** Whether the newest batch left new tasks behind that could only wait: they do so here until another is over. */
  #isHoldingBack = false
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
    while (this.#isBusy) await this.#nextEnd()
  }

  /** Resolves when what is on its way now, and what gathered behind it, is written or refused; not what comes after. */
  async caughtUp(): Promise<void> {
    // Starts go from the last batch of saves on.
    const saves = Math.max(1, Math.ceil(this.#saves.length / this.#maxSaves))
    const starts = Math.max(1, Math.ceil(this.#starts.length / this.#maxStarts))
    const next = this.#underWay.begun + saves + starts - 1
    for (let ends = 0; ; ends += 1) {
      const isToCome = this.#underWay.begun < next && (this.#isScheduled || this.#underWay.size > 0)
      if (!isToCome && !this.#underWay.hasUpTo(next) && (this.#together === 0 || ends >= 2)) return
      await this.#nextEnd()
    }
  }

  get #maxStarts(): number {
    return this.#atOnce === 1 ? Number.POSITIVE_INFINITY : maxStartsBeside
  }

  get #maxSaves(): number {
    return this.#atOnce === 1 ? Number.POSITIVE_INFINITY : maxSavesBeside
  }

  get #isBusy(): boolean {
    return this.#isScheduled || this.#underWay.size > 0 || this.#together > 0
  }

  /** Resolves when a batch is written or refused. */
  #nextEnd(): Promise<void> {
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  #schedule(): void {
    if (this.#isScheduled || !this.#mayBegin()) return
    this.#isScheduled = true
    // Whoever happens to be the first of a batch must not lend his context to the tasks of others.
    outside.runInAsyncScope(() => setImmediate(() => void this.#flush()))
  }

  #mayBegin(): boolean {
    if (this.#underWay.size === 0) return true
    if (this.#underWay.size >= this.#atOnce) return false
    const arrivals = this.#isHoldingBack ? 0 : this.#arrivals.size
    return this.#saves.length + this.#starts.length + arrivals >= enoughBeside
  }

  async #flush(): Promise<void> {
    this.#atOnce = this.#askAtOnce()
    const batch: Pending[] = []
    const writes: Write[] = []
    for (const pending of this.#take()) {
      const write = this.#form(pending)
      if (write === null) continue
      batch.push(pending)
      writes.push(write)
    }
    const passage = this.#underWay.begin(writes, this.#atOnce === 1)
    this.#isScheduled = false
    this.#scheduleRest()
    await this.#underWay.turnOf(passage)
    const written = await this.#write(this.outbox === null ? writes : stampAll(this.outbox, writes))
    // Tasks begin in the order in which they came.
    await this.#underWay.endOf(passage)
    batch.forEach((pending, index) => this.#settle(pending, written[index] ?? null))
    if (this.outbox !== null) this.outbox.wake()
    this.#scheduleRest()
    this.#tellEnd()
  }

  /** How many batches the store takes; one when it cannot be asked. */
  #askAtOnce(): number {
    try {
      return this.store.tasks.batchesAtOnce ?? 1
    } catch {
      return 1
    }
  }

  #scheduleRest(): void {
    if (this.#saves.length + this.#starts.length + this.#arrivals.size > 0) this.#schedule()
  }

  #tellEnd(): void {
    if (this.#idle.length > 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  async #storeTogether(arrivals: readonly Arrival[]): Promise<void> {
    const before = this.#arrivals.shifted + this.#arrivals.size
    while (this.#arrivals.shifted < before) await this.#nextEnd()
    const last = this.#underWay.begun
    while (this.#underWay.hasUpTo(last)) await this.#nextEnd()
    const written = await this.#writeAll(arrivals)
    this.#together -= 1
    arrivals.forEach((arrival, index) => {
      this.#settle(arrival, written instanceof TaskError ? written : (written[index] ?? null))
    })
    if (this.outbox !== null) this.outbox.wake()
    this.#tellEnd()
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

  /** What goes with the next batch. */
  #take(): readonly Pending[] {
    const saves = this.#saves.splice(0, this.#maxSaves)
    // A task that waits again starts behind the save that says so.
    const starts = this.#saves.length > 0 ? [] : this.#starts.splice(0, this.#maxStarts)
    return [...saves, ...starts, ...this.#takeArrivals(starts.length)]
  }

  /** `starts` is how many tasks that are stored already start with this batch. */
  #takeArrivals(starts: number): readonly Arrival[] {
    const taken: Arrival[] = []
    const elsewhere = this.#underWay.starts
    this.#isHoldingBack = false
    while (taken.length < maxBatch && starts < this.#maxStarts) {
      const arrival = this.#arrivals.peek()
      if (!arrival) break
      if (arrival.claim()) starts += 1
      else if (starts + elsewhere >= enoughStarts) {
        this.#isHoldingBack = true
        break
      }
      this.#arrivals.shift()
      taken.push(arrival)
    }
    return taken
  }

  async #write(batch: readonly Write[]): Promise<readonly Written[]> {
    if (batch.length === 0) return []
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
