import type { TypeStats as ToldStats } from '@taskloom/protocol'
import type { Column } from '../figures/sorting.ts'
import type { Formats } from '../format.ts'

/** Figures of one function with what some sources tell beyond the rest. */
export type TypeStats = ToldStats & {
  readonly p50DurationMs?: number | null
  readonly p99DurationMs?: number | null
  readonly p95WaitMs?: number | null
}

/** Below so many ended tasks a percentile says little. */
export const confidentFrom = 20

/** How many of its tasks ended well or failed. */
export function endedOf({ success, failed }: TypeStats): number {
  return success + failed
}

/** What the table of functions shows; what nobody tells of has no column. */
export function functionColumns(rows: readonly TypeStats[], { say }: Formats): readonly Column<TypeStats>[] {
  const columns: readonly (Column<TypeStats> & { readonly isTold?: boolean })[] = [
    { name: 'function', word: say('Function'), valueOf: ({ funcName }) => funcName },
    { name: 'runs', word: say('Runs'), isNumber: true, valueOf: ({ runs }) => runs },
    { name: 'ok', word: say('OK'), isNumber: true, valueOf: ({ rate }) => rate },
    { name: 'avg', word: say('Average'), isNumber: true, valueOf: ({ avgDurationMs }) => avgDurationMs },
    {
      name: 'p50',
      word: 'p50',
      isNumber: true,
      valueOf: (row) => row.p50DurationMs ?? null,
      isTold: rows.some((row) => row.p50DurationMs !== undefined),
    },
    { name: 'p95', word: 'p95', isNumber: true, valueOf: ({ p95DurationMs }) => p95DurationMs },
    {
      name: 'p99',
      word: 'p99',
      isNumber: true,
      valueOf: (row) => row.p99DurationMs ?? null,
      isTold: rows.some((row) => row.p99DurationMs !== undefined),
    },
    { name: 'max', word: say('Longest'), isNumber: true, valueOf: ({ maxDurationMs }) => maxDurationMs },
    {
      name: 'wait',
      word: say('Wait p95'),
      isNumber: true,
      valueOf: (row) => row.p95WaitMs ?? null,
      isTold: rows.some((row) => row.p95WaitMs !== undefined),
    },
    { name: 'rate', word: say('Per hour'), isNumber: true, valueOf: ({ runsPerHour }) => runsPerHour },
  ]
  return columns.filter(({ isTold }) => isTold !== false)
}

/** A number of a row as it is read. */
export function cellWords(name: string, value: number | string | null, { count, duration, percent }: Formats): string {
  if (value === null) return '–'
  if (typeof value === 'string') return value
  if (name === 'runs') return count(value)
  if (name === 'ok') return percent(value)
  if (name === 'rate') return count(value < 10 ? Math.round(value * 10) / 10 : Math.round(value))
  return duration(value)
}
