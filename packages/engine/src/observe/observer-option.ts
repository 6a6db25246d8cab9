import { TaskError } from '../core/errors.ts'
import { textOption } from '../core/option.ts'
import { durableMoments, type DurableObserver } from './durable-observer.ts'
import { fileLogger } from './file-logger.ts'
import { lifeMoments, type Observer } from './observer.ts'

export interface ParsedObservers {
  readonly observers: readonly Observer[]
  readonly durable: readonly DurableObserver[]
}

const maxObservers = 20

/** `logFile` is short for one more file logger; undefined is none. Throws `bad_option`. */
export function parseObservers(given: unknown, logFile: unknown): ParsedObservers {
  if (!Array.isArray(given) || given.length > maxObservers) throw bad(`a list of at most ${maxObservers}`)
  const logger = logFile === undefined ? [] : [fileLogger(textOption(logFile, 'logFile', 4_096))]
  const all: readonly unknown[] = [...(given as readonly unknown[]), ...logger]
  const observers = all.filter(isObserver)
  const durable = all.filter(isDurable)
  if (observers.length + durable.length < all.length) throw bad('observers with a name and a function observe(event)')
  const names = new Set([...observers, ...durable].map(({ name }) => name))
  if (names.size < all.length) throw bad('names that are different')
  return { observers, durable }
}

function isDurable(value: unknown): value is DurableObserver {
  if (typeof value !== 'object' || value === null) return false
  const { name, deliver, delayMs, wants, maxAttempts, timeoutMs } = value as Partial<
    Record<keyof DurableObserver, unknown>
  >
  if (typeof name !== 'string' || name === '' || typeof deliver !== 'function' || typeof delayMs !== 'function')
    return false
  if (!Number.isInteger(maxAttempts) || typeof timeoutMs !== 'number' || !(timeoutMs > 0)) return false
  return Array.isArray(wants) && wants.every((moment) => durableMoments.includes(moment as never))
}

function isObserver(value: unknown): value is Observer {
  if (typeof value !== 'object' || value === null) return false
  const { name, observe, hears } = value as Partial<Record<keyof Observer, unknown>>
  if (typeof name !== 'string' || name === '' || typeof observe !== 'function') return false
  const known: readonly unknown[] = [...lifeMoments, 'log']
  return hears === undefined || (Array.isArray(hears) && hears.every((kind) => known.includes(kind)))
}

function bad(expected: string): TaskError {
  return new TaskError('bad_option', { message: `observers: expected ${expected}`, option: 'observers' })
}
