import { byteOrderMark, csvCells, csvColumns, csvFormat, type TaskQuery, type TaskSummary } from '@taskloom/protocol'
import Papa from 'papaparse'
import type { Client } from './client.ts'
import { readCursor } from './view-query.ts'
import type { CsvFile, CsvProgress } from './state.ts'

export { csvColumns } from '@taskloom/protocol'

/** What is exported. */
export interface ExportOptions {
  /** Filter and sort; limit and cursor are the export's own. */
  readonly query: Pick<TaskQuery, 'filter' | 'sort' | 'order'>
  /** Epoch milliseconds; names the file. */
  readonly now: number
  /** Called after each page; nobody is told by default. */
  readonly onProgress?: (progress: CsvProgress) => void
  /** Calls the export off between two pages or within one. Without it, it runs to its end. */
  readonly signal?: AbortSignal
}

/** All rows of a filter as one CSV file, read page by page; throws `ClientError`, with code `aborted` when called off. */
export async function exportTasks(client: Pick<Client, 'list'>, options: ExportOptions): Promise<CsvFile> {
  const { query, signal, onProgress } = options
  // Text handed to a Blob leaves the script's heap: only one page and a few parts are ever in it.
  let file = new Blob([byteOrderMark, csvRow(csvColumns)], { type: csvType })
  let parts: string[] = []
  let rows = 0
  let cursor: string | null = null
  do {
    const page = await client.list({ ...query, limit: pageSize, cursor: readCursor(cursor) }, { signal })
    rows += page.tasks.length
    if (page.tasks.length > 0) parts.push(tasksToCsv(page.tasks))
    if (parts.length === partsPerBlob) {
      file = new Blob([file, ...parts], { type: csvType })
      parts = []
    }
    onProgress?.({ rows, total: Math.max(rows, page.total) })
    // A server that answers with the cursor it was given would keep us for ever.
    cursor = page.nextCursor === cursor ? null : page.nextCursor
  } while (cursor !== null)
  return { name: csvName(options.now), blob: new Blob([file, ...parts], { type: csvType }) }
}

/** Lines of RFC 4180 without a head. Numbers stay numbers; text that a spreadsheet would run is disarmed by a `'`. */
export function tasksToCsv(tasks: readonly TaskSummary[]): string {
  return tasks.map((task) => csvRow(csvCells(task))).join('')
}

/** `tasks-2026-01-31.csv`, by the day in UTC. */
export function csvName(now: number): string {
  return `tasks-${new Date(now).toISOString().slice(0, 10)}.csv`
}

const pageSize = 500
const partsPerBlob = 8
const csvType = 'text/csv;charset=utf-8'

function csvRow(cells: readonly (string | number | null)[]): string {
  return Papa.unparse([[...cells]], csvFormat) + csvFormat.newline
}
