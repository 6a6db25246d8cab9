import { cutText, oneLine } from './text.ts'

/** What the record keeps of something that was thrown. */
export interface ErrorText {
  /** One line, at most 300 characters. */
  readonly error: string
  /** At most 16 KiB, causes included; null where there is none. */
  readonly stacktrace: string | null
  /** The error's own `code` or its name; null where it has neither. */
  readonly errorCode: string | null
}

export const maxErrorLength = 300
export const maxStackLength = 16 * 1024
const maxCauses = 5

/** Describes whatever was thrown, be it `undefined` or an object that refuses to be read. Never throws. */
export function describeError(thrown: unknown): ErrorText {
  try {
    return isErrorLike(thrown) ? describeErrorLike(thrown) : describeValue(thrown)
  } catch {
    return { error: 'Something was thrown that cannot be read', stacktrace: null, errorCode: null }
  }
}

interface ErrorLike {
  readonly name?: unknown
  readonly message?: unknown
  readonly stack?: unknown
  readonly code?: unknown
  readonly cause?: unknown
}

function isErrorLike(thrown: unknown): thrown is ErrorLike {
  if (thrown instanceof Error) return true
  return typeof thrown === 'object' && thrown !== null && typeof read(thrown, 'message') === 'string'
}

function describeErrorLike(thrown: ErrorLike): ErrorText {
  const name = textOf(read(thrown, 'name'))
  const message = textOf(read(thrown, 'message'))
  const code = textOf(read(thrown, 'code'))
  const words = [name === 'Error' ? '' : name, message].filter((word) => word !== '').join(': ')
  return {
    error: oneLine(words, maxErrorLength) || 'An error without a message was thrown',
    stacktrace: stackOf(thrown),
    errorCode: cutText(code || name, 100) || null,
  }
}

function describeValue(thrown: unknown): ErrorText {
  const none = { stacktrace: null, errorCode: null }
  if (typeof thrown === 'string')
    return { error: oneLine(thrown, maxErrorLength) || 'An empty text was thrown', ...none }
  if (typeof thrown === 'object' && thrown !== null)
    return { error: oneLine(describeObject(thrown), maxErrorLength), ...none }
  if (typeof thrown === 'function') return { error: 'A function was thrown', ...none }
  return { error: oneLine(`${String(thrown)} was thrown`, maxErrorLength), ...none }
}

function describeObject(thrown: object): string {
  try {
    return `${JSON.stringify(thrown)} was thrown`
  } catch {
    return 'An object that cannot be read was thrown'
  }
}

function stackOf(thrown: ErrorLike): string | null {
  const parts: string[] = []
  let current: unknown = thrown
  for (let depth = 0; depth <= maxCauses && typeof current === 'object' && current !== null; depth += 1) {
    const stack = textOf(read(current, 'stack')) || textOf(read(current, 'message'))
    if (stack) parts.push(depth === 0 ? stack : `Caused by: ${stack}`)
    current = read(current, 'cause')
  }
  return parts.length === 0 ? null : cutText(parts.join('\n'), maxStackLength)
}

/** A member of an object whose getters may throw. */
function read(source: object, key: string): unknown {
  try {
    return (source as Record<string, unknown>)[key]
  } catch {
    return undefined
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}
