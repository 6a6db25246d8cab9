import type { Place } from './order.ts'
import { ProtocolError } from './problem.ts'
import { formatSearch, parseSearch, type SearchTerm } from './search.ts'
import { isTaskStatus, taskSources, type TaskSourceName, type TaskStatus } from './status.ts'

/** A name and a value that a task was given when it was enqueued. */
export interface Tag {
  /** At most 100 characters. */
  readonly key: string
  /** At most 300 characters. */
  readonly value: string
}

/** Which tasks are meant. Empty lists mean "any". */
export interface TaskFilter {
  /** In one of these statuses. */
  readonly statuses: readonly TaskStatus[]
  /** Of one of these functions, by whole name. */
  readonly funcNames: readonly string[]
  /** In one of these queues, by whole name. */
  readonly queues: readonly string[]
  /** Asked for by one of these. */
  readonly sources: readonly TaskSourceName[]
  /** With all of these tags. */
  readonly tags: readonly Tag[]
  /** Run by one of these processes. */
  readonly workerIds: readonly string[]
  /**
   * Creation time, epoch milliseconds, `since` inclusive and `until` exclusive. Both lie on whole minutes: roll-ups have
   * that resolution, and so rows, counts and charts of one filter always speak of the same tasks.
   */
  readonly since: number | null
  /** The end of the time of creation, exclusive; null for none. */
  readonly until: number | null
  /** The terms of the search box; all must hold. */
  readonly search: readonly SearchTerm[]
  /** These tasks alone; all when it is absent. No query string says it: a server narrows what somebody asks by it. */
  readonly taskIds?: readonly string[]
}

/** What a list can be sorted by. */
export const sortFields = [
  'created_at',
  'func_name',
  'status',
  'duration',
  'retries_used',
  'start_time',
  'end_time',
  'priority',
  'task_id',
] as const
/** One of {@link sortFields}. */
export type SortField = (typeof sortFields)[number]
/** Rising or falling. */
export type SortOrder = 'asc' | 'desc'

/** The row to read on from, and in which direction. */
export interface Cursor extends Place {
  /** Towards the end of the list, or back towards its beginning. */
  readonly direction: 'next' | 'prev'
}

/** A page of the list of tasks. */
export interface TaskQuery {
  /** Which tasks. */
  readonly filter: TaskFilter
  /** By what they are sorted; equal rows by id. */
  readonly sort: SortField
  /** Whether the least or the greatest comes first. */
  readonly order: SortOrder
  /** How many rows, 1 to 500. */
  readonly limit: number
  /** Where to read on; null for the first page. */
  readonly cursor: Cursor | null
}

/** Rows of a page when a query does not say. */
export const defaultPageSize = 30
/** Rows of a page at most. */
export const maxPageSize = 500
/** The resolution of filters and figures in milliseconds. */
export const minuteMs = 60_000

/** The filter that every task belongs to. */
export const anyTask: TaskFilter = {
  statuses: [],
  funcNames: [],
  queues: [],
  sources: [],
  tags: [],
  workerIds: [],
  since: null,
  until: null,
  search: [],
}

/** Reads the filter part of a query string; throws {@link ProtocolError} that names the parameter at fault. */
export function parseFilter(params: URLSearchParams, now: number): TaskFilter {
  const since = parseSince(params, now)
  const until = parseInstant(params, 'until')
  return {
    statuses: texts(params, 'status').map(parseStatus),
    funcNames: texts(params, 'func_name'),
    queues: texts(params, 'queue'),
    sources: texts(params, 'source').map(parseSource),
    tags: texts(params, 'tag').map(parseTag),
    workerIds: texts(params, 'worker_id'),
    since: since === null ? null : Math.floor(since / minuteMs) * minuteMs,
    until: until === null ? null : Math.ceil(until / minuteMs) * minuteMs,
    search: parseSearch(single(params, 'q') ?? ''),
  }
}

/**
 * Reads a whole query string of the list: newest first and 30 rows by default. `now` is epoch milliseconds. Throws
 * {@link ProtocolError} that names the parameter at fault.
 */
export function parseTaskQuery(params: URLSearchParams, now: number): TaskQuery {
  return {
    filter: parseFilter(params, now),
    sort: parseWord(params, 'sort', sortFields, 'created_at'),
    order: parseWord(params, 'order', ['asc', 'desc'], 'desc'),
    limit: parseInteger(params, 'limit', { min: 1, max: maxPageSize, fallback: defaultPageSize }),
    cursor: parseCursor(single(params, 'cursor')),
  }
}

/** The query string that {@link parseFilter} reads; what is left out is not said. */
export function formatFilter(filter: Partial<TaskFilter>): URLSearchParams {
  const params = new URLSearchParams()
  for (const status of filter.statuses ?? []) params.append('status', status)
  for (const name of filter.funcNames ?? []) params.append('func_name', name)
  for (const queue of filter.queues ?? []) params.append('queue', queue)
  for (const source of filter.sources ?? []) params.append('source', source)
  for (const tag of filter.tags ?? []) params.append('tag', `${tag.key}:${tag.value}`)
  for (const workerId of filter.workerIds ?? []) params.append('worker_id', workerId)
  if (filter.since != null) params.set('since', new Date(filter.since).toISOString())
  if (filter.until != null) params.set('until', new Date(filter.until).toISOString())
  if (filter.search?.length) params.set('q', formatSearch(filter.search))
  return params
}

/** The query string that {@link parseTaskQuery} reads; what is left out is not said. */
export function formatTaskQuery(query: Partial<TaskQuery>): URLSearchParams {
  const params = formatFilter(query.filter ?? {})
  if (query.sort) params.set('sort', query.sort)
  if (query.order) params.set('order', query.order)
  if (query.limit) params.set('limit', String(query.limit))
  if (query.cursor) params.set('cursor', formatCursor(query.cursor))
  return params
}

/** A cursor as one opaque word for an address. */
export function formatCursor({ direction, value, taskId }: Cursor): string {
  const text = JSON.stringify([direction === 'next' ? 1 : 0, value, taskId])
  const bytes = new TextEncoder().encode(text)
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')
}

/**
 * Reads what {@link formatCursor} wrote; null for null and the empty text. Throws {@link ProtocolError} with
 * `bad_cursor`.
 */
export function parseCursor(text: string | null): Cursor | null {
  if (text === null || text === '') return null
  const refuse = () => new ProtocolError('bad_cursor', 'The cursor is not one of ours', { parameter: 'cursor' })
  if (text.length > 2_000) throw refuse()
  let parts: unknown
  try {
    const bytes = Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0))
    parts = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw refuse()
  }
  if (!Array.isArray(parts) || parts.length !== 3) throw refuse()
  const [direction, value, taskId] = parts as unknown[]
  const isValue = value === null || typeof value === 'string' || typeof value === 'number'
  if ((direction !== 0 && direction !== 1) || !isValue || typeof taskId !== 'string') throw refuse()
  return { direction: direction === 1 ? 'next' : 'prev', value, taskId }
}

const windowPattern = /^(\d{1,6})(m|h|d)$/
const windowUnitMs = { m: minuteMs, h: 3_600_000, d: 86_400_000 } as const

/** `15m`, `6h`, `7d` in milliseconds; null when it is not such a window. */
export function parseWindow(text: string): number | null {
  const match = windowPattern.exec(text)
  if (!match) return null
  const amount = Number(match[1])
  return amount === 0 ? null : amount * windowUnitMs[match[2] as keyof typeof windowUnitMs]
}

/** A whole number within a range, `fallback` when it is not given. Throws {@link ProtocolError} with `bad_query`. */
export function parseInteger(
  params: URLSearchParams,
  name: string,
  range: { readonly min: number; readonly max: number; readonly fallback: number },
): number {
  const text = single(params, name)
  if (text === null) return range.fallback
  const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= range.min && value <= range.max)) {
    throw bad(name, `a whole number from ${range.min} to ${range.max}`)
  }
  return value
}

/** One of the words, `fallback` when it is not given. Throws {@link ProtocolError} with `bad_query`. */
export function parseWord<const W extends string>(
  params: URLSearchParams,
  name: string,
  words: readonly W[],
  fallback: W,
): W {
  const text = single(params, name)
  if (text === null) return fallback
  const word = words.find((candidate) => candidate === text)
  if (word === undefined) throw bad(name, `one of ${words.join(', ')}`)
  return word
}

/** The value of a parameter that may be given once; giving it twice is an error, not a guess. */
export function single(params: URLSearchParams, name: string): string | null {
  const values = params.getAll(name)
  if (values.length > 1) throw bad(name, 'one value')
  return values[0] ?? null
}

const maxValues = 50
const maxTextLength = 300

function texts(params: URLSearchParams, name: string): readonly string[] {
  const values = [...new Set(params.getAll(name).filter((value) => value !== ''))]
  if (values.length > maxValues) throw bad(name, `at most ${maxValues} values`)
  if (values.some((value) => value.length > maxTextLength || value.includes('\0'))) throw bad(name, 'a shorter text')
  return values
}

function parseStatus(text: string): TaskStatus {
  if (!isTaskStatus(text)) throw bad('status', 'a status')
  return text
}

function parseSource(text: string): TaskSourceName {
  const source = taskSources.find((candidate) => candidate === text)
  if (source === undefined) throw bad('source', `one of ${taskSources.join(', ')}`)
  return source
}

function parseTag(text: string): Tag {
  const colon = text.indexOf(':')
  if (colon <= 0) throw bad('tag', 'key:value')
  return { key: text.slice(0, colon), value: text.slice(colon + 1) }
}

function parseSince(params: URLSearchParams, now: number): number | null {
  const window = single(params, 'window')
  if (window === null || window === '') return parseInstant(params, 'since')
  if (params.has('since')) throw bad('window', 'either window or since')
  const lengthMs = parseWindow(window)
  if (lengthMs === null) throw bad('window', '<N>m, <N>h or <N>d')
  return Math.max(0, now - lengthMs)
}

function parseInstant(params: URLSearchParams, name: string): number | null {
  const text = single(params, name)
  if (text === null || text === '') return null
  const value = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(value) || value < 0) throw bad(name, 'an ISO 8601 instant')
  return value
}

function bad(parameter: string, expected: string): ProtocolError {
  return new ProtocolError('bad_query', `${parameter}: expected ${expected}`, { parameter })
}
