import type { TaskRecord } from '../../core/record.ts'
import type { MeterBook } from '../meter-book.ts'
import { tally, type Tally } from '../tally.ts'

interface Retries {
  readonly funcName: string
  readonly queue: string
  count: number
}

/** Counts that must never fall: of tasks that were deleted, and of retries. */
export class MemoryLedger {
  readonly #deleted = new Map<string, Tally>()
  readonly #retries = new Map<string, Retries>()

  addDeleted(record: TaskRecord): void {
    tally(this.#deleted, [record])
  }

  addRetries(previous: TaskRecord, { funcName, queue, retriesUsed }: TaskRecord): void {
    if (retriesUsed <= previous.retriesUsed) return
    const key = JSON.stringify([funcName, queue])
    const known = this.#retries.get(key) ?? { funcName, queue, count: 0 }
    this.#retries.set(key, known)
    known.count += retriesUsed - previous.retriesUsed
  }

  writeInto(book: MeterBook): void {
    for (const deleted of this.#deleted.values()) book.at(deleted.funcName, deleted.queue).addTally(deleted, false)
    for (const { funcName, queue, count } of this.#retries.values()) book.at(funcName, queue).retries += count
  }
}
