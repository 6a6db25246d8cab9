import type { TaskRecord } from './record.ts'
import { TaskError } from './errors.ts'

/** The W3C trace context of a task. */
export type Trace = Pick<TaskRecord, 'traceId' | 'traceparent' | 'tracestate'>

/** Where a span is. */
export interface SpanPlace {
  readonly traceId: string
  readonly spanId: string
  /** One byte; its lowest bit says that the trace is recorded. */
  readonly traceFlags: number
}

const pattern = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/
const maxStateLength = 512

/**
 * The trace of two headers as they came; null for a `traceparent` that is none, which whoever called from outside may
 * have made up: the W3C wants that ignored. Throws `bad_option` for what is no text.
 */
export function parseTrace(traceparent: unknown, tracestate: unknown): Trace | null {
  for (const [option, value] of [
    ['traceparent', traceparent],
    ['tracestate', tracestate],
  ] as const) {
    if (value === undefined || typeof value === 'string') continue
    throw new TaskError('bad_option', { message: `${option}: expected a text`, option })
  }
  const found = pattern.exec(String(traceparent))
  if (!found) return null
  const state = typeof tracestate === 'string' && isState(tracestate) ? tracestate : null
  return { traceId: found[1] ?? null, traceparent: found[0], tracestate: state }
}

/** The trace that goes on from a span; null for a place that is none, which is all zeros. */
export function traceFrom({ traceId, spanId, traceFlags }: SpanPlace, tracestate: string | undefined): Trace | null {
  const flags = (traceFlags & 0xff).toString(16).padStart(2, '0')
  return parseTrace(`00-${traceId}-${spanId}-${flags}`, tracestate)
}

/** Which span a stored `traceparent` names. */
export function placeOf(traceparent: string): SpanPlace {
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-')
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) }
}

function isState(text: string): boolean {
  return text !== '' && text.length <= maxStateLength && /^[\x20-\x7e\t]*$/.test(text)
}
