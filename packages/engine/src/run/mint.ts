import type { Clock } from '../core/clock.ts'
import type { Definition } from '../core/definition.ts'
import { TaskError } from '../core/errors.ts'
import { IdSource } from '../core/ids.ts'
import { take } from '../core/lifecycle.ts'
import { createRecord, type Creation, type TaskRecord, type TaskRequest } from '../core/record.ts'
import type { Announcer } from '../observe/announcer.ts'
import type { Inserted } from '../stores/one-write.ts'
import type { Write, Written } from '../stores/store.ts'
import { fillRandom } from './chance.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { Runner } from './runner.ts'
import type { Arrival, WriteQueue } from './write-queue.ts'

export interface MintOptions {
  readonly clock: Clock
  readonly announcer: Announcer
  readonly workerId: string
  readonly writes: WriteQueue
  readonly dispatcher: Dispatcher
  readonly runner: Runner
}

/** What a new task is made of. */
export interface Order {
  /** Null for a function that is not defined in this process. */
  readonly definition: Definition | null
  readonly request: TaskRequest
  /** Packed. */
  readonly args: string
}

/** Makes tasks: gives them an id, stores them, and starts those that need not wait in the same write. */
export class Mint {
  readonly #ids = new IdSource(fillRandom)
  readonly #options: MintOptions

  constructor(options: MintOptions) {
    this.#options = options
  }

  /** Durable when it resolves, with what `answer` makes of it. Rejects with what the store refused it for. */
  issue<T>(order: Order, answer: (inserted: Inserted) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const { clock, writes } = this.#options
      const promise = { resolve: (inserted: Inserted) => resolve(answer(inserted)), reject }
      writes.arrive(new NewTask(this.#options, this.#ids, order, clock.now(), promise))
    })
  }
}

interface Answer {
  readonly resolve: (inserted: Inserted) => void
  readonly reject: (error: TaskError) => void
}

/** A new task on its way to the store. Its record is made at the last moment: a flood of them waits in little memory. */
class NewTask implements Arrival {
  #record: TaskRecord | null = null
  #isRunning = false

  constructor(
    private readonly options: MintOptions,
    private readonly ids: IdSource,
    private readonly order: Order,
    private readonly createdAt: number,
    private readonly answer: Answer,
  ) {}

  claim(): boolean {
    const { definition, request } = this.order
    const isDue = (request.runAt ?? null) === null
    this.#isRunning = definition !== null && isDue && this.options.dispatcher.reserve(definition)
    return this.#isRunning
  }

  form(): Write {
    const { request, args } = this.order
    const taskId = this.ids.next(this.createdAt)
    const waiting = createRecord(request, { taskId, createdAt: this.ids.instant, args })
    const write = this.#isRunning ? this.#take(waiting) : { previous: null, next: waiting, attempt: null, logs: [] }
    this.#record = write.next
    return write
  }

  settle(written: Written): void {
    const { announcer } = this.options
    const isNew = written !== null && written === this.#record
    if (isNew) announcer.saved(written, null)
    if (written === null || written instanceof TaskError) this.answer.reject(written ?? notStored())
    else this.answer.resolve({ record: written, deduplicated: !isNew })
    this.#goOn(isNew ? written : null)
  }

  #take(waiting: TaskRecord): Creation {
    const { clock, workerId } = this.options
    const { next, attempt, logs } = take(waiting, { workerId, now: Math.max(clock.now(), waiting.createdAt) })
    return { previous: null, next, attempt, logs }
  }

  /** `stored` is null when there is no new task. */
  #goOn(stored: TaskRecord | null): void {
    const { dispatcher, runner } = this.options
    const { definition } = this.order
    if (definition && this.#isRunning) {
      if (stored) runner.start(stored, definition)
      else dispatcher.vacate(definition)
    } else if (stored) dispatcher.offer(stored)
    else dispatcher.settle()
  }
}

function notStored(): TaskError {
  return new TaskError('store_failed', { message: 'The store did not keep the new task' })
}
