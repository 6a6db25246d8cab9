import {
  defaultPageSize,
  isTaskStatus,
  maxPageSize,
  parseCursor,
  parseSearch,
  parseWindow,
  ProtocolError,
  sortFields,
  type Cursor,
  type Problem,
  type TaskFilter,
  type TaskQuery,
} from '@taskloom/protocol'
import { madeProblem } from './http.ts'
import { chartSeries, tabNames, type TabName, type TimeRange, type ViewQuery } from './state.ts'

/** What is shown before anybody asked for anything: everything, newest first. */
export const initialView: ViewQuery = {
  tab: 'view',
  statuses: [],
  funcNames: [],
  queues: [],
  range: { kind: 'all' },
  search: '',
  sort: 'created_at',
  order: 'desc',
  pageSize: defaultPageSize,
  cursor: null,
  pageNumber: 1,
  columns: [],
  series: 'status',
}

/** The protocol's filter for what the operator asked; throws `ProtocolError` when the search is not understood. */
export function toTaskFilter(view: ViewQuery, now: number): TaskFilter {
  return {
    statuses: view.tab === 'dead-letters' ? ['failed'] : view.statuses,
    funcNames: view.funcNames,
    queues: view.queues,
    sources: [],
    tags: [],
    workerIds: [],
    ...toInstants(view.range, now),
    search: parseSearch(view.search),
  }
}

/** The protocol’s query for what the operator asked; throws `ProtocolError` when the search is not understood. */
export function toTaskQuery(view: ViewQuery, now: number): TaskQuery {
  return {
    filter: toTaskFilter(view, now),
    sort: view.sort,
    order: view.order,
    limit: view.pageSize,
    cursor: readCursor(view.cursor),
  }
}

/** What is wrong with a search as it stands in the box; null when it is understood. */
export function searchProblem(search: string): Problem | null {
  try {
    parseSearch(search)
    return null
  } catch (error) {
    if (error instanceof ProtocolError)
      return { ...madeProblem(error.code, 'The query is not understood', 400, error.message), ...error.at }
    throw error
  }
}

/** A cursor of ours; null for anything else, which then means the first page. */
export function readCursor(text: string | null): Cursor | null {
  try {
    return parseCursor(text)
  } catch {
    return null
  }
}

/** Only what differs from {@link initialView}, so that an untouched dashboard leaves an address clean. */
export function encodeView(view: ViewQuery): URLSearchParams {
  const params = new URLSearchParams()
  const set = (key: string, value: string, untouched: string) => value !== untouched && params.set(key, value)
  set('tab', view.tab, initialView.tab)
  for (const status of view.statuses) params.append('status', status)
  for (const name of view.funcNames) params.append('func', name)
  for (const queue of view.queues) params.append('queue', queue)
  if (view.range.kind === 'window') params.set('window', view.range.window)
  if (view.range.kind === 'between') {
    params.set('since', new Date(view.range.since).toISOString())
    if (view.range.until !== null) params.set('until', new Date(view.range.until).toISOString())
  }
  set('q', view.search, '')
  set('sort', view.sort, initialView.sort)
  set('order', view.order, initialView.order)
  set('limit', String(view.pageSize), String(initialView.pageSize))
  if (view.cursor !== null) params.set('cursor', view.cursor)
  set('page', String(view.pageNumber), '1')
  for (const column of view.columns) params.append('column', column)
  set('chart', view.series, initialView.series)
  return params
}

/** Reads an address. What is not understood is left out, never an error: addresses are typed and shared by people. */
export function decodeView(params: URLSearchParams): ViewQuery {
  return readView({
    tab: params.get('tab'),
    statuses: params.getAll('status'),
    funcNames: params.getAll('func'),
    queues: params.getAll('queue'),
    range: decodeRange(params),
    search: params.get('q'),
    sort: params.get('sort'),
    order: params.get('order'),
    pageSize: toNumber(params.get('limit')),
    cursor: params.get('cursor'),
    pageNumber: toNumber(params.get('page')),
    columns: params.getAll('column'),
    series: params.get('chart'),
  })
}

/** A view as it is saved and linked to: without its page. */
export function formatView(view: ViewQuery): string {
  return encodeView({ ...view, cursor: null, pageNumber: 1 }).toString()
}

/** What of a view an address asks for. How rows and chart look stays as the reader has it where nothing is said of it. */
export function parseView(query: string): Partial<ViewQuery> {
  const params = new URLSearchParams(query)
  const { columns, pageSize, series, ...view } = decodeView(params)
  return {
    ...view,
    ...(params.has('column') ? { columns } : {}),
    ...(params.has('limit') ? { pageSize } : {}),
    ...(params.has('chart') ? { series } : {}),
  }
}

/** A view from JSON that anybody may have written; every part that is not one of ours becomes the initial one. */
export function readView(input: unknown): ViewQuery {
  const given = isObject(input) ? input : {}
  const cursor = typeof given['cursor'] === 'string' && readCursor(given['cursor']) ? given['cursor'] : null
  return {
    tab: readTabName(given['tab']) ?? initialView.tab,
    statuses: textsOf(given['statuses']).filter(isTaskStatus),
    funcNames: textsOf(given['funcNames']),
    queues: textsOf(given['queues']),
    range: readRange(given['range']),
    search: typeof given['search'] === 'string' ? given['search'].slice(0, maxSearchTextLength) : '',
    sort: wordOf(sortFields, given['sort'], initialView.sort),
    order: wordOf(['asc', 'desc'] as const, given['order'], initialView.order),
    pageSize: countUpTo(maxPageSize, given['pageSize'], initialView.pageSize),
    cursor,
    pageNumber: cursor === null ? 1 : countUpTo(1_000_000, given['pageNumber'], 1),
    columns: textsOf(given['columns']),
    series: wordOf(chartSeries, given['series'], initialView.series),
  }
}

/** One of our tabs, or a panel's; null for anything else. */
export function readTabName(input: unknown): TabName | null {
  if (typeof input !== 'string') return null
  if (/^panel:[\w-]{1,100}$/.test(input)) return input as TabName
  return tabNames.find((name) => name === input) ?? null
}

/** Whether anything narrows what is shown, apart from the tab. */
export function isFiltered(view: ViewQuery): boolean {
  const { statuses, funcNames, queues, range, search } = view
  return [statuses, funcNames, queues].some((words) => words.length > 0) || range.kind !== 'all' || search.trim() !== ''
}

const maxSearchTextLength = 500
const maxTexts = 50
const maxTextLength = 300
const latestInstant = 8.64e15

function toInstants(range: TimeRange, now: number): Pick<TaskFilter, 'since' | 'until'> {
  switch (range.kind) {
    case 'all':
      return { since: null, until: null }
    case 'window': {
      const windowMs = parseWindow(range.window)
      return { since: windowMs === null ? null : Math.max(0, now - windowMs), until: null }
    }
    case 'between':
      return { since: range.since, until: range.until }
  }
}

function decodeRange(params: URLSearchParams): unknown {
  const window = params.get('window')
  if (window !== null) return { kind: 'window', window }
  const since = params.get('since')
  const until = params.get('until')
  if (since === null) return null
  return { kind: 'between', since: Date.parse(since), until: until === null ? null : Date.parse(until) }
}

function readRange(input: unknown): TimeRange {
  if (!isObject(input)) return initialView.range
  const { kind, window, since, until } = input
  if (kind === 'window' && typeof window === 'string' && parseWindow(window) !== null) return { kind, window }
  if (kind === 'between' && isInstant(since)) return { kind, since, until: isInstant(until) ? until : null }
  return initialView.range
}

function isInstant(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= latestInstant
}

function textsOf(input: unknown): readonly string[] {
  if (!Array.isArray(input)) return []
  const isUsable = (text: unknown): text is string =>
    typeof text === 'string' && text !== '' && text.length <= maxTextLength && !text.includes('\0')
  return [...new Set(input.filter(isUsable))].slice(0, maxTexts)
}

function wordOf<const W extends string>(words: readonly W[], input: unknown, fallback: W): W {
  return words.find((word) => word === input) ?? fallback
}

function countUpTo(max: number, input: unknown, fallback: number): number {
  return Number.isInteger(input) && (input as number) > 0 && (input as number) <= max ? (input as number) : fallback
}

function toNumber(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null
}

function isObject(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}
