import type { Clock } from '../core/clock.ts'
import type { Definition } from '../core/definition.ts'
import { IdSource, instantOf } from '../core/ids.ts'
import { take } from '../core/lifecycle.ts'
import { createRecord, type NewTask, type TaskRecord } from '../core/record.ts'
import type { Announcer } from '../observe/announcer.ts'
import type { Inserted, Store } from '../stores/store.ts'
import { fillRandom } from './chance.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { Runner } from './runner.ts'

export interface MintOptions {
  readonly store: Store
  readonly clock: Clock
  readonly announcer: Announcer
  readonly workerId: string
  readonly dispatcher: Dispatcher
  readonly runner: Runner
}

/** Makes tasks: gives them an id, stores them, and starts those that need not wait in the same write. */
export class Mint {
  readonly #ids = new IdSource(fillRandom)
  readonly #options: MintOptions

  constructor(options: MintOptions) {
    this.#options = options
  }

  /** Durable when it resolves. `definition` is null for a function that is not defined in this process. */
  async issue(definition: Definition | null, task: Omit<NewTask, 'taskId' | 'createdAt'>): Promise<Inserted> {
    const taskId = this.#ids.next(this.#options.clock.now())
    const record = createRecord({ ...task, taskId, createdAt: instantOf(taskId) })
    const mayStart = definition !== null && record.runAt === null && this.#options.dispatcher.reserve(definition)
    return mayStart ? this.#issueRunning(definition, record) : this.#issuePending(record)
  }

  async #issuePending(record: TaskRecord): Promise<Inserted> {
    const { store, announcer, dispatcher } = this.#options
    const inserted = await store.tasks.insert(record)
    if (inserted.deduplicated) return inserted
    announcer.saved(inserted.record, null)
    dispatcher.offer(inserted.record)
    return inserted
  }

  async #issueRunning(definition: Definition, record: TaskRecord): Promise<Inserted> {
    const { store, clock, announcer, dispatcher, runner, workerId } = this.#options
    const { next, attempt } = take(record, { workerId, now: Math.max(clock.now(), record.createdAt) })
    let inserted: Inserted
    try {
      inserted = await store.tasks.insert(next, attempt)
    } catch (error) {
      dispatcher.vacate(definition)
      throw error
    }
    if (inserted.deduplicated) {
      dispatcher.vacate(definition)
      return inserted
    }
    announcer.saved(inserted.record, null)
    runner.start(inserted.record, definition)
    return inserted
  }
}
