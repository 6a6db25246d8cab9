import { describeError } from '../../core/error-text.ts'
import type { TaskRequest } from '../../core/record.ts'
import type { OtelApi, OtelAttributes, OtelSpan } from './api.ts'
import { activePlace, remotePlace, traceOf } from './places.ts'
import { attributesOf, endSpan, type Failure } from './telling.ts'
import type { Making } from './spans.ts'

/** The span of a new task on its way to the store. */
export class EnqueueSpan {
  /** What is asked for, as part of the span's trace. */
  readonly request: TaskRequest
  readonly #span: OtelSpan
  readonly #making: Making

  constructor(making: Making, request: TaskRequest, inherited: TaskRequest) {
    const { api, tracer } = making
    const { context, links } = callerOf(api, request, inherited)
    const attributes = { ...attributesOf(request, 'enqueue', 'send'), 'taskloom.source': request.source ?? 'manual' }
    const name = `enqueue ${request.funcName}`
    this.#making = making
    this.#span = tracer.startSpan(name, { kind: api.SpanKind.PRODUCER, attributes, links }, context)
    const trace = traceOf(this.#span)
    this.request = trace === null ? inherited : { ...request, ...trace }
  }

  /** Ends it; `deduplicated` when the task was there already. */
  stored(taskId: string, deduplicated: boolean): void {
    this.#end({ 'messaging.message.id': taskId, ...(deduplicated && { 'taskloom.deduplicated': true }) }, null)
  }

  /** Ends it: there is no task. */
  refused(thrown: unknown): void {
    const { error, errorCode } = describeError(thrown)
    this.#end({}, { error, errorCode, stacktrace: null })
  }

  #end(attributes: OtelAttributes, failure: Failure | null): void {
    endSpan(this.#making, this.#span, attributes, failure)
  }
}

/**
 * By what a new task is asked for: the span that is active here. A task that was given another trace belongs to that, and
 * the active span is linked. A slot of a schedule is asked for by nothing.
 */
function callerOf(api: OtelApi, request: TaskRequest, inherited: TaskRequest) {
  if (request.source === 'scheduled') return { context: api.ROOT_CONTEXT, links: [] }
  const context = api.context.active()
  const active = activePlace(api, context)
  const given = request.traceparent ?? null
  const isNearest = active !== null && (given === null || active.traceId === request.traceId)
  const { traceparent, tracestate = null } = inherited
  if (isNearest || !traceparent) return { context, links: [] }
  const parent = remotePlace(api, traceparent, tracestate)
  return { context: api.trace.setSpanContext(context, parent), links: active === null ? [] : [{ context: active }] }
}
