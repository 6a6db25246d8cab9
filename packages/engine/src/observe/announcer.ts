import { isTerminal, type LogEntry } from '@taskloom/protocol'
import type { TaskRecord } from '../core/record.ts'
import { summaryOf } from '../stores/summary.ts'
import { EndOrder } from './end-order.ts'
import type { EventHub, TaskEventName } from './events.ts'
import type { Feed } from './feed.ts'
import type { Observers } from './observers.ts'

type Waiter = (record: TaskRecord) => void

/** Tells the feed, the events and whoever waits for a task what was saved; called after the save only. */
export class Announcer {
  /** Hears of every save before all others; null while nobody counts. */
  counter: ((next: TaskRecord, previous: TaskRecord | null) => void) | null = null
  readonly #waiters = new Map<string, Set<Waiter>>()
  readonly #ends = new EndOrder((ended) => this.#tellEnd(ended))

  constructor(
    readonly feed: Feed,
    readonly events: EventHub,
    /** Null when there are none. */
    readonly observers: Observers | null = null,
  ) {}

  /** `previous` is null for a task that is new; `entries` were stored with the change and are told before its end. */
  saved(next: TaskRecord, previous: TaskRecord | null, entries: readonly LogEntry[] = noEntries): void {
    if (this.counter !== null) this.counter(next, previous)
    this.feed.publishTask(next, previous)
    if (entries.length > 0) this.#noted(next, previous, entries)
    if (previous === null) this.#emit('create', next)
    if (isTerminal(next.status) && previous?.status !== next.status) this.#ended(next)
  }

  /** Whether anybody hears what an operator notes in the log of a task. */
  isNoteHeard(previous: TaskRecord): boolean {
    return this.feed.isHeard || (this.observers !== null && !isTerminal(previous.status))
  }

  progressed(next: TaskRecord, previous: TaskRecord): void {
    this.feed.publishTask(next, previous)
    this.#emit('progress', next)
  }

  logged(task: Pick<TaskRecord, 'taskId' | 'funcName'>, entries: readonly LogEntry[]): void {
    if (entries.length === 0) return
    this.feed.publish({ kind: 'log', taskId: task.taskId, entries })
    if (this.observers !== null) this.observers.logged(task, entries)
  }

  /**
   * Lines of a task are being written: observers hear of its end behind them. What it returns is called once they are told,
   * or given up.
   */
  expectLines(taskId: string): () => void {
    return this.observers === null ? doNothing : this.#ends.expect(taskId)
  }

  /** Observers hear at once of all ends: lines that are written from now on are not told any more. */
  releaseEnds(): void {
    this.#ends.releaseAll()
  }

  deleted(taskIds: readonly string[]): void {
    if (taskIds.length > 0) this.feed.publish({ kind: 'deleted', taskIds })
  }

  schedulesChanged(): void {
    this.feed.publish({ kind: 'schedules' })
  }

  operationsChanged(): void {
    this.feed.publish({ kind: 'operations' })
  }

  /** An entry of the audit log was stored. */
  auditGrew(): void {
    this.feed.publish({ kind: 'audit' })
  }

  queuesChanged(): void {
    this.feed.publish({ kind: 'queues' })
  }

  /** Calls back once when the task has ended here; returns how to stop waiting. */
  whenEnded(taskId: string, waiter: Waiter): () => void {
    const waiters = this.#waiters.get(taskId) ?? new Set()
    this.#waiters.set(taskId, waiters)
    waiters.add(waiter)
    return () => {
      waiters.delete(waiter)
      if (waiters.size === 0 && this.#waiters.get(taskId) === waiters) this.#waiters.delete(taskId)
    }
  }

  /** What an operator notes in the log of an ended task comes after its `cleanup`: the dashboard hears of it, observers do not. */
  #noted(next: TaskRecord, previous: TaskRecord | null, entries: readonly LogEntry[]): void {
    if (previous === null || !isTerminal(previous.status)) return this.logged(next, entries)
    this.feed.publish({ kind: 'log', taskId: next.taskId, entries })
  }

  #ended(record: TaskRecord): void {
    for (const name of endsOf(record)) if (this.events.isHeard(name)) this.events.emit(name, summaryOf(record))
    if (this.observers !== null) this.#ends.ended(record)
    if (this.#waiters.size === 0) return
    const waiters = this.#waiters.get(record.taskId)
    this.#waiters.delete(record.taskId)
    for (const waiter of waiters ?? []) waiter(record)
  }

  #tellEnd(record: TaskRecord): void {
    for (const name of endsOf(record)) this.observers?.told(name, record)
  }

  #emit(name: Exclude<TaskEventName, 'error'>, record: TaskRecord): void {
    if (this.events.isHeard(name)) this.events.emit(name, summaryOf(record))
    if (this.observers !== null) this.observers.told(name, record)
  }
}

function endsOf({ status }: TaskRecord): readonly ('complete' | 'fail' | 'cleanup')[] {
  return status === 'success' ? completed : failed
}

const completed = ['complete', 'cleanup'] as const
const failed = ['fail', 'cleanup'] as const
const noEntries: readonly LogEntry[] = []

function doNothing(): void {
  // Nobody waits for lines.
}
