import { byteOrderMark, csvCells, csvColumns, csvFormat, taskSummary, type TaskSummary } from '@taskloom/protocol'
import Papa from 'papaparse'

/** How tasks are written into a file, a page at a time. */
export interface Layout {
  readonly type: string
  readonly extension: string
  readonly head: string
  /** One task or more. */
  page(tasks: readonly TaskSummary[], isFirst: boolean): string
  readonly foot: string
}

/** The same file that the dashboard's own export makes. */
export const csvLayout: Layout = {
  type: 'text/csv; charset=utf-8; header=present',
  extension: 'csv',
  head: byteOrderMark + lines([[...csvColumns]]),
  page: (tasks) => lines(tasks.map(csvCells)),
  foot: '',
}

/** One array of tasks as the list gives them. */
export const jsonLayout: Layout = {
  type: 'application/json; charset=utf-8',
  extension: 'json',
  head: '[',
  page: (tasks, isFirst) =>
    (isFirst ? '\n' : ',\n') + tasks.map((task) => JSON.stringify(taskSummary.encode(task))).join(',\n'),
  foot: '\n]\n',
}

function lines(rows: readonly (string | number | null)[][]): string {
  return Papa.unparse([...rows], csvFormat) + csvFormat.newline
}
