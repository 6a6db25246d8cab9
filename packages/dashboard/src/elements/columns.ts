import type { WordTable } from '@taskloom/client'
import type { SortField, TaskSummary } from '@taskloom/protocol'

/** A column of the rows. */
export interface Column {
  readonly name: string
  /** English, where it is one of ours. */
  readonly word: string
  readonly sort: SortField | null
  /** Pixels; null takes what is left. */
  readonly width: number | null
  readonly isNumber: boolean
  /** What a column of the page shows; absent for ours. */
  readonly render?: CustomColumn['render']
}

/** A column that the page makes itself. */
export interface CustomColumn {
  /** Unlike ours, such as `order`. */
  readonly name: string
  /** Its head. */
  readonly heading: string
  /** What a cell shows: a text, a node, or a template of Lit. Called again when the task is another. */
  readonly render: (task: TaskSummary) => unknown
  /** Pixels; default 140. */
  readonly width?: number
}

/** Which columns there are. Operators can choose others among them. */
export interface ColumnOptions {
  /** Names in their order; default ours and then the page's own. */
  readonly order?: readonly string[]
  /** Names that are not shown until an operator wants them; default none. */
  readonly hidden?: readonly string[]
  /** Columns that the page makes itself; default none. */
  readonly custom?: readonly CustomColumn[]
}

const columnWords = {
  status: 'Status',
  function: 'Function',
  id: 'ID',
  queue: 'Queue',
  retries: 'Retries',
  duration: 'Duration',
  created: 'Created',
  error: 'Error',
  priority: 'Priority',
  tags: 'Tags',
  user: 'User',
  source: 'Source',
  worker: 'Worker',
  executor: 'Executor',
  wait: 'Wait',
  started: 'Started',
  ended: 'Ended',
} satisfies WordTable

type OwnName = keyof typeof columnWords

const usual: readonly OwnName[] = ['status', 'function', 'id', 'queue', 'retries', 'duration', 'created', 'error']

const sorts: Readonly<Partial<Record<OwnName, SortField>>> = {
  status: 'status',
  function: 'func_name',
  retries: 'retries_used',
  duration: 'duration',
  created: 'created_at',
  priority: 'priority',
  started: 'start_time',
  ended: 'end_time',
}

const widths: Readonly<Partial<Record<OwnName, number | null>>> = {
  status: 124,
  function: null,
  id: 112,
  retries: 104,
  created: 118,
  error: null,
  priority: 84,
  tags: 200,
  worker: 140,
  started: 118,
  ended: 118,
}

const numbers: readonly string[] = ['duration', 'created', 'priority', 'wait', 'started', 'ended']

/** Every column that can be shown: those of the page's order first. */
export function allColumns(options: ColumnOptions = {}): readonly Column[] {
  const own = (Object.keys(columnWords) as OwnName[]).map(ownColumn)
  const custom = (options.custom ?? []).map(({ name, heading, render, width = 140 }) => {
    return { name, word: heading, sort: null, width, isNumber: false, render }
  })
  const known = new Map<string, Column>([...own, ...custom].map((column) => [column.name, column]))
  return [...new Set([...(options.order ?? []), ...usual, ...known.keys()])].flatMap((name) => known.get(name) ?? [])
}

/** The columns before an operator chose. */
export function usualColumns(options: ColumnOptions = {}): readonly Column[] {
  const shown: readonly string[] = options.order ?? [...usual, ...(options.custom ?? []).map(({ name }) => name)]
  return allColumns(options).filter(({ name }) => shown.includes(name) && !options.hidden?.includes(name))
}

/** The columns that are shown; `chosen` are names in their order, and none of them means the usual ones. */
export function shownColumns(chosen: readonly string[], options: ColumnOptions = {}): readonly Column[] {
  const all = allColumns(options)
  const found = chosen.flatMap((name) => all.find((column) => column.name === name) ?? [])
  return found.length > 0 ? found : usualColumns(options)
}

function ownColumn(name: OwnName): Column {
  return {
    name,
    word: columnWords[name],
    sort: sorts[name] ?? null,
    width: widths[name] === undefined ? 96 : widths[name],
    isNumber: numbers.includes(name),
  }
}
