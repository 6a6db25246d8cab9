import { isTerminal, type TaskStatus } from '@taskloom/protocol'
import { compareValues } from './order.ts'
import type { EndsQuestion, QueueEnds } from './store.ts'

interface Counted {
  readonly createdAt: number
  readonly queue: string
  readonly status: TaskStatus
}

/** Counts ended tasks by queue and bucket, filled by tasks or by roll-ups. */
export class EndsBook {
  readonly #queues = new Map<string, { readonly ended: number[]; readonly failed: number[] }>()

  constructor(private readonly question: EndsQuestion) {}

  add({ createdAt, queue, status }: Counted, amount = 1): void {
    const { since, until, bucketMs } = this.question
    if (createdAt < since || createdAt >= until || !isTerminal(status)) return
    const { ended, failed } = this.#countsOf(queue)
    const index = Math.floor((createdAt - since) / bucketMs)
    ended[index] = (ended[index] ?? 0) + amount
    if (status === 'failed') failed[index] = (failed[index] ?? 0) + amount
  }

  answer(): readonly QueueEnds[] {
    return [...this.#queues]
      .sort(([a], [b]) => compareValues(a, b))
      .map(([queue, { ended, failed }]) => ({ queue, ended, failed }))
  }

  #countsOf(queue: string) {
    const known = this.#queues.get(queue)
    if (known) return known
    const { since, until, bucketMs } = this.question
    const none = (): number[] => Array.from({ length: Math.ceil((until - since) / bucketMs) }, () => 0)
    const counts = { ended: none(), failed: none() }
    this.#queues.set(queue, counts)
    return counts
  }
}
