import { anyTask, type TaskSummary } from '@taskloom/protocol'
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
import { integerOption } from './core/option.ts'
import type { TaskRecord } from './core/record.ts'
import type { EnqueueOptions } from './core/request.ts'
import type { ResponseLike } from './core/response.ts'
import { parseManagerOptions, parseShutdown, type ShutdownOptions, type TaskManagerOptions } from './manager-options.ts'
import type { Undelivered } from './observe/durable-observer.ts'
import type { TaskEventListener, TaskEventName } from './observe/events.ts'
import type { ObserverState } from './observe/observer.ts'
import type { Keyring } from './privacy/keyring.ts'
import type { EnqueueRequest } from './run/enqueuer.ts'
import { plainFunction } from './run/executors.ts'
import type { CleanupReport, ReconcileReport, UpkeepOptions } from './run/housekeeping.ts'
import type { Middleware } from './run/middleware.ts'
import type { SelfTestOptions, SelfTestReport } from './run/self-test.ts'
import type { PanelOptions } from './server/panels.ts'
import type { ManagerSource } from './source/manager-source.ts'
import { checkAudit, type AuditVerdict } from './source/audit-check.ts'
import type { PublicTokenOptions } from './source/public-tokens.ts'
import { openRecord } from './source/shown-data.ts'
import type { HeldLock, HostConnection, ListAnswer, ListQuestion, Store } from './stores/store.ts'
import { createTaskFunction, type Enqueued, type TaskFunction } from './task-function.ts'
import { wire, type Wiring } from './wiring.ts'

/**
 * Runs functions in the background: stores each task before it answers, runs it as soon as a slot is free, repeats what
 * fails, and tells what happened. It never throws into its host and never ends its process; once started, it keeps the
 * process alive until {@link shutdown}.
 */
export class TaskManager {
  /** What the dashboard's server reads and asks of this manager. */
  readonly source: ManagerSource
  readonly #store: Store
  readonly #keyring: Keyring
  readonly #wiring: Wiring

  /** Throws `bad_option` for options that are unknown or out of range. Opens nothing yet. */
  constructor(options: TaskManagerOptions = {}) {
    const parsed = parseManagerOptions(options)
    this.#store = parsed.store
    this.#keyring = parsed.keyring
    this.#wiring = wire(parsed)
    this.source = this.#wiring.source
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
    this.#wiring.registry.add(definition)
    this.#wiring.dispatcher.add(definition)
    return this.#taskFunction(definition)
  }

  /** Defines a function that is enqueued by itself, at each slot of its trigger once. Throws as {@link define} does. */
  schedule<R>(name: string, options: ScheduleOptions, run: () => R): TaskFunction<[], R>
  schedule(name: string, options: ScheduleOptions, module: TaskModule): TaskFunction<[], Promise<unknown>>
  schedule(name: string, options: ScheduleOptions, task: (() => unknown) | TaskModule): unknown {
    const schedule = parseSchedule(name, options)
    const definition = parseDefinition(name, functionPart(options), task)
    this.#wiring.registry.add(definition)
    this.#wiring.registry.addSchedule(schedule)
    this.#wiring.dispatcher.add(definition)
    void this.#wiring.scheduler.add(schedule)
    return this.#taskFunction(definition)
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
    return this.#wiring.enqueuer.enqueue(typeof task === 'string' ? task : task.name, args, options)
  }

  /**
   * Stores up to 10,000 tasks in one go; the answers are in the order of the requests. One that is not right, or too many
   * for `maxPending`, refuses all before anything is stored: `bad_option`, `bad_argument`, `not_registered` with the
   * `index` of the request in `details`, or `too_many_pending`. Up to 1,000 are stored in one transaction, which holds the
   * event loop for some 30 ms: all of them, or none when the store fails or a lock is held (`conflict_lock`). More go there
   * in several, and a store that fails midway may have kept those before.
   */
  enqueueMany(requests: readonly EnqueueRequest[]): Promise<readonly Enqueued[]> {
    return this.#wiring.enqueuer.many(requests)
  }

  /**
   * Stores a task inside the transaction that is open on `db`, the host's own better-sqlite3 connection to the file of
   * this store: with his commit it is there and starts soon, with his rollback it never was. Answers at once. Throws
   * `not_open` before {@link start} or {@link open}, `unsupported` for another store or a schema that answers later,
   * `bad_connection` (`details.reason` says why) for a connection to another file, a closed or read-only one, or one
   * without a transaction, and what `enqueue` rejects with. One that throws has written nothing.
   */
  enqueueIn<A extends readonly unknown[]>(
    db: HostConnection,
    task: TaskFunction<A, unknown>,
    args: A,
    options?: EnqueueOptions,
  ): Enqueued
  enqueueIn(db: HostConnection, name: string, args?: readonly unknown[], options?: EnqueueOptions): Enqueued
  enqueueIn(
    db: HostConnection,
    task: string | { readonly name: string },
    args: readonly unknown[] = [],
    options?: EnqueueOptions,
  ): Enqueued {
    return this.#wiring.hostEnqueuer.enqueue(db, typeof task === 'string' ? task : task.name, args, options)
  }

  /** Arguments and result are opened where they are encrypted and the keys are here. */
  async get(id: string): Promise<TaskRecord | undefined> {
    await this.#wiring.life.ready()
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
    await this.#wiring.life.ready()
    return this.#store.locks.list(integerOption(limit, 'limit', 1, 10_000))
  }

  /**
   * Looks for what dead processes and lost rows left behind, and mends it; with `dryRun` it only looks. Rejects with
   * `shut_down` when the process stops meanwhile: what was mended stays mended.
   */
  cleanup(options: UpkeepOptions = {}): Promise<CleanupReport> {
    return this.#wiring.housekeeping.cleanup(options)
  }

  /** Counts the kept figures anew, in slices, and puts right what differs; with `dryRun` it only looks. */
  reconcile(options: UpkeepOptions = {}): Promise<ReconcileReport> {
    return this.#wiring.housekeeping.reconcile(options)
  }

  /** Goes once through everything a task needs and says what works. Rejects only with `bad_option`. */
  selfTest(options: SelfTestOptions = {}): Promise<SelfTestReport> {
    return this.#wiring.housekeeping.selfTest(options)
  }

  /**
   * Goes through the whole audit log, a thousand entries at a time, and names the first that is not as it was written.
   * Keep `entries` and `hash` of the answer elsewhere: one who can write the whole file can also forge a whole log.
   */
  async verifyAudit(): Promise<AuditVerdict> {
    await this.#wiring.life.ready()
    return checkAudit(this.#store.audit)
  }

  /** A waiting task never runs; the signal of a running one is aborted. Rejects with `unknown_task`, `wrong_status`. */
  cancel(id: string, reason: string | null = null): Promise<TaskSummary> {
    return this.source.cancel(id, { actor: 'the application', reason })
  }

  /**
   * Mints a new task from a failed or interrupted one, with its idempotency key. While an earlier retry of it waits or
   * runs, or where another task has that key by now, gives that one. Rejects with `unknown_task`, `wrong_status`,
   * `not_registered`, `key_missing`, `unreadable`.
   */
  retry(id: string, reason: string | null = null): Promise<TaskSummary> {
    return this.source.retry(id, { actor: 'the application', reason })
  }

  /** Deletes an ended task. Rejects with `unknown_task`, `wrong_status`. */
  delete(id: string): Promise<void> {
    return this.source.delete(id, { actor: 'the application', reason: null })
  }

  /** Resolves with the record, as {@link get} gives it, once the task has ended. Rejects with `unknown_task`, or `shut_down` at shutdown. */
  wait(id: string): Promise<TaskRecord> {
    return this.#wiring.wait(id)
  }

  /**
   * Runs `run` as part of the request that `response` answers, as `requestScope` and `autoInstall` do: tasks that are
   * enqueued in it start after the response. For frameworks that neither is made for. Throws `bad_option`.
   */
  inRequest<T>(response: ResponseLike, run: () => T): T {
    return this.#wiring.requests.run(response, run)
  }

  /**
   * Resolves when nothing runs, waits or is due in this process, and no task waits for the response to its request;
   * delayed tasks are not waited for.
   */
  idle(): Promise<void> {
    return this.#wiring.requests.idle()
  }

  /**
   * Opens the store and runs nothing: for a process that only enqueues, inside transactions too. {@link start} does it
   * by itself. Safe to call twice. Rejects with `store_failed`, and with `shut_down` afterwards.
   */
  open(): Promise<void> {
    return this.#wiring.life.ready()
  }

  /** Opens the store, recovers what a dead process left, and begins to run. Safe to call twice. */
  start(): Promise<void> {
    return this.#wiring.life.start(this.#wiring.registry)
  }

  /**
   * Starts nothing any more, ends the live streams, lets running tasks end, interrupts those that have not after
   * `timeoutMs`, and closes the store. Resolves soon after `timeoutMs` even when the store is gone; rejects only with
   * `bad_option`. Safe to call twice, during {@link start} and without it. Signals are the host's: none is listened to.
   */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    return this.#wiring.life.shutdown(parseShutdown(options))
  }

  /** The same as {@link shutdown}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown()
  }

  /** Listens to what happens to tasks here; `error` tells faults of the engine. Returns how to stop listening. */
  on<N extends TaskEventName>(event: N, listener: TaskEventListener<N>): () => void {
    return this.#wiring.events.on(event, listener)
  }

  /** Puts a middleware around each attempt that starts from now on; the first one is the outermost. */
  use(middleware: Middleware): void {
    this.#wiring.onion.add(middleware)
  }

  /**
   * Adds a panel to the dashboard; it is rendered when somebody looks at it. Throws `bad_option`, or `duplicate_panel`
   * when the id is taken.
   */
  panel(options: PanelOptions): void {
    this.#wiring.panels.add(options)
  }

  /**
   * All figures in the text format of Prometheus, for a route of the host's own: what `GET metrics/prometheus` answers.
   * Rejects with `shut_down`, `store_failed`.
   */
  prometheus(): Promise<string> {
    return this.#wiring.source.prometheus()
  }

  /**
   * A token with which an end user reads one task, or up to 50, over HTTP: its state and progress, and nothing else of it
   * unless `options` say so. To be sent as `Authorization: Bearer …`. Rejects with `bad_argument`, `bad_option`.
   */
  publicToken(taskId: string | readonly string[], options: PublicTokenOptions = {}): Promise<string> {
    return this.#wiring.publicTokens.issue(taskId, options)
  }

  /** How many messages of each webhook have not arrived. */
  async undelivered(): Promise<readonly Undelivered[]> {
    await this.#wiring.life.ready()
    return this.#wiring.outbox?.undelivered() ?? []
  }

  /** How each observer keeps up, in the order of the option. */
  observers(): readonly ObserverState[] {
    return this.#wiring.observers?.states() ?? []
  }

  #taskFunction(definition: Definition): unknown {
    const { enqueuer, hostEnqueuer } = this.#wiring
    return createTaskFunction(
      definition.name,
      plainFunction(definition),
      (...request) => enqueuer.enqueue(...request),
      (...request) => hostEnqueuer.enqueue(...request),
    )
  }
}
