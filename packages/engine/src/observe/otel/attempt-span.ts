import type { TaskRecord, Transition } from '../../core/record.ts'
import type { Trace } from '../../core/trace.ts'
import type { OtelSpan } from './api.ts'
import { remotePlace, traceOf } from './places.ts'
import { attributesOf, endSpan } from './telling.ts'
import type { Making } from './spans.ts'

/** The span of one attempt. */
export class AttemptSpan {
  /** What the function sends along to others; null for a span that is none. */
  readonly trace: Trace | null
  readonly #span: OtelSpan
  readonly #making: Making

  /** It has the span of the enqueueing as its parent and, as the conventions ask for, as a link. */
  constructor(making: Making, record: TaskRecord) {
    const { api, tracer } = making
    const creation = record.traceparent === null ? null : remotePlace(api, record.traceparent, record.tracestate)
    const context = creation === null ? api.ROOT_CONTEXT : api.trace.setSpanContext(api.ROOT_CONTEXT, creation)
    const attributes = {
      ...attributesOf(record, 'process', 'process'),
      'messaging.message.id': record.taskId,
      'code.function.name': record.funcName,
      'taskloom.attempt': record.attempt,
      'taskloom.executor': record.executor,
    }
    const links = creation === null ? [] : [{ context: creation }]
    const name = `process ${record.funcName}`
    this.#making = making
    this.#span = tracer.startSpan(name, { kind: api.SpanKind.CONSUMER, attributes, links }, context)
    this.trace = traceOf(this.#span)
  }

  /** Runs user code so that the spans it makes are children of this one. */
  run(act: () => unknown): unknown {
    const { api, onFault } = this.#making
    const call = new OnceCall(act)
    try {
      const context = api.trace.setSpan(api.context.active(), this.#span)
      api.context.with(context, () => call.make())
    } catch (error) {
      onFault(error)
    }
    return call.answer()
  }

  /** Ends it with what became of the attempt. One that was taken back, its function not called, is told to nobody. */
  ended({ attempt, next }: Transition): void {
    if (attempt === null) return
    const { outcome, error, stacktrace } = attempt
    const attributes = { 'taskloom.outcome': outcome ?? '', 'taskloom.status': next.status }
    const hasFailed = outcome === 'failed' || outcome === 'timed_out'
    const failure = hasFailed ? { error: error ?? outcome, stacktrace, errorCode: next.errorCode } : null
    endSpan(this.#making, this.#span, attributes, failure)
  }
}

/** User code behind the host's context manager: called exactly once, whatever that one does. */
class OnceCall {
  #end: { readonly value: unknown } | { readonly error: unknown } | null = null

  constructor(private readonly act: () => unknown) {}

  make(): void {
    if (this.#end !== null) return
    try {
      this.#end = { value: this.act() }
    } catch (error) {
      this.#end = { error }
    }
  }

  answer(): unknown {
    if (this.#end === null) return this.act()
    if ('error' in this.#end) throw this.#end.error
    return this.#end.value
  }
}
