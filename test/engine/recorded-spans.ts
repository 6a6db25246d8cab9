import { context, trace, type TracerProvider } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
  type Sampler,
} from '@opentelemetry/sdk-trace-base'
import { onTestFinished } from 'vitest'

export interface Recorder {
  /** The ended spans, in the order of their ends. */
  spans(): readonly ReadableSpan[]
  /** The ended spans with this name. */
  named(name: string): readonly ReadableSpan[]
}

/** A host's OpenTelemetry that keeps its spans in memory, until the test is over. */
export function recordSpans(sampler?: Sampler): Recorder {
  const exporter = new InMemorySpanExporter()
  const spanProcessors = [new SimpleSpanProcessor(exporter)]
  register(new BasicTracerProvider({ spanProcessors, ...(sampler && { sampler }) }))
  const spans = (): ReadableSpan[] => exporter.getFinishedSpans()
  return { spans, named: (name) => spans().filter((span) => span.name === name) }
}

export function register(provider: TracerProvider): void {
  trace.setGlobalTracerProvider(provider)
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  onTestFinished(() => {
    trace.disable()
    context.disable()
  })
}

/** Runs as a request handler does that the host's instrumentation knows of. */
export async function inRequest<T>(name: string, run: () => Promise<T>): Promise<T> {
  return trace.getTracer('http').startActiveSpan(name, async (span) => {
    try {
      return await run()
    } finally {
      span.end()
    }
  })
}

export function idOf(span: ReadableSpan | undefined): string {
  return span?.spanContext().spanId ?? 'no span'
}

export function parentOf(span: ReadableSpan | undefined): string | undefined {
  return span?.parentSpanContext?.spanId
}

export function headerOf(span: ReadableSpan | undefined): string {
  const { traceId, spanId, traceFlags } = span?.spanContext() ?? { traceId: '', spanId: '', traceFlags: 0 }
  return `00-${traceId}-${spanId}-0${traceFlags}`
}
