import type { TaskRequest } from '../../core/record.ts'
import type { OtelAttributes, OtelSpan } from './api.ts'
import type { Making } from './spans.ts'

export interface Failure {
  readonly error: string
  readonly errorCode: string | null
  readonly stacktrace: string | null
}

/** Never arguments, results, tags or whom a task is for: spans leave the house. */
export function attributesOf({ funcName, queue }: TaskRequest, operation: string, type: string): OtelAttributes {
  return {
    'messaging.system': 'taskloom',
    'messaging.operation.name': operation,
    'messaging.operation.type': type,
    'messaging.destination.name': queue,
    'taskloom.function': funcName,
  }
}

/** Never throws. */
export function endSpan(
  { api, onFault }: Making,
  span: OtelSpan,
  attributes: OtelAttributes,
  failure: Failure | null,
): void {
  try {
    span.setAttributes(attributes)
    if (failure !== null) fail(span, failure, api.SpanStatusCode.ERROR)
  } catch (error) {
    onFault(error)
  }
  try {
    span.end()
  } catch (error) {
    onFault(error)
  }
}

function fail(span: OtelSpan, { error: message, errorCode, stacktrace }: Failure, code: number): void {
  const name = errorCode ?? 'Error'
  span.setAttributes({ 'error.type': name })
  span.recordException(stacktrace === null ? { name, message } : { name, message, stack: stacktrace })
  span.setStatus({ code, message })
}
