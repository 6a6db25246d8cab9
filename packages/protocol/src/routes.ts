import { array, boolean, object, optional, string, type Codec } from './codec.ts'
import { logPage, metrics, taskDetail, taskPage, taskProgress } from './task.ts'
import {
  bulkAnswer,
  capabilities,
  deletedAnswer,
  functionView,
  health,
  queueCount,
  scheduleView,
  taskAnswer,
  timeline,
  typeStats,
  type ActionName,
} from './views.ts'

export type Method = 'GET' | 'POST' | 'DELETE'

export interface Route {
  readonly method: Method
  /** Segments below the mount path; `{name}` stands for one segment, a trailing `*` for the rest. */
  readonly path: string
  readonly summary: string
  /** Names of the query parameters it reads; any other is refused. */
  readonly query: readonly string[]
  readonly body: Codec<unknown> | null
  /** The shape of a 200 answer; null when it is not JSON. */
  readonly answer: Codec<unknown> | null
  /** What the caller must be allowed to do; null for reads. */
  readonly action: ActionName | null
}

const filterParams = [
  'status',
  'func_name',
  'queue',
  'source',
  'tag',
  'worker_id',
  'since',
  'until',
  'window',
  'q',
] as const

const reason = object({ reason: optional(string) })
const bulkRetryBody = object({ taskIds: array(string), again: optional(boolean), reason: optional(string) })

function get<const P extends string, A>(
  path: P,
  summary: string,
  answer: Codec<A> | null,
  query: readonly string[] = [],
) {
  return { method: 'GET', path, summary, query, body: null, answer, action: null } as const
}

function command<const P extends string, A>(
  method: 'POST' | 'DELETE',
  path: P,
  action: ActionName,
  summary: string,
  answer: Codec<A>,
  more: { readonly query?: readonly string[]; readonly body?: Codec<unknown> } = {},
) {
  return { method, path, summary, query: more.query ?? [], body: more.body ?? reason, answer, action } as const
}

/** The route table: the router, the client, the OpenAPI document and the docs are read from it. */
export const routes = {
  list: get('', 'Tasks of a filter, a page at a time', taskPage, [...filterParams, 'sort', 'order', 'limit', 'cursor']),
  metrics: get('metrics', 'Counts and durations of a filter', metrics, filterParams),
  timeline: get('timeline', 'Counts per bucket of time', timeline, [...filterParams, 'hours', 'bucket', 'group']),
  functions: get('functions', 'Defined functions and their statistics', array(functionView)),
  types: get('types', 'Statistics per function', array(typeStats), filterParams),
  queues: get('queues', 'Queues and their counts', array(queueCount)),
  schedules: get('schedules', 'Schedules and their next runs', array(scheduleView)),
  health: get('health', 'Whether the source works', health),
  livez: get('livez', 'Whether the process answers', object({ status: string })),
  capabilities: get('capabilities', 'What this source and this caller can do', capabilities),
  openapi: get('openapi.json', 'This table as OpenAPI 3.1', null),
  stream: get('stream', 'Live changes as server-sent events', null, [...filterParams, 'task_id']),
  dashboard: get('dashboard', 'A page with the dashboard', null),
  asset: get('dashboard/assets/*', 'Files of the dashboard', null),
  bulkRetry: command('POST', 'bulk-retry', 'bulk_retry', 'Retries the given tasks', bulkAnswer, {
    body: bulkRetryBody,
  }),
  retryFailed: command('POST', 'retry-failed', 'bulk_retry', 'Retries dead letters of a window', bulkAnswer, {
    query: ['since', 'func_name', 'again'],
  }),
  clearHistory: command('DELETE', 'history', 'clear_history', 'Deletes old terminal tasks', deletedAnswer, {
    query: ['value', 'unit', 'status'],
  }),
  runSchedule: command('POST', 'schedules/{name}/run', 'schedule_run', 'Enqueues a scheduled function now', taskAnswer),
  pauseSchedule: command('POST', 'schedules/{name}/pause', 'schedule_pause', 'Pauses a schedule', scheduleView),
  resumeSchedule: command('POST', 'schedules/{name}/resume', 'schedule_pause', 'Resumes a schedule', scheduleView),
  detail: get('{task_id}', 'One task with everything known of it', taskDetail),
  logs: get('{task_id}/logs', "A page of a task's log", logPage, ['after', 'level', 'q', 'limit']),
  progress: get('{task_id}/progress', 'A light poll of one task', taskProgress),
  retry: command('POST', '{task_id}/retry', 'retry', 'Mints a new task from a failed one', taskAnswer),
  cancel: command('POST', '{task_id}/cancel', 'cancel', 'Cancels a pending or running task', taskAnswer),
  runNow: command('POST', '{task_id}/run-now', 'run_now', 'Makes a delayed task due', taskAnswer),
  delete: command('DELETE', '{task_id}', 'delete', 'Deletes a terminal task', deletedAnswer),
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof routes
export type AnswerOf<N extends RouteName> = NonNullable<(typeof routes)[N]['answer']> extends Codec<infer A> ? A : never

export interface RouteMatch {
  readonly name: RouteName
  readonly params: Readonly<Record<string, string>>
}

/** Which route a path below the mount is; the methods that exist there when the method is another. */
export function matchRoute(
  method: string,
  segments: readonly string[],
): RouteMatch | { readonly allow: readonly Method[] } {
  const allow: Method[] = []
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    const params = matchPath(route.path, segments)
    if (params === null) continue
    if (route.method === method) return { name, params }
    allow.push(route.method)
  }
  return { allow: [...new Set(allow)] }
}

/** The path of a route below the mount, its parameters filled in and escaped. */
export function buildPath(name: RouteName, params: Readonly<Record<string, string>> = {}): string {
  return routes[name].path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(params[key] ?? ''))
}

function matchPath(path: string, segments: readonly string[]): Record<string, string> | null {
  const pattern = path === '' ? [] : path.split('/')
  const rest = pattern.at(-1) === '*'
  if (rest ? segments.length < pattern.length : segments.length !== pattern.length) return null
  const params: Record<string, string> = {}
  for (const [index, part] of pattern.entries()) {
    if (part === '*') params['rest'] = segments.slice(index).join('/')
    else if (part.startsWith('{')) params[part.slice(1, -1)] = segments[index] ?? ''
    else if (part !== segments[index]) return null
  }
  return params
}
