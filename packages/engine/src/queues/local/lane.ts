import type { Definition } from '../../core/definition.ts'
import type { TaskRecord } from '../../core/record.ts'
import type { Door, Gate } from '../../run/gate.ts'
import { ReadyQueue } from './ready-queue.ts'

/** Tasks that are remembered while the store is being asked. */
const maxMissed = 1_000

/**
 * What the dispatcher knows of one function's tasks, or of those in a queue with limits: what waits as far as it is in
 * memory, whether more may start, and down to which priority nothing waits that is only in the store.
 */
export class Lane {
  readonly queue = new ReadyQueue()
  /** Tasks between queue and running: their start is being written. */
  taking = 0
  /** Tasks of this priority and below may wait in the store unseen; null when none do. */
  floor: number | null = Number.POSITIVE_INFINITY
  /** The function was over when it returned, the last time it ran: its tasks run one after the other, not at once. */
  isPrompt = false
  /** Tasks that came while the store is being asked; null when it is not, or when it does not matter any more. */
  #missed: TaskRecord[] | null = null

  constructor(
    readonly definition: Definition,
    /** The function's own limits. */
    readonly own: Gate,
    /** The limits of its queue; null when it has none. */
    readonly shared: Gate | null,
    /** The room in its pool of workers; null when it runs in none. */
    private readonly pool: Door | null,
  ) {}

  /** Its queue is paused. */
  get isPaused(): boolean {
    return this.shared !== null && this.shared.isPaused
  }

  /** Nothing more may start now. */
  get isSaturated(): boolean {
    if (this.own.isClosed || (this.shared !== null && this.shared.isClosed)) return true
    return this.pool !== null && this.pool.isClosed
  }

  /** When the rates let the next one through. */
  get opensAt(): number {
    return this.shared === null ? this.own.opensAt : Math.max(this.own.opensAt, this.shared.opensAt)
  }

  enter(): void {
    this.own.enter()
    this.shared?.enter()
    this.pool?.enter()
  }

  /** `isUnused` when nothing was started after all. */
  leave(isUnused: boolean): void {
    this.own.leave(isUnused)
    this.shared?.leave(isUnused)
    this.pool?.leave(isUnused)
  }

  /** Whether the task waits here now; false when it is left to the store until there is room. */
  accept(record: TaskRecord, isFirst: boolean): boolean {
    if (this.floor !== null && (record.priority ?? 0) <= this.floor) {
      if (this.#missed !== null && this.#missed.length < maxMissed) this.#missed.push(record)
      else this.#missed = null
      return false
    }
    if (isFirst) this.queue.unshift(record)
    else this.queue.push(record)
    return true
  }

  /** The store is being asked from now on: its answer may have what comes next, or not. */
  asks(): void {
    this.#missed = []
  }

  /**
   * The store has answered with all that waits above `floor`. Gives the tasks that came meanwhile and may be missing in the
   * answer; where they are not known, the store must be asked again.
   */
  answered(floor: number | null): readonly TaskRecord[] {
    const missed = this.#missed
    this.#missed = null
    this.floor = floor ?? (missed === null ? Number.POSITIVE_INFINITY : null)
    return this.floor === null && missed !== null ? missed : []
  }

  /** Leaves the least urgent waiting task to the store. */
  drop(): TaskRecord | undefined {
    const dropped = this.queue.pop()
    if (dropped) this.floor = Math.max(this.floor ?? Number.NEGATIVE_INFINITY, dropped.priority ?? 0)
    return dropped
  }

  /** Everything may wait in the store. */
  forget(): void {
    this.floor = Number.POSITIVE_INFINITY
    this.#missed = null
  }

  /** Whether the store must be asked before anything of `priority` may be taken. */
  mustAsk(priority: number): boolean {
    if (this.floor === null || this.isSaturated) return false
    return this.floor > priority || (this.floor === priority && this.queue.size === 0)
  }
}
