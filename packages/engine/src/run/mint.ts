import type { Clock } from '../core/clock.ts'
import type { Definition } from '../core/definition.ts'
import { TaskError } from '../core/errors.ts'
import { IdSource } from '../core/ids.ts'
import { createRunning } from '../core/lifecycle.ts'
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
  readonly ids = new IdSource(fillRandom)

  constructor(readonly options: MintOptions) {}

  /** Calls back once: durable then, or refused. */
  issue(order: Order, onStored: (inserted: Inserted) => void, onRefused: (error: TaskError) => void): void {
    const { clock, writes } = this.options
    writes.arrive(new NewTask(this, order, clock.now(), onStored, onRefused))
  }

  /** The same as a promise. */
  issued(order: Order): Promise<Inserted> {
    return new Promise((resolve, reject) => this.issue(order, resolve, reject))
  }
}

/** A new task on its way to the store. Its record is made at the last moment: a flood of them waits in little memory. */
class NewTask implements Arrival {
  #record: TaskRecord | null = null
  #isRunning = false

  constructor(
    private readonly mint: Mint,
    private readonly order: Order,
    private readonly createdAt: number,
    private readonly onStored: (inserted: Inserted) => void,
    private readonly onRefused: (error: TaskError) => void,
  ) {}

  claim(): boolean {
    const { definition, request } = this.order
    const isDue = (request.runAt ?? null) === null
    this.#isRunning = definition !== null && isDue && this.mint.options.dispatcher.reserve(definition)
    return this.#isRunning
  }

  form(): Write {
    const { ids, options } = this.mint
    const { request, args } = this.order
    const taskId = ids.next(this.createdAt)
    const birth = { taskId, createdAt: ids.instant, args }
    const taker = { workerId: options.workerId, now: Math.max(options.clock.now(), birth.createdAt) }
    const write: Creation = this.#isRunning
      ? createRunning(request, birth, taker)
      : { previous: null, next: createRecord(request, birth), attempt: null, logs: [] }
    this.#record = write.next
    return write
  }

  settle(written: Written): void {
    const isNew = written !== null && written === this.#record
    if (isNew) this.mint.options.announcer.saved(written, null)
    if (written === null || written instanceof TaskError) this.onRefused(written ?? notStored())
    else this.onStored({ record: written, deduplicated: !isNew })
    this.#goOn(isNew ? written : null)
  }

  /** `stored` is null when there is no new task. */
  #goOn(stored: TaskRecord | null): void {
    const { dispatcher, runner } = this.mint.options
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
