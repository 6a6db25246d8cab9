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
  readonly #loaded = new Map<string, LoadedFunction>()
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
    if (order) void this.#run(order)
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

  async #run(order: Order): Promise<void> {
    const desk = new WorkerDesk(order.id, order.context, this.post)
    this.#desk = desk
    const answer = await this.#call(desk, order)
    desk.close()
    this.#desk = null
    if (answer.kind === 'failed' && answer.isSpent) this.#isSpent = true
    this.post(answer)
    // What a task has left behind has its turn before the next one begins.
    if (this.#inbox.length > 0) setImmediate(() => this.#next())
    else this.#isBusy = false
  }

  async #call(desk: WorkerDesk, order: Order): Promise<Answer> {
    const { id } = desk
    let begunAt: number | null = null
    const took = (): number | null => (begunAt === null ? null : performance.now() - begunAt)
    try {
      const run = this.#loaded.get(keyOf(order)) ?? (await this.#load(desk, order))
      desk.throwIfAborted()
      const args = unpackArgs(order.args)
      begunAt = performance.now()
      const value = await runAtDesk(desk, () => run(...args))
      const tookMs = took()
      const { text, loss } = packResult(value)
      return { kind: 'done', id, tookMs, result: text, loss }
    } catch (error) {
      const tookMs = took()
      if (isInstance(error, Snooze)) return { kind: 'snoozed', id, tookMs, delayMs: error.delayMs }
      // Node remembers a failed import, so only another worker can try it again.
      const isSpent = isInstance(error, LoadError) && error.code !== 'export_not_found'
      return { kind: 'failed', id, tookMs, thrown: describeThrown(error), isSpent }
    }
  }

  async #load(desk: WorkerDesk, order: Order): Promise<LoadedFunction> {
    const run = await runAtDesk(desk, () => loadFunction(order.module, order.exportName))
    this.#loaded.set(keyOf(order), run)
    return run
  }
}

function keyOf({ module, exportName }: Order): string {
  return `${exportName} ${module}`
}
