import type { TaskRecord } from '../../core/record.ts'
import type { TaskStore } from '../../stores/store.ts'

interface Asked {
  readonly taskId: string
  readonly resolve: (record: TaskRecord | undefined) => void
  readonly reject: (error: unknown) => void
}

/**
 * Asks the store for tasks, many at a time: BullMQ gives jobs one by one, and a question for each would cost the store more than
 * running a small task does. While one round is on its way the next one gathers; who comes alone does not wait.
 */
export class Reads {
  #waiting: Asked[] = []
  #isUnderWay = false

  /** The store is open only when it is asked. */
  constructor(private readonly store: { readonly tasks: Pick<TaskStore, 'get'> }) {}

  /** The task as it is stored; undefined when it is not there. Rejects with what the store says. */
  get(taskId: string): Promise<TaskRecord | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ taskId, resolve, reject })
      if (!this.#isUnderWay) void this.#read()
    })
  }

  async #read(): Promise<void> {
    this.#isUnderWay = true
    // What comes in the same turn goes together.
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (this.#waiting.length > 0) {
      const asked = this.#waiting
      this.#waiting = []
      await Promise.all(asked.map((one) => this.#readOne(one)))
    }
    this.#isUnderWay = false
  }

  /** Never rejects. */
  async #readOne({ taskId, resolve, reject }: Asked): Promise<void> {
    try {
      resolve(await this.store.tasks.get(taskId))
    } catch (error) {
      reject(error)
    }
  }
}
