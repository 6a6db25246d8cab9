import { hostname } from 'node:os'
import { pid } from 'node:process'
import type { HeldLock, ListAnswer, ListQuestion } from './stores/store.ts'
import type { Clock } from './core/clock.ts'
import {
  functionPart,
  parseDefinition,
  parseSchedule,
  type Definition,
  type FunctionOptions,
  type PlainFunction,
  type ScheduleOptions,
  type TaskModule,
} from './core/definition.ts'
import { atRequest, requireBatch } from './core/batch.ts'
import { TaskError } from './core/errors.ts'
import { IdSource } from './core/ids.ts'
import { integerOption } from './core/option.ts'
import { packChecked } from './core/intake.ts'
import type { TaskRecord, TaskRequest } from './core/record.ts'
import { noOptions, parseRequest, type EnqueueOptions } from './core/request.ts'
import { packArgs } from './core/serialize.ts'
import { parseManagerOptions, parseShutdown, type ShutdownOptions, type TaskManagerOptions } from './manager-options.ts'
import { anyTask, isTerminal, type TaskSummary } from '@taskloom/protocol'
import { Announcer } from './observe/announcer.ts'
import { EventHub, type TaskEventListener, type TaskEventName } from './observe/events.ts'
import type { Undelivered } from './observe/durable-observer.ts'
import { Feed } from './observe/feed.ts'
import type { ObserverState } from './observe/observer.ts'
import { Observers } from './observe/observers.ts'
import { Backlog } from './run/backlog.ts'
import { fillRandom, randomEpoch } from './run/chance.ts'
import { Dispatcher } from './run/dispatcher.ts'
import { Executors, plainFunction } from './run/executors.ts'
import { hashKey } from './run/key-hash.ts'
import { Housekeeping, type CleanupReport, type ReconcileReport, type UpkeepOptions } from './run/housekeeping.ts'
import { Life } from './run/life.ts'
import { Onion, type Middleware } from './run/middleware.ts'
import { Mint } from './run/mint.ts'
import { Outbox } from './run/outbox.ts'
import { Presence } from './run/presence.ts'
import { Registry } from './run/registry.ts'
import { Retention } from './run/retention.ts'
import { Runner } from './run/runner.ts'
import { Scheduler } from './run/scheduler.ts'
import type { SelfTestOptions, SelfTestReport } from './run/self-test.ts'
import { WriteQueue } from './run/write-queue.ts'
import type { Keyring } from './privacy/keyring.ts'
import type { TaskSource } from './server/source.ts'
import { createSource } from './source/manager-source.ts'
import { openRecord } from './source/shown-data.ts'
import type { Store } from './stores/store.ts'
import { createTaskFunction, type Enqueued, type TaskFunction } from './task-function.ts'

export interface EnqueueRequest {
  readonly name: string
  readonly args?: readonly unknown[]
  readonly options?: EnqueueOptions
}

/**
 * Runs functions in the background: stores each task before it answers, runs it as soon as a slot is free, repeats what
 * fails, and tells what happened. It never throws into its host and never ends its process; once started, it keeps the
 * process alive until {@link shutdown}.
 */
export class TaskManager {
  /** What the dashboard's server reads and asks of this manager. */
  readonly source: TaskSource
  readonly #clock: Clock
  readonly #store: Store
  readonly #keyring: Keyring
  readonly #events = new EventHub()
  readonly #announcer: Announcer
  readonly #registry = new Registry()
  readonly #onion: Onion
  readonly #outbox: Outbox | null
  readonly #dispatcher: Dispatcher
  readonly #mint: Mint
  readonly #scheduler: Scheduler
  readonly #life: Life
  readonly #housekeeping: Housekeeping

  /** Throws `bad_option` for options that are unknown or out of range. Opens nothing yet. */
  constructor(options: TaskManagerOptions = {}) {
    const parsed = parseManagerOptions(options)
    const { store, clock, concurrency, queues, maxPending, retentionDays, keyring, carrier, told } = parsed
    const feed = new Feed(randomEpoch(), (error) => this.#events.fault('a listener of the feed', error))
    const observers = told.observers.length === 0 ? null : new Observers(told.observers, clock, this.#events)
    const announcer = new Announcer(feed, this.#events, observers)
    const outbox = told.durable.length === 0 ? null : new Outbox({ store, clock, events: this.#events }, told.durable)
    const registry = this.#registry
    const workerId = new IdSource(fillRandom).next(clock.now())
    const writes = new WriteQueue(store, outbox, (error) => this.#events.fault('going on after a write', error))
    const backlog = new Backlog({ store, clock, events: this.#events, writes, maxPending })
    if (backlog.isLimited) announcer.counter = (next, previous) => backlog.saw(next, previous)
    const base = { store, keyring, carrier, clock, announcer, registry, workerId, writes, backlog }
    const executors = new Executors(parsed)
    this.#onion = new Onion(executors)
    const runner: Runner = new Runner({
      ...base,
      executor: this.#onion,
      onEnding: (record) => dispatcher.ending(record),
      onSettled: (next) => {
        if (next?.status === 'pending') dispatcher.offer(next)
        dispatcher.ended()
      },
    })
    const dispatcher = new Dispatcher({
      ...base,
      concurrency,
      queues,
      gateOf: (definition) => executors.gateOf(definition),
      start: (record, definition) => runner.start(record, definition),
    })
    const presence = new Presence({
      ...base,
      hostname: hostname(),
      pid,
      onRequeued: (record) => dispatcher.offer(record),
      onBeat: () => {
        if (store.supports.sharing) void runner.follow()
        if (store.supports.sharing) dispatcher.wake()
      },
      onClockMoved: () => {
        dispatcher.wake()
        this.#scheduler.recheck()
      },
    })
    this.#store = store
    this.#keyring = keyring
    this.#outbox = outbox
    this.#clock = clock
    this.#announcer = announcer
    this.#dispatcher = dispatcher
    this.#mint = new Mint({ ...base, dispatcher, runner })
    this.#scheduler = new Scheduler({ ...base, enqueue: (name, slotAt) => this.#enqueueSlot(name, slotAt) })
    const retention = retentionDays === null ? null : new Retention(base, retentionDays)
    const parts = { ...base, feed, runner, dispatcher, presence, mint: this.#mint, scheduler: this.#scheduler }
    this.#life = new Life({ ...parts, executors, retention, observers, outbox })
    const ready = (): Promise<void> => this.#life.ready()
    this.source = createSource({ ...parts, ready })
    this.#housekeeping = new Housekeeping({ ...parts, ready, source: this.source, wait: (id) => this.wait(id) })
  }

  /** Defines a function. Throws `bad_option`, or `duplicate_function` when the name is taken. */
  define<A extends readonly unknown[], R>(name: string, run: (...args: A) => R): TaskFunction<A, R>
  define<A extends readonly unknown[], R>(
    name: string,
    options: FunctionOptions,
    run: (...args: A) => R,
  ): TaskFunction<A, R>
  /**
   * Defines a function that runs in a thread or a process and is found in a module. Its types are told by
   * `define<typeof render>(…)`. Called directly, it is imported and run here.
   */
  define<F extends (...args: never[]) => unknown = (...args: unknown[]) => unknown>(
    name: string,
    options: FunctionOptions & { readonly executor: 'thread' | 'process' },
    module: TaskModule,
  ): TaskFunction<Parameters<F>, Promise<Awaited<ReturnType<F>>>>
  define(name: string, second: FunctionOptions | PlainFunction, third?: PlainFunction | TaskModule): unknown {
    const [options, task] = typeof second === 'function' ? [{}, second] : [second, third]
    const definition = parseDefinition(name, options, task)
    this.#registry.add(definition)
    this.#dispatcher.add(definition)
    return createTaskFunction(name, plainFunction(definition), (...request) => this.#enqueue(...request))
  }

  /** Defines a function that is enqueued by itself, at each slot of its trigger once. Throws as {@link define} does. */
  schedule<R>(name: string, options: ScheduleOptions, run: () => R): TaskFunction<[], R>
  schedule(name: string, options: ScheduleOptions, module: TaskModule): TaskFunction<[], Promise<unknown>>
  schedule(name: string, options: ScheduleOptions, task: (() => unknown) | TaskModule): unknown {
    const schedule = parseSchedule(name, options)
    const definition = parseDefinition(name, functionPart(options), task)
    this.#registry.add(definition)
    this.#registry.addSchedule(schedule)
    this.#dispatcher.add(definition)
    void this.#scheduler.add(schedule)
    return createTaskFunction(name, plainFunction(definition), (...request) => this.#enqueue(...request))
  }

  /** Stores a task; durable when it resolves. Before {@link start} it waits. Rejects with a `TaskError`. */
  enqueue<A extends readonly unknown[]>(
    task: TaskFunction<A, unknown>,
    args: A,
    options?: EnqueueOptions,
  ): Promise<Enqueued>
  enqueue(name: string, args?: readonly unknown[], options?: EnqueueOptions): Promise<Enqueued>
  enqueue(
    task: string | { readonly name: string },
    args: readonly unknown[] = [],
    options?: EnqueueOptions,
  ): Promise<Enqueued> {
    return this.#enqueue(typeof task === 'string' ? task : task.name, args, options)
  }

  /**
   * Stores up to 10,000 tasks in one go; the answers are in the order of the requests. One that is not right, or too many
   * for `maxPending`, refuses all before anything is stored: `bad_option`, `bad_argument`, `not_registered` with the
   * `index` of the request in `details`, or `too_many_pending`. A store that fails midway may have kept those before.
   */
  async enqueueMany(requests: readonly EnqueueRequest[]): Promise<readonly Enqueued[]> {
    requireBatch(requests)
    const prepared = await Promise.all(requests.map((request, index) => this.#prepare(request, index)))
    await this.#life.ready()
    this.#mint.options.backlog.admit(prepared.length)
    return Promise.all(prepared.map(({ definition, request, text }) => this.#issue(definition, request, text)))
  }

  /** Arguments and result are opened where they are encrypted and the keys are here. */
  async get(id: string): Promise<TaskRecord | undefined> {
    await this.#life.ready()
    const record = await this.#store.tasks.get(id)
    return record && openRecord(this.#keyring, record)
  }

  /** Newest first by default; at most 500 at once. */
  async list(query: Partial<ListQuestion> = {}): Promise<ListAnswer> {
    const { filter = anyTask, sort = 'created_at', order = 'desc', limit = 30, cursor = null } = query
    return this.source.list({ filter, sort, order, limit: Math.min(500, Math.max(1, limit)), cursor })
  }

  /** Which conflict locks are held, by key; at most `limit`, 500 by default. */
  async locks(limit = 500): Promise<readonly HeldLock[]> {
    await this.#life.ready()
    return this.#store.locks.list(integerOption(limit, 'limit', 1, 10_000))
  }

  /**
   * Looks for what dead processes and lost rows left behind, and mends it; with `dryRun` it only looks. Rejects with
   * `shut_down` when the process stops meanwhile: what was mended stays mended.
   */
  cleanup(options: UpkeepOptions = {}): Promise<CleanupReport> {
    return this.#housekeeping.cleanup(options)
  }

  /** Counts the kept figures anew, in slices, and puts right what differs; with `dryRun` it only looks. */
  reconcile(options: UpkeepOptions = {}): Promise<ReconcileReport> {
    return this.#housekeeping.reconcile(options)
  }

  /** Goes once through everything a task needs and says what works. Rejects only with `bad_option`. */
  selfTest(options: SelfTestOptions = {}): Promise<SelfTestReport> {
    return this.#housekeeping.selfTest(options)
  }

  /** A waiting task never runs; the signal of a running one is aborted. Rejects with `unknown_task`, `wrong_status`. */
  cancel(id: string, reason: string | null = null): Promise<TaskSummary> {
    return this.source.cancel(id, { actor: 'the application', reason })
  }

  /**
   * Mints a new task from a failed or interrupted one, with its idempotency key; where another task has that key by now,
   * gives that one. Rejects with `unknown_task`, `wrong_status`, `not_registered`, `bad_argument`.
   */
  retry(id: string, reason: string | null = null): Promise<TaskSummary> {
    return this.source.retry(id, { actor: 'the application', reason })
  }

  /** Deletes an ended task. Rejects with `unknown_task`, `wrong_status`. */
  delete(id: string): Promise<void> {
    return this.source.delete(id, { actor: 'the application', reason: null })
  }

  /** Resolves with the record, as {@link get} gives it, once the task has ended. Rejects with `unknown_task`, or `shut_down` at shutdown. */
  async wait(id: string): Promise<TaskRecord> {
    await this.#life.ready()
    const ended = await this.#life.whenEnded(id, async () => {
      const record = await this.#store.tasks.get(id)
      if (!record) throw new TaskError('unknown_task', { message: `There is no task ${id}`, taskId: id })
      return isTerminal(record.status) ? record : null
    })
    return openRecord(this.#keyring, ended)
  }

  /** Resolves when nothing runs, waits or is due in this process; delayed tasks are not waited for. */
  idle(): Promise<void> {
    return this.#dispatcher.idle()
  }

  /** Opens the store, recovers what a dead process left, and begins to run. Safe to call twice. */
  start(): Promise<void> {
    return this.#life.start(this.#registry)
  }

  /**
   * Starts nothing any more, ends the live streams, lets running tasks end, interrupts those that have not after
   * `timeoutMs`, and closes the store. Resolves soon after `timeoutMs` even when the store is gone; rejects only with
   * `bad_option`. Safe to call twice, during {@link start} and without it. Signals are the host's: none is listened to.
   */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    return this.#life.shutdown(parseShutdown(options))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown()
  }

  /** Listens to what happens to tasks here; `error` tells faults of the engine. Returns how to stop listening. */
  on<N extends TaskEventName>(event: N, listener: TaskEventListener<N>): () => void {
    return this.#events.on(event, listener)
  }

  /** Puts a middleware around each attempt that starts from now on; the first one is the outermost. */
  use(middleware: Middleware): void {
    this.#onion.add(middleware)
  }

  /** How many messages of each webhook have not arrived. */
  async undelivered(): Promise<readonly Undelivered[]> {
    await this.#life.ready()
    return this.#outbox?.undelivered() ?? []
  }

  /** How each observer keeps up, in the order of the option. */
  observers(): readonly ObserverState[] {
    return this.#announcer.observers?.states() ?? []
  }

  /** No async function: a flood of tasks waits as one promise each. */
  #enqueue(name: string, args: readonly unknown[], options: EnqueueOptions = noOptions): Promise<Enqueued> {
    try {
      const definition = this.#registry.get(name)
      const request = parseRequest(definition, options, this.#clock.now(), hashKey)
      if (definition.args === null) return this.#issue(definition, request, packArgs(args))
      return packChecked(definition, args).then((text) => this.#issue(definition, request, text))
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** One of several requests, with nothing stored yet. */
  async #prepare({ name, args = [], options = noOptions }: EnqueueRequest, index: number) {
    try {
      const definition = this.#registry.get(name)
      const request = parseRequest(definition, options, this.#clock.now(), hashKey)
      return { definition, request, text: await packChecked(definition, args) }
    } catch (error) {
      throw atRequest(error, index)
    }
  }

  #issue(definition: Definition, request: TaskRequest, text: string): Promise<Enqueued> {
    if (this.#life.isOpen) return this.#mint.issue(definition, request, text, toEnqueued)
    return this.#life.ready().then(() => this.#mint.issue(definition, request, text, toEnqueued))
  }

  async #enqueueSlot(name: string, slotAt: number | null): Promise<TaskRecord> {
    const definition = this.#registry.get(name)
    const request: TaskRequest = { ...definition.request, source: 'scheduled', schedule: name, slotAt }
    return this.#mint.record(definition, request, await packChecked(definition, []))
  }
}

function toEnqueued({ taskId }: TaskRecord, deduplicated: boolean): Enqueued {
  return { id: taskId, deduplicated }
}
