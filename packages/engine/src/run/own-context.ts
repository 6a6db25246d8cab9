import type { Duration } from '../core/duration.ts'
import { throwSnooze } from '../core/snooze.ts'
import type { Trace } from '../core/trace.ts'
import type { TaskContext } from './context.ts'

type TaskFacts = Pick<TaskContext, 'taskId' | 'funcName' | 'attempt' | 'tags' | 'queue' | 'retriedFrom'>

/** What a running task is told of itself. Its signal is made when it is first asked for. */
export class OwnContext implements TaskContext {
  readonly taskId: string
  readonly funcName: string
  readonly attempt: number
  readonly tags: Readonly<Record<string, string>>
  readonly queue: string
  readonly retriedFrom: string | null
  readonly traceparent: string | null
  readonly tracestate: string | null
  readonly #signal: () => AbortSignal

  constructor(facts: TaskFacts, trace: Pick<Trace, 'traceparent' | 'tracestate'>, signal: () => AbortSignal) {
    this.taskId = facts.taskId
    this.funcName = facts.funcName
    this.attempt = facts.attempt
    this.tags = facts.tags
    this.queue = facts.queue
    this.retriedFrom = facts.retriedFrom
    this.traceparent = trace.traceparent
    this.tracestate = trace.tracestate
    this.#signal = signal
  }

  get signal(): AbortSignal {
    return this.#signal()
  }

  snooze(delay: Duration): never {
    return throwSnooze(delay)
  }
}
