import { maskUrls } from './mask.ts'
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

/** What is kept of something that was thrown in a worker, for whoever looks at it here. */
export interface ThrownText extends ErrorText {
  readonly name: string
  readonly message: string
  /** Whether trying again cannot help. */
  readonly isPermanent: boolean
}

/** Stands here for something that was thrown elsewhere, and is told in the words that were found there. */
export class DescribedError extends Error {
  readonly code: string | null
  readonly isPermanent: boolean
  readonly text: ErrorText

  constructor(thrown: ThrownText) {
    super(thrown.message)
    const { error, stacktrace, errorCode } = thrown
    this.name = thrown.name
    this.code = errorCode
    this.isPermanent = thrown.isPermanent
    this.text = { error, stacktrace, errorCode }
    if (stacktrace !== null) this.stack = stacktrace
  }
}

export const maxErrorLength = 300
export const maxStackLength = 16 * 1024
const maxCauses = 5

/** Describes whatever was thrown, be it `undefined` or an object that refuses to be read. Never throws. */
export function describeError(thrown: unknown): ErrorText {
  try {
    if (thrown instanceof DescribedError) return thrown.text
    return isErrorLike(thrown) ? describeErrorLike(thrown) : describeValue(thrown)
  } catch {
    return { error: 'Something was thrown that cannot be read', stacktrace: null, errorCode: null }
  }
}

/** The same with what a worker's host needs besides. Never throws. */
export function describeThrown(thrown: unknown): ThrownText {
  const text = describeError(thrown)
  const source = typeof thrown === 'object' && thrown !== null ? thrown : {}
  return {
    ...text,
    name: oneLine(textOf(read(source, 'name')), maxErrorLength) || 'Error',
    message: cutText(
      withoutPasswords(textOf(read(source, 'message')), maxMessageLength) || text.error,
      maxMessageLength,
    ),
    isPermanent: read(source, 'isPermanent') === true,
  }
}

const maxMessageLength = 8 * 1024

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
    error: oneLine(withoutPasswords(words, maxErrorLength), maxErrorLength) || 'An error without a message was thrown',
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
  return parts.length === 0 ? null : cutText(withoutPasswords(parts.join('\n'), maxStackLength), maxStackLength)
}

/** Drivers quote the address that they could not reach. Masked before it is cut: half a password is one, too. */
function withoutPasswords(text: string, maxLength: number): string {
  return maskUrls(text.slice(0, maxLength + maxUrlLength))
}

const maxUrlLength = 1_000

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
