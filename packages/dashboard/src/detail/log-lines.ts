import type { LogEntry } from '@taskloom/protocol'
import { plainText } from './ansi.ts'

/** A row of the log: a line, or the head of an attempt. Every row is equally high. */
export type LogRow =
  | { readonly kind: 'line'; readonly key: string; readonly entry: LogEntry }
  | { readonly kind: 'attempt'; readonly key: string; readonly attempt: number }

export interface LogFilter {
  /** The lowest level shown; empty shows all. */
  readonly level: string
  readonly search: string
}

const ranks: Readonly<Record<string, number>> = { debug: 0, info: 1, warning: 2, error: 3 }

/** The rows of a log under a filter. A level that is not known is shown always. Pure. */
export function logRows(entries: readonly LogEntry[], { level, search }: LogFilter): readonly LogRow[] {
  const least = ranks[level] ?? 0
  const wanted = search.trim().toLowerCase()
  const rows: LogRow[] = []
  // A log of the first attempt alone needs no heads.
  const hasHeads = entries.some((entry) => entry.attempt > 1)
  let attempt: number | null = null
  for (const entry of entries) {
    if ((ranks[entry.level] ?? 3) < least) continue
    if (wanted !== '' && !plainText(entry.message).toLowerCase().includes(wanted)) continue
    if (hasHeads && entry.attempt !== attempt) {
      rows.push({ kind: 'attempt', key: `attempt-${entry.attempt}-${entry.line}`, attempt: entry.attempt })
    }
    attempt = entry.attempt
    rows.push({ kind: 'line', key: `line-${entry.line}`, entry })
  }
  return rows
}

/** Which rows are drawn for a place of scrolling: those seen and a few around. Pure. */
export function windowOf(
  scrollTop: number,
  height: number,
  rowHeight: number,
  total: number,
): readonly [number, number] {
  const around = 12
  // A search may leave fewer rows than were scrolled past; the browser says so only later.
  const top = Math.min(scrollTop / rowHeight, Math.max(0, total - height / rowHeight))
  const last = Math.min(total, Math.ceil(top + height / rowHeight) + around)
  return [Math.max(0, Math.floor(top) - around), last]
}

/** The log as plain text, for the clipboard and a file. */
export function logText(rows: readonly LogRow[]): string {
  return rows
    .map((row) => {
      if (row.kind === 'attempt') return `--- attempt ${row.attempt} ---`
      const { at, level, message, extra } = row.entry
      const rest = extra === null ? '' : ` ${JSON.stringify(extra)}`
      return `${new Date(at).toISOString()} ${level.toUpperCase().padEnd(7)} ${plainText(message)}${rest}`
    })
    .join('\n')
}

/** The log for programs: a JSON object a line, in the protocol's spelling. */
export function logNdjson(rows: readonly LogRow[]): string {
  return rows
    .flatMap((row) => (row.kind === 'line' ? [row.entry] : []))
    .map(({ line, at, level, message, attempt, extra }) => {
      const entry = { line, at: new Date(at).toISOString(), level, message: plainText(message), attempt, extra }
      return `${JSON.stringify(entry)}\n`
    })
    .join('')
}
