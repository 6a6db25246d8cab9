import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from '../core/clock.ts'
import type { Definition } from '../core/definition.ts'
import { TaskError } from '../core/errors.ts'
import { transition, type TaskRecord, type TaskRequest } from '../core/record.ts'
import { isAnswered, isResponse, type RequestLike, type ResponseLike } from '../core/response.ts'
import type { Announcer } from '../observe/announcer.ts'
import { taskContext } from './context.ts'
import type { Dispatcher } from '../queues/queue.ts'
import type { Answer, Mint } from './mint.ts'
import type { WriteQueue } from './write-queue.ts'

/** How long a request holds tasks, counted from its first one: a response that takes longer holds up nothing. */
export const longestHoldMs = 30_000
/** Held tasks are in memory; beyond so many of them, or so many characters of arguments, further ones start at once. */
const maxHeld = 10_000
const maxWeight = 32 * 1_048_576

export interface RequestScopesOptions {
  readonly clock: Clock
  readonly announcer: Announcer
  readonly writes: WriteQueue
  readonly dispatcher: Dispatcher
  readonly mint: Mint
  readonly workerId: string
}

/**
 * Holds tasks that are enqueued during a request until its response is over. They are stored at once, with the name of
 * this process, and due in {@link longestHoldMs}: so no other process starts them before, and none is forgotten if this
 * one dies. The name stays when a task is let go: whoever found the task by its time meanwhile may still take it.
 */
export class RequestScopes {
  readonly #storage = new AsyncLocalStorage<RequestScope>()
  readonly #holding = new Set<RequestScope>()
  readonly #waiting: (() => void)[] = []
  #isUsed = false
  #isClosed = false
  #size = 0
  #weight = 0

  constructor(private readonly options: RequestScopesOptions) {}

  /** Runs the host's code as part of the request that `response` answers. Throws `bad_option` when that is none. */
  run<T>(response: ResponseLike, run: () => T): T {
    if (!isResponse(response)) {
      const message = 'response: expected a response of Node, or one that tells of finish and close'
      throw new TaskError('bad_option', { message, option: 'response' })
    }
    if (this.#isClosed || this.#storage.getStore()?.response === response) return run()
    this.#isUsed = true
    const scope = new RequestScope(response)
    const end = (): void => this.#end(scope)
    response.once('finish', end)
    response.once('close', end)
    if (isAnswered(response)) end()
    if (response.req) this.#lend(response.req, scope)
    return this.#storage.run(scope, run)
  }

  /** The request that holds such a task; null outside of one, in a task, and when its response is over. */
  find({ runAt }: TaskRequest): RequestScope | null {
    if (!this.#isUsed) return null
    const scope = this.#storage.getStore()
    if (scope === undefined || scope.isOver || taskContext() !== undefined || (runAt ?? null) !== null) return null
    return this.#size < maxHeld && this.#weight < maxWeight ? scope : null
  }

  /** Stores a task that starts when the request is over. Resolves and rejects as {@link Mint.issue} does. */
  async issue<T>(
    scope: RequestScope,
    definition: Definition,
    request: TaskRequest,
    args: string,
    answer: Answer<T>,
  ): Promise<T> {
    const weight = args.length
    let isHeld = false
    this.#count(weight)
    try {
      return await this.options.mint.issue(definition, this.ask(scope, request), args, (record, deduplicated) => {
        isHeld = !deduplicated
        if (isHeld) this.#hold(scope, { record, weight })
        return answer(record, deduplicated)
      })
    } finally {
      if (!isHeld) this.#forget(weight)
    }
  }

  /** What is asked for, as it is stored of a task that the request holds. */
  ask(scope: RequestScope, request: TaskRequest): TaskRequest {
    const { clock, workerId } = this.options
    return { ...request, runAt: scope.holdUntil(clock.now()), workerId }
  }

  /** Takes a task that is stored as {@link ask} says; it starts at once when the response is over by now. */
  hold(scope: RequestScope, record: TaskRecord): void {
    const weight = record.args.length
    this.#count(weight)
    this.#hold(scope, { record, weight })
  }

  /** Resolves when nothing is held and nothing runs, waits or is due here; delayed tasks are not waited for. */
  async idle(): Promise<void> {
    do {
      if (this.#size > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
      await this.options.dispatcher.idle()
    } while (this.#size > 0)
  }

  /** Lets go of everything, so that other processes need not wait for it; holds nothing any more. */
  close(): void {
    this.#isClosed = true
    for (const scope of [...this.#holding]) this.#end(scope)
  }

  /** Node tells of a body in the context of its connection; whoever listens shall be in the request all the same. */
  #lend(request: RequestLike, scope: RequestScope): void {
    const emit = request.emit.bind(request)
    request.emit = (...event) => this.#storage.run(scope, () => emit(...event))
  }

  #hold(scope: RequestScope, held: Held): void {
    if (scope.isOver) return this.#release(held)
    if (scope.held.length === 0) this.#limit(scope)
    scope.held.push(held)
  }

  #limit(scope: RequestScope): void {
    const { clock } = this.options
    const now = clock.now()
    this.#holding.add(scope)
    scope.callOff = clock.after(scope.holdUntil(now) - now, () => this.#expire(scope))
  }

  #end(scope: RequestScope): void {
    for (const held of this.#close(scope)) this.#release(held)
  }

  /** The tasks are due by their own time, here and everywhere. */
  #expire(scope: RequestScope): void {
    for (const { weight } of this.#close(scope)) this.#forget(weight)
    this.options.dispatcher.wake()
  }

  #close(scope: RequestScope): readonly Held[] {
    this.#holding.delete(scope)
    return scope.end()
  }

  /** A task that somebody else has meanwhile started or cancelled is left alone. */
  #release({ record, weight }: Held): void {
    const { writes, announcer, dispatcher } = this.options
    const due = transition(record, { runAt: null })
    writes.save(due, (written) => {
      try {
        if (written instanceof TaskError) announcer.events.fault('starting a task after its response', written)
        else if (written !== null) {
          announcer.saved(due.next, record)
          dispatcher.offer(due.next)
        }
      } finally {
        this.#forget(weight)
      }
    })
  }

  #count(weight: number): void {
    this.#size += 1
    this.#weight += weight
  }

  #forget(weight: number): void {
    this.#size -= 1
    this.#weight -= weight
    if (this.#size === 0) for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

interface Held {
  readonly record: TaskRecord
  readonly weight: number
}

/** One request, and the tasks that wait for its end. */
export class RequestScope {
  held: Held[] = []
  callOff: () => void = () => undefined
  #until: number | null = null

  /** Null when it is over: what outlives the request must not keep its response. */
  constructor(public response: ResponseLike | null) {}

  get isOver(): boolean {
    return this.response === null
  }

  /** When its tasks start whatever the response does. */
  holdUntil(now: number): number {
    this.#until ??= now + longestHoldMs
    return this.#until
  }

  /** Gives what it held, the most urgent first. */
  end(): readonly Held[] {
    this.response = null
    this.callOff()
    const held = this.held
    this.held = []
    return held.sort((a, b) => (b.record.priority ?? 0) - (a.record.priority ?? 0))
  }
}
