import { describeThrown } from '../../core/error-text.ts'
import { isInstance } from '../../core/instance.ts'
import { packResult, unpackArgs } from '../../core/serialize.ts'
import { Snooze } from '../../core/snooze.ts'
import { runAtDesk } from '../context.ts'
import { LoadError, loadFunction } from './load-function.ts'
import { readToWorker, type FromWorker, type ToWorker } from './messages.ts'
import { WorkerDesk } from './worker-desk.ts'

/** The inside of a worker: runs what it is told, one call at a time. */
export class TaskServer {
  #desk: WorkerDesk | null = null

  constructor(private readonly post: (message: FromWorker) => void) {}

  receive(message: unknown): void {
    const order = readToWorker(message)
    if (order?.kind === 'run') void this.#run(order)
    else if (order && this.#desk?.id === order.id) this.#desk.abort(order.name, order.message)
  }

  /** What is printed while a task runs belongs to its log. */
  print(chunk: unknown, stream: 'stdout' | 'stderr'): void {
    if (this.#desk?.mayPrint && chunk instanceof Uint8Array) this.#desk.print(chunk, stream)
  }

  /** Tells that something was thrown where nobody catches it. */
  crash(thrown: unknown): void {
    this.post({ kind: 'crashed', thrown: describeThrown(thrown) })
  }

  async #run({ id, module, exportName, args, context }: ToWorker & { readonly kind: 'run' }): Promise<void> {
    const desk = new WorkerDesk(id, context, this.post)
    this.#desk = desk
    const answer = await this.#call(desk, module, exportName, args)
    desk.close()
    this.#desk = null
    this.post(answer)
  }

  async #call(desk: WorkerDesk, module: string, exportName: string, args: string): Promise<FromWorker> {
    const { id } = desk
    try {
      const run = await runAtDesk(desk, () => loadFunction(module, exportName))
      desk.context.signal.throwIfAborted()
      const value = await runAtDesk(desk, () => run(...unpackArgs(args)))
      const { text, loss } = packResult(value)
      return { kind: 'done', id, result: text, loss }
    } catch (error) {
      if (isInstance(error, Snooze)) return { kind: 'snoozed', id, delayMs: error.delayMs }
      // Node remembers a failed import, so only another worker can try it again.
      const isSpent = isInstance(error, LoadError) && error.code !== 'export_not_found'
      return { kind: 'failed', id, thrown: describeThrown(error), isSpent }
    }
  }
}
