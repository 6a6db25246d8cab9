import type { TaskSummary } from './task.ts'

/** The head of an exported file. */
export const csvColumns = ['ID', 'Function', 'Status', 'Duration (ms)', 'Retries', 'Created', 'Error'] as const
/** Without it Excel reads the file in the machine's own code page. */
export const byteOrderMark = '\ufeff'
/** As papaparse is told it: lines of RFC 4180, and a `'` before text that a spreadsheet would run. Numbers stay numbers. */
export const csvFormat = { escapeFormulae: /^[\s\u00a0]*[=+\-@\t\r＝＋－＠]/, newline: '\r\n' }

/** The cells of a task under {@link csvColumns}. */
export function csvCells(task: TaskSummary): (string | number | null)[] {
  const created = new Date(task.createdAt).toISOString()
  return [task.taskId, task.funcName, task.status, task.durationMs, task.retriesUsed, created, task.error]
}
