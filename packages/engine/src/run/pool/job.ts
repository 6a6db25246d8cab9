import type { ModuleTarget } from '../../core/definition.ts'
import type { AttemptCall } from '../attempt.ts'
import type { PlainContext } from './messages.ts'

/** One call that is to be made in a worker. */
export class Job {
  constructor(
    readonly call: AttemptCall,
    readonly target: ModuleTarget,
    readonly resolve: (value: unknown) => void,
    readonly reject: (error: unknown) => void,
  ) {}

  get signal(): AbortSignal {
    return this.call.desk.context.signal
  }

  plainContext(): PlainContext {
    const { taskId, funcName, attempt, tags, queue, retriedFrom, traceparent, tracestate } = this.call.desk.context
    return { taskId, funcName, attempt, tags, queue, retriedFrom, traceparent, tracestate }
  }
}
