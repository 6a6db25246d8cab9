import {
  anyTask,
  matchesFilter,
  ProtocolError,
  taskStatuses,
  type Metrics,
  type QueueView,
  type TaskFilter,
  type TaskSummary,
} from '@taskloom/protocol'
import { TaskError } from '../../core/errors.ts'
import type { Caller } from '../identity/caller.ts'
import type { BulkQuestion, OperationBoard } from '../operations.ts'
import type { TaskSource } from '../source.ts'
import { publicSource } from './public-scope.ts'
import { isLimited } from './roles.ts'

/** No queue has this name. */
const noQueue = ''

/** The tasks that a caller may know of, among those of a filter. */
export function narrow(filter: TaskFilter, { queues, tags, grant }: Caller): TaskFilter {
  if (grant) return { ...filter, taskIds: grant.taskIds }
  if (queues === null && tags === null) return filter
  return {
    ...filter,
    queues: queues === null ? filter.queues : bothOf(filter.queues, queues),
    tags: [...filter.tags, ...Object.entries(tags ?? {}).map(([key, value]) => ({ key, value }))],
  }
}

/** Names what a caller sees: equal for callers who see the same. */
export function scopeKey({ queues, tags, grant }: Caller): string {
  if (grant) return JSON.stringify({ ...grant, expiresAt: null })
  return queues === null && tags === null ? '' : JSON.stringify([queues, tags])
}

function bothOf(asked: readonly string[], allowed: readonly string[]): readonly string[] {
  const both = asked.length === 0 ? allowed : asked.filter((queue) => allowed.includes(queue))
  return both.length === 0 ? [noQueue] : both
}

/**
 * The source as one caller may see it: what lies outside is not refused but is not there. A verb that is not named here
 * cannot be used by callers who see only some of the tasks.
 */
export function scopedSource(source: TaskSource, caller: Caller): TaskSource {
  if (caller.grant) return publicSource(source, caller.grant)
  if (!isLimited(caller)) return source
  const within = (filter: TaskFilter): TaskFilter => narrow(filter, caller)
  const sees = (task: TaskSummary): boolean => matchesFilter(task, within(anyTask))
  const seesQueue = (queue: string): boolean => caller.queues === null || caller.queues.includes(queue)
  const need = async (taskId: string): Promise<void> => {
    if (!sees(await source.detail(taskId))) throw unknown(taskId)
  }
  const needed = async <T>(taskId: string, read: () => Promise<T>): Promise<T> => {
    await need(taskId)
    return read()
  }
  const functionNames = async (): Promise<ReadonlySet<string>> => {
    const known = await source.functions()
    return new Set(known.filter(({ queue }) => seesQueue(queue)).map(({ funcName }) => funcName))
  }
  // A schedule belongs to a queue, and to no customer.
  const seesSchedules = caller.tags === null
  const statsOf = (funcName: string): Promise<Metrics> => source.metrics(within({ ...anyTask, funcNames: [funcName] }))
  const needSchedule = async (name: string): Promise<void> => {
    if (!seesSchedules || !(await functionNames()).has(name)) {
      throw new TaskError('unknown_schedule', { message: `There is no schedule ${name}`, schedule: name })
    }
  }
  const { operations } = source
  return {
    epoch: source.epoch,
    get revision() {
      return source.revision
    },
    offers: source.offers,
    health: () => source.health(),
    subscribe: (listener) => source.subscribe(listener),
    clearHistory: () => Promise.reject(new TaskError('unsupported', { message: 'The history is of all tasks' })),
    list: (question) => source.list({ ...question, filter: within(question.filter) }),
    metrics: (filter) => source.metrics(within(filter)),
    timeline: (question) => source.timeline({ ...question, filter: within(question.filter) }),
    types: (filter) => source.types(within(filter)),
    ...(source.histogram && { histogram: (filter) => source.histogram!(within(filter)) }),
    ...(source.latency && {
      latency: (question) => source.latency!({ ...question, filter: within(question.filter) }),
    }),
    ...(source.sampleArgs && { sampleArgs: (filter, limit) => source.sampleArgs!(within(filter), limit) }),
    async queues() {
      const seen = (await source.queues()).filter(({ queue }) => seesQueue(queue))
      return caller.tags === null ? seen : countWithin(seen, (queues) => source.metrics(within({ ...anyTask, queues })))
    },
    async functions() {
      const names = await functionNames()
      const seen = (await source.functions()).filter(({ funcName }) => names.has(funcName))
      return eachInTurn(seen, async (known) => ({ ...known, stats: await statsOf(known.funcName) }))
    },
    ...(source.function && {
      async function(name) {
        const found = await source.function!(name)
        if (!found || !seesQueue(found.queue)) return null
        return { ...found, stats: await statsOf(name) }
      },
    }),
    async schedules(question = { text: null, after: null, limit: null }) {
      if (!seesSchedules) return []
      const among = await functionNames()
      return (await source.schedules({ ...question, among })).filter(({ funcName }) => among.has(funcName))
    },
    ...(source.setSchedulesPaused && {
      async setSchedulesPaused(names, isPaused, act) {
        const seen = seesSchedules ? await functionNames() : new Set<string>()
        const schedules = await source.schedules({ text: null, after: null, limit: null, among: seen })
        const known = schedules.map(({ funcName }) => funcName).filter((name) => seen.has(name))
        const asked = names === null ? known : names.filter((name) => known.includes(name))
        const answer = await source.setSchedulesPaused!(asked, isPaused, act)
        const hidden = (names ?? []).filter((name) => !known.includes(name))
        return { ...answer, results: [...answer.results, ...hidden.map((name) => ({ name, outcome: 'unknown' }))] }
      },
    }),
    async detail(taskId, reading) {
      const detail = await source.detail(taskId, reading)
      if (!sees(detail)) throw unknown(taskId)
      const functionStats = await statsOf(detail.funcName)
      return { ...detail, functionStats, recentRuns: detail.recentRuns.filter(sees) }
    },
    ...(source.lineage && {
      async lineage(taskId: string) {
        await need(taskId)
        const found = await source.lineage!(taskId)
        return { ...found, tasks: found.tasks.filter(sees) }
      },
    }),
    logs: (question) => needed(question.taskId, () => source.logs(question)),
    progress: (taskId) => needed(taskId, () => source.progress(taskId)),
    retry: (taskId, act) => needed(taskId, () => source.retry(taskId, act)),
    cancel: (taskId, act) => needed(taskId, () => source.cancel(taskId, act)),
    runNow: (taskId, act) => needed(taskId, () => source.runNow(taskId, act)),
    ...(source.move && {
      async move(taskId, to, act) {
        await need(taskId)
        // Out of one's own sight would be out of one's own hands.
        if (to.queue !== undefined && !seesQueue(to.queue)) throw forbiddenQueue(to.queue)
        return source.move!(taskId, to, act)
      },
    }),
    delete: (taskId, act) => needed(taskId, () => source.delete(taskId, act)),
    async bulkRetry(taskIds, options, act) {
      const seen = await Promise.all(taskIds.map((id) => need(id).then(() => true, isUnknown)))
      const answer = await source.bulkRetry(
        taskIds.filter((_, index) => seen[index]),
        options,
        act,
      )
      const hidden = taskIds.filter((_, index) => !seen[index])
      const skipped = hidden.map((id) => ({ originalTaskId: id, newTaskId: null, reason: 'unknown' }))
      return { ...answer, skipped: answer.skipped + hidden.length, results: [...answer.results, ...skipped] }
    },
    ...(operations && { operations: scopedOperations(operations, within, sees) }),
    retryFailed: (question, act) =>
      source.retryFailed({ ...question, filter: within(question.filter ?? anyTask) }, act),
    ...(source.reveal && { reveal: (taskId, ...rest) => needed(taskId, () => source.reveal!(taskId, ...rest)) }),
    runSchedule: (name, act) => needSchedule(name).then(() => source.runSchedule(name, act)),
    pauseSchedule: (name, act) => needSchedule(name).then(() => source.pauseSchedule(name, act)),
    resumeSchedule: (name, act) => needSchedule(name).then(() => source.resumeSchedule(name, act)),
  }
}

/** What queues hold of the tasks that are seen; what else is known of a queue speaks of all of its tasks. */
async function countWithin(
  queues: readonly QueueView[],
  metricsOf: (queues: readonly string[]) => Promise<Metrics>,
): Promise<readonly QueueView[]> {
  const counted = await eachInTurn(queues, async ({ queue }) => {
    const metrics = await metricsOf([queue])
    const counts = Object.fromEntries(taskStatuses.map((status) => [status, metrics[status]]))
    return { queue, counts, total: metrics.total }
  })
  return counted.filter(({ total }) => total > 0)
}

/** One after the other: somebody who sees little must not cost more at once than somebody who sees all. */
async function eachInTurn<A, B>(items: readonly A[], make: (item: A) => Promise<B>): Promise<readonly B[]> {
  const made: B[] = []
  for (const item of items) made.push(await make(item))
  return made
}

/** Bulk actions reach only what the caller sees. */
function scopedOperations(
  board: OperationBoard,
  within: (filter: TaskFilter) => TaskFilter,
  sees: (task: TaskSummary) => boolean,
): OperationBoard {
  const scoped = (question: BulkQuestion): BulkQuestion => {
    const { target, permits } = question
    if ('filter' in target) return { ...question, target: { filter: within(target.filter) } }
    return { ...question, permits: (task) => sees(task) && (permits === undefined || permits(task)) }
  }
  return {
    ...board,
    preview: (question) => board.preview(scoped(question)),
    begin: (question, act) => board.begin(scoped(question), act),
  }
}

function unknown(taskId: string): TaskError {
  return new TaskError('unknown_task', { message: `There is no task ${taskId}`, taskId })
}

function forbiddenQueue(queue: string): ProtocolError {
  return new ProtocolError('forbidden', `You may not see the queue ${queue}`)
}

function isUnknown(error: unknown): false {
  if (error instanceof Error && (error as Partial<TaskError>).code === 'unknown_task') return false
  throw error
}
