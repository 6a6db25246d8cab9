import type { LogEntry } from '@taskloom/protocol'
import type { Clock } from '../core/clock.ts'
import type { TaskRecord } from '../core/record.ts'
import { summaryOf } from '../stores/summary.ts'
import type { EventHub } from './events.ts'
import { ObserverQueue } from './observer-queue.ts'
import type { LifeMoment, Observer, ObserverEvent, ObserverState } from './observer.ts'

/** Everybody a manager tells; each has a queue of its own, so that none waits for another. */
export class Observers {
  readonly #queues: readonly ObserverQueue[]

  constructor(
    observers: readonly Observer[],
    private readonly clock: Clock,
    hub: EventHub,
  ) {
    this.#queues = observers.map((observer) => new ObserverQueue(observer, clock, hub))
  }

  told(kind: LifeMoment, record: TaskRecord): void {
    let event: ObserverEvent | null = null
    for (const queue of this.#queues) {
      if (!queue.hears.has(kind)) continue
      event ??= {
        kind,
        at: this.clock.now(),
        task: summaryOf(record),
        affected: record.affected,
        result: record.result,
        progressPayload: record.progressPayload,
      }
      queue.push(event)
    }
  }

  logged({ taskId, funcName }: Pick<TaskRecord, 'taskId' | 'funcName'>, entries: readonly LogEntry[]): void {
    let event: ObserverEvent | null = null
    for (const queue of this.#queues) {
      if (!queue.hears.has('log')) continue
      event ??= { kind: 'log', at: this.clock.now(), taskId, funcName, entries }
      queue.push(event)
    }
  }

  states(): readonly ObserverState[] {
    return this.#queues.map(({ state }) => state)
  }

  /** Resolves when each has closed, or has had its time. */
  async close(): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.close()))
  }
}
