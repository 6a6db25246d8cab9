import type { Definition } from '../core/definition.ts'
import type { TaskRecord } from '../core/record.ts'
import type { Door, Gate } from './gate.ts'
import { ReadyQueue } from './ready-queue.ts'

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
  /** A task came while the store was being asked, and was left to it. */
  wasSkipped = false
  /** The function was over when it returned, the last time it ran: its tasks run one after the other, not at once. */
  isPrompt = false

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
      this.wasSkipped = true
      return false
    }
    if (isFirst) this.queue.unshift(record)
    else this.queue.push(record)
    return true
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
    this.wasSkipped = true
  }

  /** Whether the store must be asked before anything of `priority` may be taken. */
  mustAsk(priority: number): boolean {
    if (this.floor === null || this.isSaturated) return false
    return this.floor > priority || (this.floor === priority && this.queue.size === 0)
  }
}
