import {
  anyTask,
  fillPath,
  formatFilter,
  formatTaskQuery,
  pageRoutes,
  type AnswerOf,
  type BulkAnswer,
  type Codec,
  type PageRouteName,
  type Route,
  type TaskFilter,
  type TaskQuery,
  type TaskStatus,
  type TimelineGroup,
  type LogLevel,
} from '@taskloom/protocol'
import { createHttp, ClientError, madeProblem, type Ask, type ClientOptions } from './http.ts'

/** What may be said of one request. */
export interface CallOptions {
  /** Calls the request off; it then fails with code `aborted`. Without it only the time limit does. */
  readonly signal?: AbortSignal | undefined
}

/** What may be said of one request that changes something. */
export interface CommandOptions extends CallOptions {
  /** Why the operator does it, for the audit log; none by default. */
  readonly reason?: string | undefined
}

/** Which chart is wanted. */
export interface TimelineAsk {
  /** Of which tasks; of all by default. */
  readonly filter?: Partial<TaskFilter>
  /** How far back to look when the filter names no start; default the server's. */
  readonly hours?: number
  /** By what each bucket is divided; default the server’s. */
  readonly group?: TimelineGroup
}

/** Which lines of a log are wanted. */
export interface LogAsk {
  /** Lines after this one; from the first by default. */
  readonly after?: number
  /** The least level; all by default. */
  readonly minLevel?: LogLevel
  /** A part of the message, in either case; all lines by default. */
  readonly text?: string
  /** How many lines at most; default the server’s. */
  readonly limit?: number
}

/** Which live changes are wanted. */
export interface StreamAsk extends CallOptions {
  /** Tasks that belong to it; what is left out is not asked for. */
  readonly filter: Partial<TaskFilter>
  /** The task whose log and progress are wanted too. */
  readonly taskId: string | null
  /** Where an earlier stream ended, to be resumed there; null to begin anew. */
  readonly lastEventId: string | null
}

/** One typed method per route. Every failure is a {@link ClientError}. */
export interface Client {
  /** The mount it was made for, as it was given. */
  readonly src: string
  /** A page of tasks; the newest 30 by default. */
  list(query?: Partial<TaskQuery>, options?: CallOptions): Promise<AnswerOf<'list'>>
  /** Counts and durations of a filter; of everything by default. */
  metrics(filter?: Partial<TaskFilter>, options?: CallOptions): Promise<AnswerOf<'metrics'>>
  /** Counts over time. */
  timeline(ask?: TimelineAsk, options?: CallOptions): Promise<AnswerOf<'timeline'>>
  /** The defined functions with their figures. */
  functions(options?: CallOptions): Promise<AnswerOf<'functions'>>
  /** Figures by function; of everything by default. */
  types(filter?: Partial<TaskFilter>, options?: CallOptions): Promise<AnswerOf<'types'>>
  /** Counts by queue. */
  queues(options?: CallOptions): Promise<AnswerOf<'queues'>>
  /** The schedules with their next slots. */
  schedules(options?: CallOptions): Promise<AnswerOf<'schedules'>>
  /** Whether the source works, check by check. */
  health(options?: CallOptions): Promise<AnswerOf<'health'>>
  /** What the server offers and this caller may do. */
  capabilities(options?: CallOptions): Promise<AnswerOf<'capabilities'>>
  /** The host's own panels. Fails with `forbidden` for callers who see only some of the tasks. */
  panels(options?: CallOptions): Promise<AnswerOf<'panels'>>
  /** Everything known of one task. Fails with `unknown_task`. */
  detail(taskId: string, options?: CallOptions): Promise<AnswerOf<'detail'>>
  /** Lines of one log, oldest first. Fails with `unknown_task`. */
  logs(taskId: string, ask?: LogAsk, options?: CallOptions): Promise<AnswerOf<'logs'>>
  /** How far one task is: the lightest way to wait for it. Fails with `unknown_task`. */
  progress(taskId: string, options?: CallOptions): Promise<AnswerOf<'progress'>>
  /**
   * Mints a new task from one that failed or was interrupted. Fails with `unknown_task`, `wrong_status`,
   * `not_registered`.
   */
  retry(taskId: string, options?: CommandOptions): Promise<AnswerOf<'retry'>>
  /** Calls a waiting task off, or asks a running one to stop. Fails with `unknown_task`, `wrong_status`. */
  cancel(taskId: string, options?: CommandOptions): Promise<AnswerOf<'cancel'>>
  /** Makes a delayed task due. Fails with `unknown_task`, `wrong_status`. */
  runNow(taskId: string, options?: CommandOptions): Promise<AnswerOf<'runNow'>>
  /** Deletes an ended task. Fails with `unknown_task`, `wrong_status`. */
  delete(taskId: string, options?: CommandOptions): Promise<AnswerOf<'delete'>>
  /** Retries each of at most 1,000 tasks that can be; `again` also those that have a live or successful retry. */
  bulkRetry(taskIds: readonly string[], options?: CommandOptions & { again?: boolean }): Promise<BulkAnswer>
  /** `since` is `<N>h`, `<N>d` or `all`. */
  retryFailed(
    ask: { readonly since: string; readonly funcName?: string; readonly again?: boolean },
    options?: CommandOptions,
  ): Promise<BulkAnswer>
  /** Deletes tasks that ended longer ago; without `statuses` interrupted ones are kept. */
  clearHistory(
    ask: { readonly value: number; readonly unit: 'min' | 'hour' | 'day'; readonly statuses?: readonly TaskStatus[] },
    options?: CommandOptions,
  ): Promise<AnswerOf<'clearHistory'>>
  /** Enqueues a schedule’s function now, beside its slots. Fails with `unknown_schedule`. */
  runSchedule(name: string, options?: CommandOptions): Promise<AnswerOf<'runSchedule'>>
  /** Lets slots pass from now on. Fails with `unknown_schedule`. */
  pauseSchedule(name: string, options?: CommandOptions): Promise<AnswerOf<'pauseSchedule'>>
  /** Goes on with the next slot. Fails with `unknown_schedule`. */
  resumeSchedule(name: string, options?: CommandOptions): Promise<AnswerOf<'resumeSchedule'>>
  /**
   * Asks any route of the table, for those that have no method here: `client.ask(serverRoutes.workers)`. The answer is decoded;
   * a route without a JSON answer rejects with `bad_answer`.
   */
  ask<R extends Route>(route: R, ask?: RouteAsk): Promise<AnswerOfRoute<R>>
  /** The same for a route whose answer is read by the caller, such as a file. Fails like every other. */
  open(route: Route, ask?: RouteAsk): Promise<Response>
  /** The live stream's response, still to be read; see `createStream`. */
  openStream(ask: StreamAsk): Promise<Response>
}

/** The protocol as functions. */
export function createClient(options: ClientOptions): Client {
  const http = createHttp(options)

  // Async, so that a name that is no name fails like everything else: by the promise.
  async function ask<R extends Route>(route: R, more: RouteAsk = {}): Promise<AnswerOfRoute<R>> {
    const { method, answer } = route
    return http.json({ ...more, method, path: pathOf(route, more.at) }, answer as unknown as Codec<AnswerOfRoute<R>>)
  }

  function call<N extends PageRouteName>(name: N, more?: RouteAsk): Promise<AnswerOf<N>> {
    return ask<Route>(pageRoutes[name], more) as Promise<AnswerOf<N>>
  }

  function command<N extends PageRouteName>(
    name: N,
    at: Params,
    { reason, signal }: CommandOptions = {},
    more: RouteAsk = {},
  ) {
    const body = { ...(more.body as object | undefined), ...(reason ? { reason } : {}) }
    return call(name, { ...more, at, signal, body })
  }

  return {
    src: http.src,
    ask,
    open: async (route, more = {}) => http.open({ ...more, method: route.method, path: pathOf(route, more.at) }),
    list: (query = {}, { signal } = {}) => call('list', { params: formatTaskQuery(query), signal }),
    metrics: (filter = anyTask, { signal } = {}) => call('metrics', { params: formatFilter(filter), signal }),
    timeline: (ask = {}, { signal } = {}) => call('timeline', { params: formatTimeline(ask), signal }),
    functions: ({ signal } = {}) => call('functions', { signal }),
    types: (filter = anyTask, { signal } = {}) => call('types', { params: formatFilter(filter), signal }),
    queues: ({ signal } = {}) => call('queues', { signal }),
    schedules: ({ signal } = {}) => call('schedules', { signal }),
    health: ({ signal } = {}) => call('health', { signal }),
    capabilities: ({ signal } = {}) => call('capabilities', { signal }),
    panels: ({ signal } = {}) => call('panels', { signal }),
    detail: (taskId, { signal } = {}) => call('detail', { at: { task_id: taskId }, signal }),
    logs: (taskId, ask = {}, { signal } = {}) =>
      call('logs', { at: { task_id: taskId }, params: formatLogs(ask), signal }),
    progress: (taskId, { signal } = {}) => call('progress', { at: { task_id: taskId }, signal }),
    retry: (taskId, options) => command('retry', { task_id: taskId }, options),
    cancel: (taskId, options) => command('cancel', { task_id: taskId }, options),
    runNow: (taskId, options) => command('runNow', { task_id: taskId }, options),
    delete: (taskId, options) => command('delete', { task_id: taskId }, options),
    bulkRetry: (taskIds, options = {}) =>
      command('bulkRetry', {}, options, { body: { task_ids: taskIds, ...(options.again ? { again: true } : {}) } }),
    retryFailed: ({ since, funcName, again }, options) =>
      command('retryFailed', {}, options, {
        params: pick({ since, func_name: funcName, again: again ? 'true' : undefined }),
      }),
    clearHistory: ({ value, unit, statuses = [] }, options) => {
      const params = pick({ value: String(value), unit })
      for (const status of statuses) params.append('status', status)
      return command('clearHistory', {}, options, { params })
    },
    runSchedule: (name, options) => command('runSchedule', { name }, options),
    pauseSchedule: (name, options) => command('pauseSchedule', { name }, options),
    resumeSchedule: (name, options) => command('resumeSchedule', { name }, options),
    openStream: async ({ filter, taskId, lastEventId, signal }) => {
      const params = formatFilter(filter)
      if (taskId !== null) params.set('task_id', taskId)
      const headers = { accept: 'text/event-stream', ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }) }
      return http.open({ method: 'GET', path: pathOf(pageRoutes.stream), params, headers, signal })
    },
  }
}

type Params = Readonly<Record<string, string>>
/** What a request of a route says beside its name. */
export type RouteAsk = Partial<Omit<Ask, 'method' | 'path'>> & {
  /** The segments of the path by name; none by default. */
  readonly at?: Params | undefined
}
/** What a route answers, in TypeScript. */
export type AnswerOfRoute<R extends Route> = NonNullable<R['answer']> extends Codec<infer A> ? A : never

/** A name that is empty or a dot segment would make the address of another route. */
function pathOf({ path }: Route, at: Params = {}): string {
  for (const value of Object.values(at)) {
    if (/^\.{0,2}$/.test(value)) throw new ClientError(madeProblem('not_found', 'There is nothing of that name', 404))
  }
  return fillPath(path, at)
}

function formatTimeline({ filter = anyTask, hours, group }: TimelineAsk): URLSearchParams {
  const params = formatFilter(filter)
  if (hours !== undefined) params.set('hours', String(hours))
  if (group !== undefined) params.set('group', group)
  return params
}

function formatLogs({ after, minLevel, text, limit }: LogAsk): URLSearchParams {
  return pick({ after: after?.toString(), level: minLevel, q: text, limit: limit?.toString() })
}

function pick(values: Readonly<Record<string, string | undefined>>): URLSearchParams {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(values)) if (value !== undefined && value !== '') params.set(key, value)
  return params
}
