import type { TaskRecord } from '../core/record.ts'

/** What is known of a task some of whose lines are still on their way. */
interface Awaited {
  lines: number
  /** Its end, which is told behind them; null while it has not ended. */
  ended: TaskRecord | null
}

/** Tells the end of a task when all lines of its log that are on their way have been told, or given up. */
export class EndOrder {
  readonly #awaited = new Map<string, Awaited>()

  constructor(private readonly tell: (ended: TaskRecord) => void) {}

  /** Lines are on their way from now on, until what it returns is called, once. */
  expect(taskId: string): () => void {
    const awaited = this.#awaited.get(taskId) ?? { lines: 0, ended: null }
    this.#awaited.set(taskId, awaited)
    awaited.lines += 1
    return () => {
      awaited.lines -= 1
      if (awaited.lines === 0 && this.#awaited.get(taskId) === awaited) this.#release(taskId, awaited)
    }
  }

  ended(record: TaskRecord): void {
    const awaited = this.#awaited.get(record.taskId)
    if (awaited) awaited.ended = record
    else this.tell(record)
  }

  /** Waits for no line any more. */
  releaseAll(): void {
    for (const [taskId, awaited] of this.#awaited) this.#release(taskId, awaited)
  }

  #release(taskId: string, { ended }: Awaited): void {
    this.#awaited.delete(taskId)
    if (ended) this.tell(ended)
  }
}
