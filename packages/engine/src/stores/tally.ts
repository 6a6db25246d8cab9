import type { TaskStatus } from '@taskloom/protocol'
import type { TaskRecord } from '../core/record.ts'
import { countedDuration, countedWait } from './figures.ts'
import { addToBin, binOf, type Bins } from './histogram.ts'

export type Tallied = Pick<TaskRecord, 'funcName' | 'queue' | 'status' | 'durationMs' | 'waitMs'>

/** Tasks of one function, queue and status, added up. */
export class Tally {
  tasks = 0
  readonly duration = new Sum()
  readonly wait = new Sum()

  constructor(
    readonly funcName: string,
    readonly queue: string,
    readonly status: TaskStatus,
  ) {}

  add(task: Tallied): void {
    this.tasks += 1
    this.duration.add(countedDuration(task))
    this.wait.add(countedWait(task))
  }
}

/** Adds each task to the tally it belongs to, making those that are not there. */
export function tally(tallies: Map<string, Tally>, tasks: Iterable<Tallied>): void {
  for (const task of tasks) {
    const { funcName, queue, status } = task
    const key = JSON.stringify([funcName, queue, status])
    const known = tallies.get(key) ?? new Tally(funcName, queue, status)
    tallies.set(key, known)
    known.add(task)
  }
}

class Sum {
  sum = 0
  readonly bins: Bins = new Map()

  add(value: number | null): void {
    if (value === null) return
    this.sum += value
    addToBin(this.bins, binOf(value), 1)
  }
}
