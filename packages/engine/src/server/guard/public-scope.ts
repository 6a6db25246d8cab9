import {
  anyTask,
  ProtocolError,
  type RouteName,
  type TaskDetail,
  type TaskFilter,
  type TaskSummary,
} from '@taskloom/protocol'
import { TaskError } from '../../core/errors.ts'
import type { Caller } from '../identity/caller.ts'
import type { PublicGrant } from '../public-grant.ts'
import type { TaskSource } from '../source.ts'

/** All that a token for end users is good for. What is added to the route table later is not. */
const publicRoutes: readonly RouteName[] = ['list', 'detail', 'progress', 'stream', 'capabilities']
/** Parameters that look at what is not shown: by asking again and again one could guess it. */
const closedParams: readonly string[] = ['q', 'tag', 'worker_id']

/** Who bears a token; the audit log names nobody more closely, as nobody is known. */
export function publicCaller(grant: PublicGrant): Caller {
  const nothing = { queues: null, tags: null, sessionId: null }
  return { name: 'a public token', role: 'viewer', via: 'public', ...nothing, expiresAt: grant.expiresAt, grant }
}

/** Throws `forbidden` for what a token for end users is not good for. */
export function assertPublicUse(name: RouteName, query: URLSearchParams, grant: PublicGrant): void {
  const isGood = publicRoutes.includes(name) || (name === 'logs' && grant.includeLogs)
  if (!isGood) throw forbidden('This token is not for that')
  if (name === 'list' || name === 'stream') {
    const closed = closedParams.find((param) => query.has(param))
    if (closed !== undefined) throw forbidden(`${closed} is not for this token`)
  }
}

/** Of a task only what its end user may know; what is added to tasks later is not. */
export function shownTo(grant: PublicGrant): (task: TaskSummary) => TaskSummary {
  return (task) => ({
    taskId: task.taskId,
    funcName: task.funcName,
    queue: task.queue,
    status: task.status,
    createdAt: task.createdAt,
    runAt: task.runAt,
    startTime: task.startTime,
    endTime: task.endTime,
    durationMs: task.durationMs,
    waitMs: task.waitMs,
    attempt: task.attempt,
    retriesUsed: task.retriesUsed,
    maxRetries: task.maxRetries,
    priority: null,
    executor: task.executor,
    source: task.source,
    error: grant.includeError ? task.error : null,
    tags: {},
    progress: task.progress,
    userLabel: null,
    workerId: null,
    hasLogs: grant.includeLogs && task.hasLogs,
    retriedFrom: task.retriedFrom !== null && grant.taskIds.includes(task.retriedFrom) ? task.retriedFrom : null,
    retryCount: task.retryCount,
    version: task.version,
  })
}

/** The source as the bearer of a token sees it: a few tasks, and of them only what he may know. */
export function publicSource(source: TaskSource, grant: PublicGrant): TaskSource {
  const show = shownTo(grant)
  const within = (filter: TaskFilter): TaskFilter => ({ ...filter, taskIds: grant.taskIds })
  const needed = <T>(taskId: string, read: () => Promise<T>): Promise<T> =>
    grant.taskIds.includes(taskId) ? read() : Promise.reject(unknown(taskId))
  return {
    epoch: source.epoch,
    get revision() {
      return source.revision
    },
    offers: { reads: grant.includeLogs ? ['logs'] : [], actions: [], notices: [] },
    subscribe: (listener) => source.subscribe(listener),
    async list(question) {
      const page = await source.list({ ...question, filter: within(question.filter) })
      return { ...page, tasks: page.tasks.map(show) }
    },
    detail: (taskId) => needed(taskId, () => readDetail(source, taskId, grant)),
    logs: (question) => (grant.includeLogs ? needed(question.taskId, () => source.logs(question)) : refused()),
    async progress(taskId) {
      const light = await needed(taskId, () => source.progress(taskId))
      return grant.includeError ? light : { ...light, error: null }
    },
    metrics: (filter) => source.metrics(within(filter)),
    timeline: refused,
    types: refused,
    queues: refused,
    functions: refused,
    schedules: refused,
    health: refused,
    retry: refused,
    cancel: refused,
    runNow: refused,
    delete: refused,
    bulkRetry: refused,
    retryFailed: refused,
    clearHistory: refused,
    runSchedule: refused,
    pauseSchedule: refused,
    resumeSchedule: refused,
  }
}

async function readDetail(source: TaskSource, taskId: string, grant: PublicGrant): Promise<TaskDetail> {
  const task = await source.detail(taskId, { opensSealed: grant.includeResult })
  return {
    ...shownTo(grant)(task),
    result: grant.includeResult ? task.result : null,
    stacktrace: null,
    errorCode: null,
    logs: grant.includeLogs ? task.logs : [],
    logsNext: grant.includeLogs ? task.logsNext : null,
    attempts: task.attempts.map((attempt) => ({
      ...{ attempt: attempt.attempt, startedAt: attempt.startedAt, endedAt: attempt.endedAt, outcome: attempt.outcome },
      ...{ error: grant.includeError ? attempt.error : null, stacktrace: null, workerId: null },
    })),
    timeline: task.timeline.map(({ at, event }) => ({ at, event, detail: null })),
    affected: [],
    progressPayload: null,
    idempotencyKey: null,
    locks: [],
    traceId: null,
    schedule: null,
    retries: task.retries.filter((id) => grant.taskIds.includes(id)),
    functionStats: await source.metrics({ ...anyTask, taskIds: [taskId] }),
    recentRuns: [],
    cleanedUp: task.cleanedUp,
    truncated: grant.includeResult ? task.truncated.filter((name) => name === 'result') : [],
  }
}

function refused(): Promise<never> {
  return Promise.reject(forbidden('This token is not for that'))
}

function forbidden(detail: string): ProtocolError {
  return new ProtocolError('forbidden', detail)
}

function unknown(taskId: string): TaskError {
  return new TaskError('unknown_task', { message: `There is no task ${taskId}`, taskId })
}
