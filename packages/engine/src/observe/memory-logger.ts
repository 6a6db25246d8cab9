import { integerOption, rejectUnknown } from '../core/option.ts'
import type { Observer, ObserverEvent } from './observer.ts'

/** A logger that can be asked what it heard. */
export interface MemoryLogger extends Observer {
  /** The newest events, oldest first. */
  readonly events: readonly ObserverEvent[]
  /** Forgets what it heard. */
  clear(): void
}

/** Keeps the newest events in memory, for tests and for a look at what happened lately; `limit` is 1,000 by default. */
export function memoryLogger(options: { readonly limit?: number } = {}): MemoryLogger {
  rejectUnknown(options, ['limit'])
  const limit = integerOption(options.limit ?? 1_000, 'limit', 1, 1_000_000)
  let events: ObserverEvent[] = []
  return {
    name: 'memory',
    get events() {
      return events.slice(-limit)
    },
    observe(event) {
      // Cut now and then, not at each event.
      if (events.length >= limit * 2) events = events.slice(-limit)
      events.push(event)
    },
    clear() {
      events = []
    },
  }
}
