import { createFormatter, formatRelative } from '@taskloom/client'
import type { LogEntry, TaskSummary } from '@taskloom/protocol'
import type { Style } from './style.ts'
import { formatTable, type Column } from './table.ts'
import { safeText } from './text.ts'

const formatter = createFormatter({ locale: 'en-US', timeZone: 'UTC' })

/** `3m 5s`; `–` for null. */
export const durationWords = (ms: number | null): string => formatter.duration(ms)
/** `128,401` */
export const countWords = (value: number): string => formatter.count(value)
/** `97.3%`; `–` for null. */
export const shareWords = (share: number | null): string => formatter.percent(share)

/** `3 minutes ago`; `–` for null. */
export function agoWords(at: number | null, now: number): string {
  return at === null ? '–' : formatRelative(at, now, 'en')
}

/** An instant as the protocol writes it, and how long ago it was. */
export function instantWords(at: number | null, now: number): string | null {
  return at === null ? null : `${new Date(at).toISOString()} (${agoWords(at, now)})`
}

/** `1 task`, `3 tasks`. */
export function tasksWords(count: number): string {
  return `${countWords(count)} ${count === 1 ? 'task' : 'tasks'}`
}

/** Rows of tasks, as wide as there is room. */
export function taskTable(
  tasks: readonly TaskSummary[],
  { style, columns, now }: { readonly style: Style; readonly columns: number | null; readonly now: number },
): string {
  const shape: readonly Column<TaskSummary>[] = [
    { head: 'ID', cell: ({ taskId }) => taskId },
    { head: 'FUNCTION', cell: ({ funcName }) => funcName, least: 12 },
    { head: 'STATUS', cell: ({ status }) => status, isState: true },
    { head: 'QUEUE', cell: ({ queue }) => queue, least: 7, dispensable: 3 },
    { head: 'CREATED', cell: ({ createdAt }) => agoWords(createdAt, now), dispensable: 1 },
    { head: 'DURATION', cell: ({ durationMs }) => durationWords(durationMs), isNumber: true, dispensable: 2 },
    { head: 'RETRIES', cell: retriesWords, isNumber: true, dispensable: 4 },
    { head: 'ERROR', cell: ({ error }) => error ?? '', least: 10, dispensable: 5 },
  ]
  return formatTable(shape, tasks, style, columns)
}

/** `12:00:00.000 warning  the card was declined` */
export function logLine({ at, level, message }: LogEntry): string {
  return `${new Date(at).toISOString()}  ${level.padEnd(7)}  ${safeText(message)}`
}

function retriesWords({ retriesUsed, maxRetries }: TaskSummary): string {
  return `${retriesUsed}/${maxRetries}`
}
