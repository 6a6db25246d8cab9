import { isTerminal, type LogEntry } from '@taskloom/protocol'
import type { TaskRecord } from '../core/record.ts'
import { summaryOf } from '../stores/summary.ts'
import type { EventHub, TaskEventName } from './events.ts'
import type { Feed } from './feed.ts'

type Waiter = (record: TaskRecord) => void

/** Tells the feed, the events and whoever waits for a task what was saved; called after the save only. */
export class Announcer {
  readonly #waiters = new Map<string, Set<Waiter>>()

  constructor(
    readonly feed: Feed,
    readonly events: EventHub,
  ) {}

  /** `previous` is null for a task that is new. */
  saved(next: TaskRecord, previous: TaskRecord | null): void {
    this.feed.publishTask(next, previous)
    if (previous === null) this.#emit('create', next)
    if (isTerminal(next.status) && previous?.status !== next.status) this.#ended(next)
  }

  progressed(next: TaskRecord, previous: TaskRecord): void {
    this.feed.publishTask(next, previous)
    this.#emit('progress', next)
  }

  logged(taskId: string, entries: readonly LogEntry[]): void {
    if (entries.length > 0) this.feed.publish({ kind: 'log', taskId, entries })
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
  }
}
