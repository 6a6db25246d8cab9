import type { TaskRecord } from '../../core/record.ts'

const capacity = 10_000
/** Arguments in memory, in characters. */
const weightLimit = 32 * 1_048_576

/** Records of tasks that this process has stored and may soon run itself: they need not be read. Whether they are still so, the store says when it writes. */
export class Recent {
  readonly #records = new Map<string, TaskRecord>()
  #weight = 0

  put(record: TaskRecord): void {
    this.drop(record.taskId)
    this.#records.set(record.taskId, record)
    this.#weight += record.args.length
    for (const [oldest] of this.#records) {
      if (this.#records.size <= capacity && this.#weight <= weightLimit) return
      this.drop(oldest)
    }
  }

  take(taskId: string): TaskRecord | undefined {
    const record = this.#records.get(taskId)
    this.drop(taskId)
    return record
  }

  drop(taskId: string): void {
    const record = this.#records.get(taskId)
    if (!record) return
    this.#records.delete(taskId)
    this.#weight -= record.args.length
  }
}
