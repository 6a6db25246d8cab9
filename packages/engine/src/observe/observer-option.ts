import { TaskError } from '../core/errors.ts'
import { lifeMoments, type Observer } from './observer.ts'

const maxObservers = 20

/** Throws `bad_option`. */
export function parseObservers(observers: unknown): readonly Observer[] {
  if (!Array.isArray(observers) || observers.length > maxObservers) throw bad(`a list of at most ${maxObservers}`)
  for (const observer of observers as readonly unknown[]) {
    if (!isObserver(observer)) throw bad('observers with a name and a function observe(event)')
  }
  const names = new Set((observers as readonly Observer[]).map(({ name }) => name))
  if (names.size < observers.length) throw bad('names that are different')
  return [...(observers as readonly Observer[])]
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
