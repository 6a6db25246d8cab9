/**
 * So much of `@opentelemetry/api` as is used here. The package is the host's: the engine is built and runs without it,
 * and its types do not ask for it.
 */
export interface OtelApi {
  readonly ROOT_CONTEXT: OtelContext
  readonly SpanKind: { readonly PRODUCER: number; readonly CONSUMER: number }
  readonly SpanStatusCode: { readonly ERROR: number }
  readonly context: {
    active(): OtelContext
    with(context: OtelContext, run: () => void): unknown
  }
  readonly trace: {
    getTracerProvider(): OtelTracerProvider
    getSpanContext(context: OtelContext): OtelSpanContext | undefined
    setSpan(context: OtelContext, span: OtelSpan): OtelContext
    setSpanContext(context: OtelContext, place: OtelSpanContext): OtelContext
    isSpanContextValid(place: OtelSpanContext): boolean
  }
  createTraceState(text: string): OtelTraceState
}

/** What goes along from call to call; opaque. */
export interface OtelContext {
  getValue(key: symbol): unknown
  setValue(key: symbol, value: unknown): OtelContext
  deleteValue(key: symbol): OtelContext
}

export interface OtelTraceState {
  get(key: string): string | undefined
  set(key: string, value: string): OtelTraceState
  unset(key: string): OtelTraceState
  serialize(): string
}

export interface OtelSpanContext {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
  readonly isRemote?: boolean
  readonly traceState?: OtelTraceState
}

export type OtelAttributes = Readonly<Record<string, string | number | boolean>>

export interface OtelSpan {
  spanContext(): OtelSpanContext
  setAttributes(attributes: OtelAttributes): unknown
  setStatus(status: { readonly code: number; readonly message: string }): unknown
  recordException(exception: { readonly name: string; readonly message: string; readonly stack?: string }): void
  end(): void
}

export interface OtelSpanOptions {
  readonly kind: number
  readonly attributes: OtelAttributes
  readonly links: { readonly context: OtelSpanContext }[]
}

export interface OtelTracer {
  startSpan(name: string, options: OtelSpanOptions, context: OtelContext): OtelSpan
}

export interface OtelTracerProvider {
  getTracer(name: string): OtelTracer
  /** The API's stand-in for the provider that is registered; undefined from it while there is none. */
  getDelegateTracer?(name: string): OtelTracer | undefined
}

/** Not said in the import itself: compilers and bundlers are not to look for what may not be there. */
const packageName: string = '@opentelemetry/api'

/** The host's OpenTelemetry; null where there is none. Rejects when it is there and cannot be loaded. */
export async function loadOtel(): Promise<OtelApi | null> {
  try {
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ packageName)) as OtelApi
  } catch (error) {
    if (isAbsent(error)) return null
    throw error
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
}
