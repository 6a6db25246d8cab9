import type { Clock } from '../core/clock.ts'
import { atRequest, maxTogether, requireBatch } from '../core/batch.ts'
import type { Definition } from '../core/definition.ts'
import { packChecked } from '../core/intake.ts'
import type { TaskRecord, TaskRequest } from '../core/record.ts'
import { noOptions, parseRequest, type EnqueueOptions } from '../core/request.ts'
import { packArgs } from '../core/serialize.ts'
import type { Enqueued } from '../task-function.ts'
import type { Backlog } from './backlog.ts'
import { hashKey } from './key-hash.ts'
import type { Life } from './life.ts'
import type { Mint, Order } from './mint.ts'
import type { Registry } from './registry.ts'
import type { RequestScopes } from './request-scope.ts'

/** One of the tasks that `enqueueMany` stores. */
export interface EnqueueRequest {
  /** The name of its function. */
  readonly name: string
  /** The arguments of the call; none by default. */
  readonly args?: readonly unknown[]
  /** What may be said of this one task; nothing by default. */
  readonly options?: EnqueueOptions
}

export interface EnqueuerOptions {
  readonly registry: Registry
  readonly clock: Clock
  readonly mint: Mint
  readonly backlog: Backlog
  readonly life: Life
  readonly requests: RequestScopes
}

interface Prepared {
  readonly definition: Definition
  readonly request: TaskRequest
  readonly text: string
  readonly isEager: boolean
}

/** Takes what callers and schedules ask for, parses it, and has it minted. */
export class Enqueuer {
  readonly #options: EnqueuerOptions

  constructor(options: EnqueuerOptions) {
    this.#options = options
  }

  /** No async function: a flood of tasks waits as one promise each. */
  enqueue(name: string, args: readonly unknown[], options: EnqueueOptions = noOptions): Promise<Enqueued> {
    try {
      const definition = this.#options.registry.get(name)
      const request = parseRequest(definition, options, this.#options.clock.now(), hashKey)
      const isEager = options.eager ?? definition.eager
      if (definition.args === null) return this.#issue(definition, request, packArgs(args), isEager)
      return packChecked(definition, args).then((text) => this.#issue(definition, request, text, isEager))
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** Checks all before the first is stored; up to {@link maxTogether} are stored all or none. */
  async many(requests: readonly EnqueueRequest[]): Promise<readonly Enqueued[]> {
    requireBatch(requests)
    const prepared = await Promise.all(requests.map((request, index) => this.#prepare(request, index)))
    await this.#options.life.ready()
    this.#options.backlog.admit(prepared.length)
    if (prepared.length <= maxTogether) return this.#options.mint.issueAll(prepared.map((one) => this.#order(one)))
    return Promise.all(
      prepared.map(({ definition, request, text, isEager }) => this.#issue(definition, request, text, isEager)),
    )
  }

  /** The task of one slot of a schedule. */
  async slot(name: string, slotAt: number | null): Promise<TaskRecord> {
    const definition = this.#options.registry.get(name)
    const request: TaskRequest = { ...definition.request, source: 'scheduled', schedule: name, slotAt }
    return this.#options.mint.record(definition, request, await packChecked(definition, []))
  }

  /** One of several requests, with nothing stored yet. */
  async #prepare({ name, args = [], options = noOptions }: EnqueueRequest, index: number): Promise<Prepared> {
    try {
      const definition = this.#options.registry.get(name)
      const request = parseRequest(definition, options, this.#options.clock.now(), hashKey)
      const isEager = options.eager ?? definition.eager
      return { definition, request, isEager, text: await packChecked(definition, args) }
    } catch (error) {
      throw atRequest(error, index)
    }
  }

  /** A request of the host that is being answered holds it, like any other task. */
  #order({ definition, request, text, isEager }: Prepared): Order<Enqueued> {
    const { requests } = this.#options
    const scope = isEager ? null : requests.find(request)
    if (scope === null) return { definition, request, text, answer: toEnqueued }
    const answer = (record: TaskRecord, deduplicated: boolean): Enqueued => {
      if (!deduplicated) requests.hold(scope, record)
      return toEnqueued(record, deduplicated)
    }
    return { definition, request: requests.ask(scope, request), text, answer }
  }

  #issue(definition: Definition, request: TaskRequest, text: string, isEager: boolean): Promise<Enqueued> {
    const { life, mint, requests } = this.#options
    const scope = isEager ? null : requests.find(request)
    if (scope) return life.ready().then(() => requests.issue(scope, definition, request, text, toEnqueued))
    if (life.isOpen) return mint.issue(definition, request, text, toEnqueued)
    return life.ready().then(() => mint.issue(definition, request, text, toEnqueued))
  }
}

function toEnqueued({ taskId }: TaskRecord, deduplicated: boolean): Enqueued {
  return { id: taskId, deduplicated }
}
