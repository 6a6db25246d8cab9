import {
  formatCursor,
  matchesFilter,
  type BulkAnswer,
  type Metrics,
  type TaskDetail,
  type TaskFilter,
  type TaskQuery,
  type TaskSummary,
} from '@taskloom/protocol'
import type { Client, StreamAsk } from '../../packages/client/src/client.ts'
import { ClientError, madeProblem } from '../../packages/client/src/http.ts'
import { everything, makeDetail, makeMetrics, makePage } from './builders.ts'
import { ScriptedConnection, tasksEvent } from './scripted-stream.ts'

/** A server in memory: a true list, and a stream that says what the test makes it say. */
export class ScriptedServer {
  tasks: TaskSummary[] = []
  details = new Map<string, Partial<TaskDetail>>()
  readonly calls: string[] = []
  readonly connections: (ScriptedConnection & { readonly ask: StreamAsk })[] = []
  /** What every call fails with; null when all is well. */
  failure: ClientError | null = null
  /** What a replay is answered with. */
  replayed: BulkAnswer = { dispatched: 1, skipped: 2, results: [] }
  /** Calls of these names wait until the test lets them go. */
  readonly gates = new Map<string, Promise<void>[]>()
  #revision = 1

  get connection(): ScriptedConnection {
    const latest = this.connections.at(-1)
    if (!latest) throw new Error('nobody is connected')
    return latest
  }

  /** The next call of that name answers as of now, but only when it is let go. */
  holdBack(name: string): () => void {
    let letGo = (): void => undefined
    const gate = new Promise<void>((resolve) => (letGo = resolve))
    this.gates.set(name, [...(this.gates.get(name) ?? []), gate])
    return () => letGo()
  }

  put(...changed: TaskSummary[]): void {
    const ids = new Set(changed.map(({ taskId }) => taskId))
    this.tasks = [...this.tasks.filter(({ taskId }) => !ids.has(taskId)), ...changed]
  }

  /** Saves and tells. */
  publish(...changed: TaskSummary[]): void {
    this.put(...changed)
    this.connection.send(tasksEvent((this.#revision += 1), { changed }))
  }

  remove(taskId: string): void {
    this.tasks = this.tasks.filter((task) => task.taskId !== taskId)
    this.connection.send(tasksEvent((this.#revision += 1), { removed: [taskId] }))
  }

  list(query: Partial<TaskQuery>) {
    const { filter, limit = 30, cursor } = query
    const matching = this.tasks
      .filter((task) => !filter || matchesFilter(task, filter))
      .sort((a, b) => b.createdAt - a.createdAt || (a.taskId < b.taskId ? 1 : -1))
    const from = cursor ? matching.findIndex(({ taskId }) => taskId === cursor.taskId) + 1 : 0
    const tasks = matching.slice(from, from + limit)
    const last = tasks.at(-1)
    const nextCursor =
      from + limit < matching.length && last
        ? formatCursor({ direction: 'next', value: last.createdAt, taskId: last.taskId })
        : null
    return makePage(tasks, { nextCursor, total: matching.length })
  }

  metrics(filter: Partial<TaskFilter>): Metrics {
    return makeMetrics({ total: this.list({ filter: filter as TaskFilter, limit: 1_000 }).total })
  }

  readonly client: Client = {
    open: () => Promise.reject(new Error('no route was scripted')),
    ask: () => Promise.reject(new Error('no route was scripted')),
    src: '/tasks',
    list: (query = {}, { signal } = {}) => this.#answer('list', signal, () => this.list(query)),
    metrics: (filter = {}, { signal } = {}) => this.#answer('metrics', signal, () => this.metrics(filter)),
    timeline: (_, { signal } = {}) =>
      this.#answer('timeline', signal, () => ({ since: 0, until: 1, bucketMs: 60_000, group: 'status', buckets: [] })),
    functions: () => this.#answer('functions', undefined, () => []),
    types: () => this.#answer('types', undefined, () => []),
    queues: () =>
      this.#answer('queues', undefined, () => [
        {
          queue: 'default',
          counts: { failed: this.tasks.filter(({ status }) => status === 'failed').length },
          total: 1,
        },
      ]),
    schedules: () => this.#answer('schedules', undefined, () => []),
    panels: () => this.#answer('panels', undefined, () => []),
    health: () => this.#answer('health', undefined, () => ({ status: 'ok', checks: [] })),
    capabilities: () => this.#answer('capabilities', undefined, () => everything),
    detail: (taskId, { signal } = {}) => this.#answer('detail', signal, () => this.#detail(taskId)),
    logs: (taskId, { after = 0 } = {}) =>
      this.#answer('logs', undefined, () => {
        const all = this.details.get(taskId)?.logs ?? []
        return { logs: all.filter(({ line }) => line > after), logsNext: null, total: all.length }
      }),
    progress: () => this.#refuse(),
    retry: (taskId) =>
      this.#answer('retry', undefined, () => {
        const original = this.#task(taskId)
        const task = {
          ...original,
          taskId: `${taskId}-again`,
          status: 'pending',
          createdAt: original.createdAt + 1,
          retriedFrom: taskId,
          version: 1,
        }
        this.put(task, { ...original, retryCount: 1, version: original.version + 1 })
        return { taskId: task.taskId, task }
      }),
    cancel: () => this.#refuse(),
    runNow: () => this.#refuse(),
    delete: (taskId) =>
      this.#answer('delete', undefined, () => {
        this.tasks = this.tasks.filter((task) => task.taskId !== taskId)
        return { deleted: 1 }
      }),
    bulkRetry: (taskIds) =>
      this.#answer(`bulkRetry ${taskIds.length}`, undefined, () => ({
        dispatched: taskIds.length,
        skipped: 0,
        results: [],
      })),
    retryFailed: () => this.#answer('retryFailed', undefined, () => this.replayed),
    clearHistory: () => this.#answer('clearHistory', undefined, () => ({ deleted: 4 })),
    runSchedule: () => this.#refuse(),
    pauseSchedule: () => this.#refuse(),
    resumeSchedule: () => this.#refuse(),
    openStream: (ask) => {
      this.calls.push('stream')
      if (this.failure) return Promise.reject(this.failure)
      const connection = Object.assign(new ScriptedConnection(ask.lastEventId), { ask })
      this.connections.push(connection)
      return Promise.resolve(connection.response)
    },
  }

  async #answer<T>(name: string, signal: AbortSignal | undefined, make: () => T): Promise<T> {
    this.calls.push(name)
    if (this.failure) throw this.failure
    const answer = make()
    await this.gates.get(name)?.shift()
    if (signal?.aborted) throw new ClientError(madeProblem('aborted', 'Called off', 0))
    return answer
  }

  #refuse(): Promise<never> {
    return Promise.reject(
      new ClientError(madeProblem('wrong_status', 'The task is not in a status that allows this', 400)),
    )
  }

  #task(taskId: string): TaskSummary {
    const task = this.tasks.find((one) => one.taskId === taskId)
    if (!task) throw new ClientError(madeProblem('unknown_task', 'There is no such task', 404))
    return task
  }

  #detail(taskId: string): TaskDetail {
    return { ...makeDetail(0), ...this.#task(taskId), ...this.details.get(taskId) }
  }
}
