import type { Clock } from '../core/clock.ts'
import { TaskError } from '../core/errors.ts'
import type { TaskRecord } from '../core/record.ts'
import type { EventHub } from '../observe/events.ts'
import type { Store } from '../stores/store.ts'
import type { WriteQueue } from './write-queue.ts'

/** New tasks that may be on their way to the store at once, whatever the host's own limit: they are in memory. */
export const maxArriving = 200_000
/** How often a store is counted anew that other processes change too. */
const recountMs = 5_000

export interface BacklogOptions {
  readonly store: Store
  readonly clock: Clock
  readonly events: EventHub
  readonly writes: WriteQueue
  /** How many tasks may wait; null without limit. */
  readonly maxPending: number | null
}

/** Knows how many tasks wait, without asking the store each time, and turns new ones away when they are too many. */
export class Backlog {
  #waiting = 0
  /** What changed here while the store is being counted. */
  #changed = 0
  /** New tasks that are on their way past the queue of writes. */
  #aside = 0
  #callOff: () => void = () => undefined
  #isOpen = false

  constructor(private readonly options: BacklogOptions) {}

  /** New tasks of which it is not known yet whether they are stored. */
  get arriving(): number {
    return this.options.writes.arriving + this.#aside
  }

  /** So many more, or fewer, are on their way past the queue of writes. */
  changeAside(difference: number): void {
    this.#aside += difference
  }

  get isLimited(): boolean {
    return this.options.maxPending !== null
  }

  /** Counts what waits already. */
  async open(): Promise<void> {
    if (!this.isLimited) return
    this.#isOpen = true
    await this.#recount()
  }

  close(): void {
    this.#isOpen = false
    this.#callOff()
  }

  /** Throws `too_many_pending` when there is no room for so many new tasks. */
  admit(count: number): void {
    const { maxPending } = this.options
    if (this.arriving + count > maxArriving) {
      throw tooMany(`More than ${maxArriving} new tasks are on their way to the store`, maxArriving)
    }
    if (maxPending !== null && this.#waiting + this.arriving + count > maxPending) {
      throw tooMany(`More than ${maxPending} tasks would wait`, maxPending)
    }
  }

  /** Hears of every change that was saved here. */
  saw(next: TaskRecord, previous: TaskRecord | null): void {
    const difference = Number(next.status === 'pending') - Number(previous?.status === 'pending')
    this.#waiting += difference
    this.#changed += difference
  }

  async #count(): Promise<void> {
    this.#changed = 0
    const queues = await this.options.store.views.queues()
    this.#waiting = queues.reduce((sum, { counts }) => sum + (counts.pending ?? 0), 0) + this.#changed
  }

  #schedule(): void {
    if (this.#isOpen && this.options.store.supports.sharing) {
      this.#callOff = this.options.clock.after(recountMs, () => void this.#recount())
    }
  }

  async #recount(): Promise<void> {
    try {
      await this.#count()
    } catch (error) {
      if (this.#isOpen) this.options.events.fault('counting waiting tasks', error)
    }
    this.#schedule()
  }
}

function tooMany(message: string, limit: number): TaskError {
  return new TaskError('too_many_pending', { message, limit })
}
