import type { ModuleTarget } from '../../core/definition.ts'
import type { AttemptCall, Keeper } from '../attempt.ts'
import type { Order, PlainContext } from './messages.ts'
import type { Pace } from './pace.ts'
import type { WorkerSlot } from './worker-slot.ts'

export interface JobHost {
  /** Lets go of a job that no worker has begun; false when one has, or had. */
  withdraw(job: Job): boolean
}

/** One call that is to be made in a worker. */
export class Job implements Keeper {
  /** The worker that was given it; null while it waits for one. */
  slot: WorkerSlot | null = null
  /** Its number and place with that worker, and the part of the worker it takes. */
  id = 0
  cell = 0
  cost = 0

  constructor(
    readonly call: AttemptCall,
    private readonly target: ModuleTarget,
    readonly pace: Pace,
    private readonly host: JobHost,
    readonly resolve: (value: unknown) => void,
    readonly reject: (error: unknown) => void,
  ) {
    call.stop.keptBy(this)
  }

  toOrder(): Order {
    const { taskId, funcName, attempt, tags, queue, retriedFrom, traceparent, tracestate } = this.call.desk.context
    const context: PlainContext = { taskId, funcName, attempt, tags, queue, retriedFrom, traceparent, tracestate }
    const { url: module, exportName } = this.target
    return { id: this.id, cell: this.cell, module, exportName, args: this.call.args, context }
  }

  /** The function is told; one that has not begun is not called any more. */
  abort(reason: DOMException): void {
    if (!this.host.withdraw(this)) return this.slot?.abort(this, reason)
    if (this.call.stop.asked()?.kind === 'interrupted') this.giveBack()
    else this.reject(reason)
  }

  kill(): void {
    this.slot?.killUnder(this)
  }

  /** It was not begun and waits again as if it had never been taken. */
  giveBack(): void {
    this.call.stop.giveBack()
    this.reject(new DOMException('The task was not begun and waits again', 'AbortError'))
  }
}
