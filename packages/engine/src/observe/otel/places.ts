import { placeOf, traceFrom, type Trace } from '../../core/trace.ts'
import type { OtelApi, OtelContext, OtelSpan, OtelSpanContext } from './api.ts'

/** The span that is active in a context; null where none is. */
export function activePlace({ trace }: OtelApi, context: OtelContext): OtelSpanContext | null {
  const place = trace.getSpanContext(context)
  return place && trace.isSpanContextValid(place) ? place : null
}

/** The span that was stored with a task. */
export function remotePlace(api: OtelApi, traceparent: string, tracestate: string | null): OtelSpanContext {
  const place = { ...placeOf(traceparent), isRemote: true }
  return tracestate === null ? place : { ...place, traceState: api.createTraceState(tracestate) }
}

/** What is stored, or sent along, to go on from a span; null for one that is none. */
export function traceOf(span: OtelSpan): Trace | null {
  const place = span.spanContext()
  return traceFrom(place, place.traceState?.serialize())
}
