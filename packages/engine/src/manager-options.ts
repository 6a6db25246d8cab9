import type { Clock } from './core/clock.ts'
import { TaskError } from './core/errors.ts'
import { integerOption, numberOption, rejectUnknown, textOption } from './core/option.ts'
import { systemClock } from './system-clock.ts'
import { memory, sqlite } from './stores/index.ts'
import type { Store } from './stores/store.ts'

export interface TaskManagerOptions {
  /** The path of a SQLite file, or a store. Without one everything is kept in memory and lost with the process. */
  readonly store?: string | Store
  /** How many tasks run at once in this process; 100 by default. */
  readonly concurrency?: number
  /** Ended tasks are deleted after so many days; kept for ever by default. */
  readonly retention?: { readonly days: number }
  /** Where time comes from; for tests. */
  readonly clock?: Clock
}

export interface ParsedOptions {
  readonly store: Store
  readonly concurrency: number
  readonly retentionDays: number | null
  readonly clock: Clock
}

const names = ['store', 'concurrency', 'retention', 'clock'] as const

/** Throws `bad_option` that names the option at fault; there are none that are taken and ignored. */
export function parseManagerOptions(options: TaskManagerOptions): ParsedOptions {
  rejectUnknown(options, names)
  const { store, concurrency = 100, retention, clock = systemClock } = options
  return {
    store: parseStore(store),
    concurrency: integerOption(concurrency, 'concurrency', 1, 100_000),
    retentionDays: retention === undefined ? null : parseRetention(retention),
    clock,
  }
}

function parseStore(store: unknown): Store {
  if (store === undefined) return memory()
  if (typeof store === 'string') return sqlite(textOption(store, 'store', 4_096))
  if (typeof store === 'object' && store !== null && 'tasks' in store && 'views' in store) return store as Store
  throw new TaskError('bad_option', {
    message: 'store: expected the path of a SQLite file or a store',
    option: 'store',
  })
}

function parseRetention(retention: unknown): number {
  rejectUnknown(retention, ['days'])
  return numberOption((retention as { days?: unknown }).days, 'retention.days', 1 / 1_440, 36_500)
}
