import { isTerminal, type LogEntry } from '@taskloom/protocol'
import type { TaskRecord } from '../core/record.ts'
import { summaryOf } from '../stores/summary.ts'
import type { EventHub, TaskEventName } from './events.ts'
import type { Feed } from './feed.ts'
import type { Observers } from './observers.ts'

type Waiter = (record: TaskRecord) => void

/** Tells the feed, the events and whoever waits for a task what was saved; called after the save only. */
export class Announcer {
  /** Hears of every save before all others; null while nobody counts. */
  counter: ((next: TaskRecord, previous: TaskRecord | null) => void) | null = null
  readonly #waiters = new Map<string, Set<Waiter>>()

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
    if (entries.length > 0) this.logged(next, entries)
    if (previous === null) this.#emit('create', next)
    if (isTerminal(next.status) && previous?.status !== next.status) this.#ended(next)
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

  deleted(taskIds: readonly string[]): void {
    if (taskIds.length > 0) this.feed.publish({ kind: 'deleted', taskIds })
  }

  schedulesChanged(): void {
    this.feed.publish({ kind: 'schedules' })
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

  #ended(record: TaskRecord): void {
    this.#emit(record.status === 'success' ? 'complete' : 'fail', record)
    this.#emit('cleanup', record)
    if (this.#waiters.size === 0) return
    const waiters = this.#waiters.get(record.taskId)
    this.#waiters.delete(record.taskId)
    for (const waiter of waiters ?? []) waiter(record)
  }

  #emit(name: Exclude<TaskEventName, 'error'>, record: TaskRecord): void {
    if (this.events.isHeard(name)) this.events.emit(name, summaryOf(record))
    if (this.observers !== null) this.observers.told(name, record)
  }
}

const noEntries: readonly LogEntry[] = []
