import type { AsyncResource } from 'node:async_hooks'
import type { Clock } from '../core/clock.ts'
import type { Definition } from '../core/definition.ts'
import { TaskError } from '../core/errors.ts'
import { IdSource } from '../core/ids.ts'
import { createRunning } from '../core/lifecycle.ts'
import { createRecord, type Creation, type TaskRecord, type TaskRequest, type Transition } from '../core/record.ts'
import type { Keyring } from '../privacy/keyring.ts'
import type { Announcer } from '../observe/announcer.ts'
import type { EnqueueSpan } from '../observe/otel/enqueue-span.ts'
import type { Spans } from '../observe/otel/spans.ts'
import type { Beside, NewTaskWrite, Written } from '../stores/store.ts'
import type { Backlog } from './backlog.ts'
import { fillRandom } from './chance.ts'
import type { ContextCarrier } from './carrier.ts'
import { inCallersTrace } from './context.ts'
import type { Dispatcher } from '../queues/queue.ts'
import { isDoubtful } from './doubts.ts'
import type { Runner } from './runner.ts'
import type { Arrival, WriteQueue } from './write-queue.ts'

export interface MintOptions {
  readonly clock: Clock
  readonly announcer: Announcer
  readonly keyring: Keyring
  readonly workerId: string
  readonly writes: WriteQueue
  readonly backlog: Backlog
  readonly dispatcher: Dispatcher
  readonly runner: Runner
  /** The store refused a start of which nobody knows whether it was kept. */
  readonly doubt: (taskId: string) => void
  /** Null when contexts of callers are not kept. */
  readonly carrier: ContextCarrier | null
  /** Null when no spans are made. */
  readonly spans: Spans | null
}

/** What is made of a stored task for whoever asked for it. */
export type Answer<T> = (record: TaskRecord, deduplicated: boolean) => T

/** What becomes of the original of a retry, once the new task has its id. */
export type Mark = (taskId: string) => Transition

/** What is stored with a new task and needs its id. */
export interface Riders {
  readonly mark?: Mark
  /** What is stored with it, when an operator asked for it. */
  readonly beside?: (taskId: string) => Beside
}

/** A task of several, parsed. */
export interface Order<T> {
  readonly definition: Definition
  readonly request: TaskRequest
  /** Packed and not sealed yet. */
  readonly text: string
  readonly answer: Answer<T>
}

/** Makes tasks: gives them an id, stores them, and starts those that need not wait in the same write. */
export class Mint {
  readonly ids = new IdSource(fillRandom)

  constructor(readonly options: MintOptions) {}

  /**
   * Durable when it resolves. Rejects with `too_many_pending`, and with what the store refused it for. `definition` is
   * null for a function that is not defined in this process; `args` is packed and not sealed yet: that takes the id.
   * With `riders.mark` it rejects with `wrong_status` when the original has changed.
   */
  issue<T>(
    definition: Definition | null,
    request: TaskRequest,
    args: string,
    answer: Answer<T>,
    riders: Riders | null = null,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      this.options.backlog.admit(1)
      const task = this.#newTask(definition, request, args, answer, resolve, reject)
      if (riders) task.bring(riders)
      this.options.writes.arrive(task)
    })
  }

  /** Several at once: all are stored, or none. Whether there is room for them is for the caller to ask. */
  issueAll<T>(orders: readonly Order<T>[]): Promise<readonly T[]> {
    const tasks: NewTask<T>[] = []
    const answers = orders.map(
      ({ definition, request, text, answer }) =>
        new Promise<T>((resolve, reject) =>
          tasks.push(this.#newTask(definition, request, text, answer, resolve, reject)),
        ),
    )
    this.options.writes.arriveTogether(tasks)
    return Promise.all(answers)
  }

  /** The same for the record alone. */
  record(
    definition: Definition | null,
    request: TaskRequest,
    args: string,
    riders: Riders | null = null,
  ): Promise<TaskRecord> {
    return this.issue(definition, request, args, (record) => record, riders)
  }

  /** As part of what the caller does: asked for while he calls. */
  #newTask<T>(
    definition: Definition | null,
    request: TaskRequest,
    args: string,
    answer: Answer<T>,
    resolve: (answer: T) => void,
    reject: (error: TaskError) => void,
  ): NewTask<T> {
    const { runner, clock, carrier, spans } = this.options
    const holder = runner.holder()
    const inherited = inCallersTrace(request)
    const span = spans && spans.enqueue(request, inherited)
    const traced = span ? span.request : inherited
    const task = new NewTask(this, definition, traced, args, clock.now(), answer, resolve, reject)
    if (span) task.tellBy(span)
    if (holder) task.join(holder)
    if (carrier) task.carry(carrier)
    return task
  }
}

/** A new task on its way to the store. Its record is made at the last moment: a flood of them waits in little memory. */
class NewTask<T> implements Arrival {
  #record: TaskRecord | null = null
  #isRunning = false
  #joins: string | null = null
  #context: AsyncResource | null = null
  #span: EnqueueSpan | null = null
  #riders: Riders | null = null

  constructor(
    private readonly mint: Mint,
    private readonly definition: Definition | null,
    private request: TaskRequest,
    private readonly args: string,
    private readonly createdAt: number,
    private readonly answer: Answer<T>,
    private readonly resolve: (answer: T) => void,
    private readonly reject: (error: TaskError) => void,
  ) {}

  /** A task that is enqueued from within one with locks holds them, too. */
  join({ taskId, locks }: TaskRecord): void {
    this.#joins = taskId
    this.request = { ...this.request, locks: [...new Set([...locks, ...(this.request.locks ?? [])])] }
  }

  claim(): boolean {
    const { definition, request } = this
    const isDue = (request.runAt ?? null) === null
    this.#isRunning =
      definition !== null && isDue && this.mint.options.dispatcher.reserve(request.funcName, request.queue)
    return this.#isRunning
  }

  /** Keeps the caller's context for it; asked for while he calls. */
  carry(carrier: ContextCarrier): void {
    this.#context = carrier.capture()
  }

  /** The span hears whether it is stored. */
  tellBy(span: EnqueueSpan): void {
    this.#span = span
  }

  /** An operator asked for it. */
  bring(riders: Riders): void {
    this.#riders = riders
  }

  form(): NewTaskWrite {
    const { ids, options } = this.mint
    const { request } = this
    const taskId = ids.next(this.createdAt)
    const args = options.keyring.seals ? this.#seal(taskId) : this.args
    const birth = { taskId, createdAt: ids.instant, args }
    const taker = { workerId: options.workerId, now: Math.max(options.clock.now(), birth.createdAt) }
    const write: Creation = this.#isRunning
      ? createRunning(request, birth, taker)
      : { previous: null, next: createRecord(request, birth), attempt: null, logs: [] }
    if (this.#context) options.carrier?.keep(taskId, this.#context)
    this.#record = write.next
    const joined = this.#joins === null ? write : { ...write, joins: this.#joins }
    return this.#riders === null ? joined : withRiders(joined, this.#riders)
  }

  #seal(taskId: string): string {
    return this.mint.options.keyring.seal(this.args, { field: 'args', taskId, funcName: this.request.funcName })
  }

  settle(written: Written): void {
    const record = this.#record
    const isNew = written !== null && written === record
    // Others may have gone on with it where the store lost the answer: then it is ours, but not to be begun here.
    const isOwn = isNew || (record !== null && isRecord(written) && written.taskId === record.taskId)
    if (!isNew && record) this.mint.options.carrier?.forget(record.taskId)
    if (isOwn && record) this.mint.options.announcer.saved(record, null)
    if (isRecord(written)) this.#accept(written, !isOwn)
    else this.#refuse(written ?? notStored(this.#riders))
    this.#goOn(isNew ? record : null)
  }

  #accept(stored: TaskRecord, deduplicated: boolean): void {
    this.#span?.stored(stored.taskId, deduplicated)
    this.resolve(this.answer(stored, deduplicated))
  }

  #refuse(error: TaskError): void {
    if (this.#isRunning && this.#record && isDoubtful(error)) this.mint.options.doubt(this.#record.taskId)
    this.#span?.refused(error)
    this.reject(error)
  }

  /** `stored` is null when there is no new task. */
  #goOn(stored: TaskRecord | null): void {
    const { dispatcher, runner } = this.mint.options
    const { definition, request } = this
    if (definition && this.#isRunning) {
      if (stored) runner.start(stored, definition)
      else dispatcher.vacate(request.funcName, request.queue)
    } else if (stored) dispatcher.offer(stored)
    else dispatcher.settle()
  }
}

function isRecord(written: Written): written is TaskRecord {
  return written !== null && !(written instanceof TaskError)
}

function withRiders(write: Creation, { mark, beside }: Riders): NewTaskWrite {
  const { taskId } = write.next
  return { ...write, ...(mark ? { marks: mark(taskId) } : {}), ...beside?.(taskId) }
}

function notStored(riders: Riders | null): TaskError {
  if (riders?.mark) return new TaskError('wrong_status', { message: 'The task was changed while it was retried' })
  return new TaskError('store_failed', { message: 'The store did not keep the new task' })
}
