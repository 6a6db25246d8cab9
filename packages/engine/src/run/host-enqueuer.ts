import type { Clock } from '../core/clock.ts'
import type { Definition } from '../core/definition.ts'
import { TaskError } from '../core/errors.ts'
import { packCheckedNow } from '../core/intake.ts'
import { createRecord, type Creation, type TaskRecord, type TaskRequest } from '../core/record.ts'
import { noOptions, parseRequest, type EnqueueOptions } from '../core/request.ts'
import type { Announcer } from '../observe/announcer.ts'
import type { Spans } from '../observe/otel/spans.ts'
import type { Keyring } from '../privacy/keyring.ts'
import type { HostConnection, HostTransactions, NewTaskWrite } from '../stores/host-transactions.ts'
import type { Store } from '../stores/store.ts'
import type { Enqueued } from '../task-function.ts'
import type { Backlog } from './backlog.ts'
import type { ContextCarrier } from './carrier.ts'
import { CommitWatch } from './commit-watch.ts'
import { inCallersTrace } from './context.ts'
import type { Dispatcher } from '../queues/queue.ts'
import { hashKey } from './key-hash.ts'
import type { Mint } from './mint.ts'
import type { Postage } from './postage.ts'
import type { Registry } from './registry.ts'
import type { RequestScope, RequestScopes } from './request-scope.ts'
import type { Runner } from './runner.ts'

export interface HostEnqueuerOptions {
  readonly store: Store
  readonly clock: Clock
  readonly registry: Registry
  readonly mint: Mint
  readonly backlog: Backlog
  readonly keyring: Keyring
  readonly announcer: Announcer
  readonly dispatcher: Dispatcher
  readonly runner: Runner
  readonly requests: RequestScopes
  /** Null when contexts of callers are not kept. */
  readonly carrier: ContextCarrier | null
  /** Null when no spans are made. */
  readonly spans: Spans | null
  /** Puts messages beside what is written. */
  readonly postage: Postage
  /** Throws unless the store is open. */
  readonly requireOpen: () => void
}

/**
 * Writes new tasks inside transactions of the host, at once. Nothing is told of them and none is started before his
 * transaction is found to be committed.
 */
export class HostEnqueuer {
  readonly #options: HostEnqueuerOptions
  readonly #watch: CommitWatch
  /** The requests that hold what they wrote, once it is committed. */
  readonly #scopes = new WeakMap<TaskRecord, RequestScope>()

  constructor(options: HostEnqueuerOptions) {
    const { store, clock, announcer } = options
    this.#options = options
    this.#watch = new CommitWatch({
      clock,
      find: async (taskId) => store.tasks.get(taskId),
      onCommitted: (written, stored) => this.#committed(written, stored),
      onGone: (written) => this.#gone(written),
      onFault: (error, taskId) => announcer.events.fault('looking for a committed task', error, taskId),
    })
  }

  /** Throws what is wrong with the request, the connection or the transaction; nothing is written then. */
  enqueue(
    connection: HostConnection,
    name: string,
    args: readonly unknown[],
    options: EnqueueOptions = noOptions,
  ): Enqueued {
    const { registry, clock, backlog, requests, requireOpen } = this.#options
    const transactions = this.#transactions()
    requireOpen()
    const definition = registry.get(name)
    const request = parseRequest(definition, options, clock.now(), hashKey)
    const packed = packCheckedNow(definition, args)
    backlog.admit(1)
    const scope = (options.eager ?? definition.eager) ? null : requests.find(request)
    return this.#traced(scope ? requests.ask(scope, request) : request, (traced) => {
      const write = this.#form(definition, traced, packed)
      const written = transactions.write(connection, write)
      if (written === null || written instanceof TaskError) throw written ?? notStored()
      if (written !== write.next) return { id: written.taskId, deduplicated: true }
      if (scope) this.#scopes.set(written, scope)
      this.#follow(connection, written)
      return { id: written.taskId, deduplicated: false }
    })
  }

  /** Follows no transaction any more. */
  close(): void {
    this.#watch.close()
  }

  #traced(request: TaskRequest, write: (traced: TaskRequest) => Enqueued): Enqueued {
    const inherited = inCallersTrace(request)
    const span = this.#options.spans && this.#options.spans.enqueue(request, inherited)
    if (span === null) return write(inherited)
    try {
      const enqueued = write(span.request)
      span.stored(enqueued.id, enqueued.deduplicated)
      return enqueued
    } catch (error) {
      span.refused(error)
      throw error
    }
  }

  #transactions(): HostTransactions {
    const { store } = this.#options
    const transactions = store.supports.hostTransactions === true ? store.hostTransactions : undefined
    if (transactions) return transactions
    const message = `The store ${store.name} cannot enqueue inside a transaction of yours; only sqlite() can`
    throw new TaskError('unsupported', { message })
  }

  #form({ name }: Definition, asked: TaskRequest, packed: string): NewTaskWrite {
    const { clock, keyring, mint, runner, postage } = this.#options
    const holder = runner.holder()
    const request = holder ? { ...asked, locks: [...new Set([...holder.locks, ...(asked.locks ?? [])])] } : asked
    const taskId = mint.ids.next(clock.now())
    const args = keyring.seal(packed, { field: 'args', taskId, funcName: name })
    const next = createRecord(request, { taskId, createdAt: mint.ids.instant, args })
    const creation: Creation = { previous: null, next, attempt: null, logs: [] }
    const write: NewTaskWrite = holder ? { ...creation, joins: holder.taskId } : creation
    return postage.stamp(write)
  }

  #follow(connection: HostConnection, written: TaskRecord): void {
    const { carrier, backlog } = this.#options
    if (carrier) carrier.keep(written.taskId, carrier.capture())
    backlog.changeAside(1)
    this.#watch.add(connection, written)
  }

  #committed(written: TaskRecord, stored: TaskRecord): void {
    const { announcer, backlog, dispatcher, requests, postage } = this.#options
    const scope = this.#scopes.get(written)
    backlog.changeAside(-1)
    announcer.saved(written, null)
    if (scope) requests.hold(scope, written)
    if (stored.version === written.version) dispatcher.offer(written)
    else announcer.feed.publishTask(stored, written)
    dispatcher.settle()
    postage.wake()
  }

  #gone({ taskId }: TaskRecord): void {
    const { backlog, carrier, dispatcher } = this.#options
    carrier?.forget(taskId)
    backlog.changeAside(-1)
    dispatcher.settle()
  }
}

function notStored(): TaskError {
  return new TaskError('store_failed', { message: 'The store did not keep the new task' })
}
