import { array, boolean, json, object, optional, string, type Codec } from './codec.ts'
import type { PanelEntry, PanelView } from './panels.ts'
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

/** The HTTP methods that routes have. */
export type Method = 'GET' | 'POST' | 'DELETE'

/** One thing that a server answers. */
export interface Route {
  /** HEAD is answered wherever GET is. */
  readonly method: Method
  /** Segments below the mount path; `{name}` stands for one segment, a trailing `*` for the rest. */
  readonly path: string
  /** Names of the query parameters it reads; any other is refused. */
  readonly query: readonly string[]
  /** The shape of its body; null when it has none. */
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

function get<const P extends string, A>(path: P, answer: Codec<A> | null, query: readonly string[] = []) {
  return { method: 'GET', path, query, body: null, answer, action: null } as const
}

function command<const P extends string, A>(
  method: 'POST' | 'DELETE',
  path: P,
  action: ActionName,
  answer: Codec<A>,
  more: { readonly query?: readonly string[]; readonly body?: Codec<unknown> } = {},
) {
  return { method, path, query: more.query ?? [], body: more.body ?? reason, answer, action } as const
}

/** The route table: the router, the client, the OpenAPI document and the docs are read from it. */
export const routes = {
  list: get('', taskPage, [...filterParams, 'sort', 'order', 'limit', 'cursor']),
  metrics: get('metrics', metrics, filterParams),
  prometheus: get('metrics/prometheus', null),
  timeline: get('timeline', timeline, [...filterParams, 'hours', 'bucket', 'group']),
  functions: get('functions', array(functionView)),
  types: get('types', array(typeStats), filterParams),
  queues: get('queues', array(queueCount)),
  schedules: get('schedules', array(scheduleView)),
  // Their codecs are large, and no page decodes them yet: see `describedAnswers`.
  panels: get('panels', json as Codec<readonly PanelEntry[]>),
  panel: get('panels/{id}', json as Codec<PanelView>),
  health: get('health', health),
  livez: get('livez', object({ status: string })),
  capabilities: get('capabilities', capabilities),
  openapi: get('openapi.json', null),
  stream: get('stream', null, [...filterParams, 'task_id']),
  dashboard: get('dashboard', null),
  asset: get('dashboard/assets/*', null),
  bulkRetry: command('POST', 'bulk-retry', 'bulk_retry', bulkAnswer, {
    body: bulkRetryBody,
  }),
  retryFailed: command('POST', 'retry-failed', 'bulk_retry', bulkAnswer, {
    query: ['since', 'func_name', 'again'],
  }),
  clearHistory: command('DELETE', 'history', 'clear_history', deletedAnswer, {
    query: ['value', 'unit', 'status'],
  }),
  runSchedule: command('POST', 'schedules/{name}/run', 'schedule_run', taskAnswer),
  pauseSchedule: command('POST', 'schedules/{name}/pause', 'schedule_pause', scheduleView),
  resumeSchedule: command('POST', 'schedules/{name}/resume', 'schedule_pause', scheduleView),
  detail: get('{task_id}', taskDetail),
  logs: get('{task_id}/logs', logPage, ['after', 'level', 'q', 'limit']),
  progress: get('{task_id}/progress', taskProgress),
  retry: command('POST', '{task_id}/retry', 'retry', taskAnswer),
  cancel: command('POST', '{task_id}/cancel', 'cancel', taskAnswer),
  runNow: command('POST', '{task_id}/run-now', 'run_now', taskAnswer),
  delete: command('DELETE', '{task_id}', 'delete', deletedAnswer),
} as const satisfies Record<string, Route>

/** The name of a route in {@link routes}. */
export type RouteName = keyof typeof routes
/** What the route with this name answers, in TypeScript. */
export type AnswerOf<N extends RouteName> = NonNullable<(typeof routes)[N]['answer']> extends Codec<infer A> ? A : never

/** The route that a path belongs to. */
export interface RouteMatch {
  /** Which route. */
  readonly name: RouteName
  /** The segments that stand for `{name}`, by name; `rest` for a trailing `*`. */
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
