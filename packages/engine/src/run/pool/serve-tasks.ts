import { setImmediate } from 'node:timers'
import { describeThrown } from '../../core/error-text.ts'
import { isInstance } from '../../core/instance.ts'
import { packResult, unpackArgs } from '../../core/serialize.ts'
import { Snooze } from '../../core/snooze.ts'
import { runAtDesk } from '../context.ts'
import type { Claims } from './claims.ts'
import { LoadError, loadFunction, type LoadedFunction } from './load-function.ts'
import { readToWorker, type Answer, type FromWorker, type Order } from './messages.ts'
import { WorkerDesk } from './worker-desk.ts'

/** The inside of a worker: runs what it is told, one call after the other. */
export class TaskServer {
  #desk: WorkerDesk | null = null
  readonly #inbox: Order[] = []
  /** By module and export. */
  readonly #loaded = new Map<string, Map<string, LoadedFunction>>()
  #isBusy = false
  /** It is about to be ended: it begins nothing any more. */
  #isSpent = false

  constructor(
    private readonly post: (message: FromWorker) => void,
    /** Null where the host never takes back what it has sent. */
    private readonly claims: Claims | null,
  ) {}

  /** Tells the host that it has nothing to do. */
  open(): void {
    this.post({ kind: 'ready' })
  }

  receive(message: unknown): void {
    const told = readToWorker(message)
    if (told?.kind === 'run') {
      this.#inbox.push(...told.orders)
      if (!this.#isBusy) this.#next()
    } else if (told && this.#desk?.id === told.id) this.#desk.abort(told.name, told.message)
  }

  /** What is printed while a task runs belongs to its log. */
  print(chunk: unknown, stream: 'stdout' | 'stderr'): void {
    if (this.#desk?.mayPrint && chunk instanceof Uint8Array) this.#desk.print(chunk, stream)
  }

  /** Tells that something was thrown where nobody catches it. */
  crash(thrown: unknown): void {
    this.post({ kind: 'crashed', thrown: describeThrown(thrown) })
  }

  #next(): void {
    const order = this.#claimed()
    this.#isBusy = order !== undefined
    if (order) this.#run(order)
    // All it had were taken back: the host wants to know that it is still there.
    else this.open()
  }

  /** The next one that the host has not taken back. */
  #claimed(): Order | undefined {
    if (this.#isSpent) return undefined
    for (let order = this.#inbox.shift(); order; order = this.#inbox.shift()) {
      if (this.claims === null || this.claims.claim(order.cell, order.id)) return order
    }
    return undefined
  }

  #run(order: Order): void {
    const desk = new WorkerDesk(order.id, order.context, this.post)
    this.#desk = desk
    const known = this.#loaded.get(order.module)?.get(order.exportName)
    if (known) return this.#call(desk, order, known)
    this.#load(desk, order).then(
      (run) => this.#call(desk, order, run),
      (error: unknown) => this.#end(desk, failure(desk.id, null, error)),
    )
  }

  /** What is done when the function returns costs no promise. */
  #call(desk: WorkerDesk, order: Order, run: LoadedFunction): void {
    let begunAt: number | null = null
    const took = (): number | null => (begunAt === null ? null : performance.now() - begunAt)
    const returned = (value: unknown): void => this.#end(desk, success(desk.id, took(), value))
    const threw = (error: unknown): void => this.#end(desk, failure(desk.id, took(), error))
    let value: unknown
    try {
      desk.throwIfAborted()
      const args = unpackArgs(order.args)
      begunAt = performance.now()
      value = runAtDesk(desk, () => run(...args))
    } catch (error) {
      return threw(error)
    }
    const isPlain = (typeof value !== 'object' && typeof value !== 'function') || value === null
    if (isPlain) returned(value)
    else resolved(value).then(returned, threw)
  }

  #end(desk: WorkerDesk, answer: Answer): void {
    desk.close()
    this.#desk = null
    if (answer.kind === 'failed' && answer.isSpent) this.#isSpent = true
    this.post(answer)
    // What a task has left behind has its turn before the next one begins.
    if (this.#inbox.length > 0) setImmediate(() => this.#next())
    else this.#isBusy = false
  }

  async #load(desk: WorkerDesk, { module, exportName }: Order): Promise<LoadedFunction> {
    const run = await runAtDesk(desk, () => loadFunction(module, exportName))
    const exports = this.#loaded.get(module) ?? new Map<string, LoadedFunction>()
    this.#loaded.set(module, exports.set(exportName, run))
    return run
  }
}

/** Never throws, whatever the value does when it is asked whether it is a promise. */
async function resolved(value: unknown): Promise<unknown> {
  return value
}

function success(id: number, tookMs: number | null, value: unknown): Answer {
  try {
    const { text, loss } = packResult(value)
    return { kind: 'done', id, tookMs, result: text, loss }
  } catch (error) {
    return failure(id, tookMs, error)
  }
}

function failure(id: number, tookMs: number | null, error: unknown): Answer {
  if (isInstance(error, Snooze)) return { kind: 'snoozed', id, tookMs, delayMs: error.delayMs }
  // Node remembers a failed import, so only another worker can try it again.
  const isSpent = isInstance(error, LoadError) && error.code !== 'export_not_found'
  return { kind: 'failed', id, tookMs, thrown: describeThrown(error), isSpent }
}
