import type { LoadAnswer, LoadCell, QueueLoad } from './fleet.ts'
import { compareValues } from './order.ts'

type Counts = { -readonly [K in keyof LoadCell]: LoadCell[K] }
type Name = Pick<LoadCell, 'funcName' | 'queue'>

/** Adds up what waits, runs and ends. */
export class LoadBook {
  readonly #cells = new Map<string, Counts>()
  readonly #queues = new Map<string, { -readonly [K in keyof QueueLoad]: QueueLoad[K] }>()

  add({ funcName, queue, pending = 0, running = 0, recent = 0 }: Name & Partial<LoadCell>): void {
    const key = JSON.stringify([funcName, queue])
    const cell = this.#cells.get(key) ?? { funcName, queue, pending: 0, running: 0, recent: 0 }
    this.#cells.set(key, cell)
    cell.pending += pending
    cell.running += running
    cell.recent += recent
  }

  /** A task of the queue has been due since. */
  wait(queue: string, dueAt: number): void {
    const load = this.#queueOf(queue)
    load.oldestDueAt = Math.min(load.oldestDueAt ?? dueAt, dueAt)
  }

  end(queue: string, tasks: number): void {
    this.#queueOf(queue).ended += tasks
  }

  answer(endedFrom: number): LoadAnswer {
    const queues = [...this.#queues.values()].sort((a, b) => compareValues(a.queue, b.queue))
    return { cells: [...this.#cells.values()], queues, endedFrom }
  }

  #queueOf(queue: string) {
    const known = this.#queues.get(queue) ?? { queue, oldestDueAt: null, ended: 0 }
    this.#queues.set(queue, known)
    return known
  }
}
