import { isTerminal } from '@taskloom/protocol'
import type { Clock } from '../core/clock.ts'
import { TaskError } from '../core/errors.ts'
import type { TaskRecord } from '../core/record.ts'
import type { Announcer } from '../observe/announcer.ts'
import type { Feed } from '../observe/feed.ts'
import type { Observers } from '../observe/observers.ts'
import type { Spans } from '../observe/otel/spans.ts'
import type { Store } from '../stores/store.ts'
import { refuseUnfinished } from '../stores/transfer/state.ts'
import type { Backlog } from './backlog.ts'
import type { Dispatcher } from '../queues/queue.ts'
import type { Executors } from './executors.ts'
import type { HostEnqueuer } from './host-enqueuer.ts'
import type { Outbox } from './outbox.ts'
import type { Presence } from './presence.ts'
import type { QueueControls } from './queue-controls.ts'
import type { Registry } from './registry.ts'
import type { RequestScopes } from './request-scope.ts'
import type { Retention } from './retention.ts'
import type { Runner } from './runner.ts'
import type { Scheduler } from './scheduler.ts'
import { whileAway } from './while-away.ts'
import type { WriteQueue } from './write-queue.ts'

/** How long functions get to hear that they are interrupted. */
const interruptGraceMs = 250
/** How long a queue of others gets to hear of the last ends. */
const queueMs = 5_000
/** How long the store gets for each of the last steps. */
const lastStepMs = 1_000
/** How long observers get to write what they have heard. */
const observersMs = 2_500
/** How long messages that are on their way get to arrive. */
const outboxMs = 2_000
/** Another process may end a task we wait for: we look as often as this. */
const waitPollMs = 1_000

export interface LifeOptions {
  readonly store: Store
  readonly clock: Clock
  readonly announcer: Announcer
  readonly feed: Feed
  readonly writes: WriteQueue
  readonly runner: Runner
  readonly executors: Executors
  readonly dispatcher: Dispatcher
  /** Whether this process runs tasks and fires schedules. */
  readonly work: boolean
  readonly requests: RequestScopes
  readonly presence: Presence
  readonly queueControls: QueueControls
  readonly scheduler: Scheduler
  readonly retention: Retention | null
  readonly observers: Observers | null
  readonly backlog: Backlog
  readonly hostEnqueuer: HostEnqueuer
  readonly outbox: Outbox | null
  readonly spans: Spans | null
  /** Works off bulk operations. */
  readonly operations: { wake(): void; close(): Promise<void> }
}

/** Opening, starting and ending, each once and in order. */
export class Life {
  readonly #options: LifeOptions
  #opening: Promise<void> | null = null
  #starting: Promise<void> | null = null
  #ending: Promise<void> | null = null
  #keepAlive: NodeJS.Timeout | null = null
  readonly #waiting = new Set<(error: TaskError) => void>()
  #isOver = false
  #isStoreOpen = false
  /** Whether tasks are stored; also while those that run come to their end. */
  isOpen = false

  constructor(options: LifeOptions) {
    this.#options = options
  }

  /** Resolves when the store is open. Throws `shut_down` afterwards, and what the store throws when it cannot open. */
  async ready(): Promise<void> {
    if (this.#ending) throw shutDown()
    if (this.isOpen) return
    this.#opening ??= this.#open()
    await this.#opening
    if (this.#ending) throw shutDown()
  }

  /** For whoever cannot wait: throws `not_open` until the store is open, and `shut_down` afterwards. */
  requireOpen(): void {
    if (this.isOpen) return
    if (this.#ending) throw shutDown()
    throw new TaskError('not_open', { message: 'This task manager is not open yet: await start(), or open(), first' })
  }

  start(registry: Registry): Promise<void> {
    this.#starting ??= this.#start(registry).catch((error: unknown) => {
      this.#starting = null
      this.#release()
      throw error
    })
    return this.#starting
  }

  shutdown(timeoutMs: number): Promise<void> {
    this.#ending ??= this.#end(timeoutMs)
    return this.#ending
  }

  /** The record, as it is stored, once the task has ended. Rejects with `unknown_task`, or `shut_down` at shutdown. */
  async wait(id: string): Promise<TaskRecord> {
    await this.ready()
    return this.#whenEnded(id, async () => {
      const record = await this.#whileAway(() => this.#options.store.tasks.get(id))
      if (!record) throw new TaskError('unknown_task', { message: `There is no task ${id}`, taskId: id })
      return isTerminal(record.status) ? record : null
    })
  }

  async #open(): Promise<void> {
    const { store, spans } = this.#options
    try {
      await Promise.all([this.#openStore(), spans?.open()])
      await this.#whileAway(() => this.#options.backlog.open())
      await this.#whileAway(() => this.#options.dispatcher.join())
    } catch (error) {
      this.#opening = null
      throw error
    }
    // Whoever shut down has stopped waiting for it.
    if (this.#isOver) return store.close()
    this.isOpen = true
  }

  /** A store that holds half of a history stays open for the next try, and is closed in the end. */
  async #openStore(): Promise<void> {
    const { store } = this.#options
    if (!this.#isStoreOpen) await store.open()
    this.#isStoreOpen = true
    await this.#whileAway(() => refuseUnfinished(store.transfer))
  }

  async #start(registry: Registry): Promise<void> {
    const { presence, queueControls, dispatcher, scheduler, retention, outbox, operations } = this.#options
    this.#keepAlive = setInterval(() => undefined, 2 ** 30)
    await this.ready()
    await presence.open()
    if (this.#ending) return
    await this.#whileAway(() => queueControls.open())
    if (this.#ending) return queueControls.close()
    if (this.#options.work) await dispatcher.open()
    if (this.#options.work && !this.#ending) await scheduler.open(registry.schedules())
    if (this.#ending) return
    retention?.open()
    outbox?.open()
    operations.wake()
  }

  /** Each step is given up when it takes too long: a host that ends must be able to. */
  async #end(timeoutMs: number): Promise<void> {
    const { scheduler, dispatcher, requests, retention, backlog, feed, runner, executors } = this.#options
    const { presence, queueControls, writes, hostEnqueuer, observers, outbox, store, announcer } = this.#options
    const { operations } = this.#options
    queueControls.close()
    scheduler.close()
    backlog.close()
    retention?.close()
    const paused = this.#within(lastStepMs, () => operations.close())
    dispatcher.close()
    requests.close()
    feed.close()
    if (runner.size > 0) presence.retire().catch((error: unknown) => announcer.events.fault('the heartbeat', error))
    // A task that is just being stored as running begins when that is answered.
    const drained = (): Promise<void> => writes.caughtUp().then(() => runner.drained())
    if (!(await this.#within(timeoutMs, drained))) {
      runner.interruptAll('The process was stopped', interruptGraceMs)
      await this.#within(interruptGraceMs + lastStepMs, () => runner.drained())
    }
    runner.abandon()
    await this.#within(lastStepMs, () => executors.close())
    await paused
    const wasOpened = await this.#isOpened()
    this.isOpen = false
    hostEnqueuer.close()
    if (wasOpened) await this.#within(lastStepMs, () => Promise.all([writes.settled(), presence.close()]))
    for (const refuse of [...this.#waiting]) refuse(shutDown())
    announcer.releaseEnds()
    if (observers) await this.#within(observersMs, () => observers.close())
    if (outbox) await this.#within(outboxMs, () => outbox.close())
    await this.#within(lastStepMs, () => dispatcher.told?.())
    this.#isOver = true
    if (wasOpened || this.#isStoreOpen) await this.#within(lastStepMs, () => store.close())
    await this.#within(queueMs, () => dispatcher.end())
    this.#release()
  }

  /** Waits until `look` gives a record; asks again when the task ends here, and now and then for other processes. */
  #whenEnded(taskId: string, look: () => Promise<TaskRecord | null>): Promise<TaskRecord> {
    const { announcer, clock } = this.#options
    return new Promise((resolve, reject) => {
      let callOff: () => void = () => undefined
      const finish = (act: () => void): void => {
        callOff()
        stopWaiting()
        this.#waiting.delete(refuse)
        act()
      }
      const refuse = (error: TaskError): void => finish(() => reject(error))
      const again = (): void => {
        look().then(
          (record) => {
            if (record) finish(() => resolve(record))
            else if (this.#waiting.has(refuse)) callOff = clock.after(waitPollMs, again)
          },
          (error: unknown) => finish(() => reject(error instanceof Error ? error : new Error(String(error)))),
        )
      }
      const stopWaiting = announcer.whenEnded(taskId, (record) => finish(() => resolve(record)))
      this.#waiting.add(refuse)
      again()
    })
  }

  /** Whether there is a store to be closed; one that is just being opened is waited for. */
  async #isOpened(): Promise<boolean> {
    if (this.#opening) await this.#within(lastStepMs, () => this.#opening?.catch(() => undefined))
    return this.isOpen
  }

  #whileAway<T>(ask: () => Promise<T>): Promise<T> {
    return whileAway(this.#options.clock, () => this.#ending !== null, ask)
  }

  #release(): void {
    if (this.#keepAlive) clearInterval(this.#keepAlive)
    this.#keepAlive = null
  }

  /** Whether the step was over in time; its failure is told as a fault. */
  #within(limitMs: number, step: () => unknown): Promise<boolean> {
    const { clock, announcer } = this.#options
    return new Promise((resolve) => {
      const callOff = clock.after(limitMs, () => resolve(false))
      const done = (): void => {
        callOff()
        resolve(true)
      }
      const act = async (): Promise<unknown> => step()
      act().then(done, (error: unknown) => {
        announcer.events.fault('shutting down', error)
        done()
      })
    })
  }
}

function shutDown(): TaskError {
  return new TaskError('shut_down', { message: 'This task manager is shut down' })
}
