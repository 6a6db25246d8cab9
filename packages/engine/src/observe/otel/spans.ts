import type { TaskRecord, TaskRequest } from '../../core/record.ts'
import { loadOtel, type OtelApi, type OtelTracer } from './api.ts'
import { AttemptSpan } from './attempt-span.ts'
import { EnqueueSpan } from './enqueue-span.ts'

const tracerName = '@taskloom/engine'

/**
 * OpenTelemetry's view of tasks: a PRODUCER span for each one that is enqueued, and a CONSUMER span for each attempt, whose
 * parent is that of the enqueueing. Nothing is made where the host has no `@opentelemetry/api` or has registered no
 * provider. A tracer that throws costs its span and is told of once; the task goes on.
 */
export class Spans {
  #api: OtelApi | null = null
  #hasFailed = false

  constructor(private readonly onFault: (error: unknown) => void) {}

  /** Looks for the host's OpenTelemetry. Never rejects. */
  async open(): Promise<void> {
    try {
      this.#api = await loadOtel()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** `inherited` is the request as part of the trace of the task that asks for it, if one does. */
  enqueue(request: TaskRequest, inherited: TaskRequest): EnqueueSpan | null {
    const tracer = this.#tracer()
    return tracer && this.#make(tracer, (making) => new EnqueueSpan(making, request, inherited))
  }

  attempt(record: TaskRecord): AttemptSpan | null {
    const tracer = this.#tracer()
    return tracer && this.#make(tracer, (making) => new AttemptSpan(making, record))
  }

  /** Null without OpenTelemetry, and while no provider is registered. */
  #tracer(): OtelTracer | null {
    if (this.#api === null) return null
    try {
      return findTracer(this.#api)
    } catch (error) {
      this.#fail(error)
      return null
    }
  }

  #make<S>(tracer: OtelTracer, make: (making: Making) => S): S | null {
    if (this.#api === null) return null
    try {
      return make({ api: this.#api, tracer, onFault: (error) => this.#fail(error) })
    } catch (error) {
      this.#fail(error)
      return null
    }
  }

  /** One that fails at every span is told of once. */
  #fail(error: unknown): void {
    if (!this.#hasFailed) this.onFault(error)
    this.#hasFailed = true
  }
}

/** What a span is made with. */
export interface Making {
  readonly api: OtelApi
  readonly tracer: OtelTracer
  /** Hears what the host's OpenTelemetry throws later. */
  readonly onFault: (error: unknown) => void
}

/** Null while no provider is registered. */
function findTracer({ trace }: OtelApi): OtelTracer | null {
  const provider = trace.getTracerProvider()
  if (!provider.getDelegateTracer) return provider.getTracer(tracerName)
  return provider.getDelegateTracer(tracerName) ?? null
}
