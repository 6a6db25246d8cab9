import type { MountableTasks } from '@taskloom/engine/node'
import { insertTask, memory, saveTask, type Store, type TaskRecord, transition } from '@taskloom/engine/store'
import {
  anyTask,
  isRetryable,
  isTerminal,
  type BulkAnswer,
  type BulkResult,
  type FunctionView,
  type ScheduleView,
  type TaskDetail,
  type TaskFilter,
  type TaskSummary,
} from '@taskloom/protocol'
import { detailOf, summaryOf } from './scripted-detail.ts'
import { buildId, buildRecord } from './build-record.ts'

export type ServedSource = MountableTasks['source']
export type SourceChange = Parameters<Parameters<ServedSource['subscribe']>[0]>[0]
type Unnumbered = SourceChange extends infer C ? (C extends SourceChange ? Omit<C, 'revision'> : never) : never

/** Where a scripted source begins. */
export interface ScriptedSourceOptions {
  /** The name of its life; `scripted1` by default. */
  readonly epoch?: string
  /** Epoch milliseconds; a fixed instant by default, so that answers repeat. */
  readonly now?: () => number
}

/**
 * A source that runs nothing: tasks are what a script says they are, kept in the memory store, and every change is
 * published as a real source would. Commands do what the protocol says of them. Ids repeat from one source to the next.
 */
export class ScriptedSource implements ServedSource {
  readonly epoch: string
  /** Everything but persistence. */
  readonly offers = {
    reads: ['schedules', 'functions', 'timeline', 'logs', 'search', 'prometheus', 'panels'],
    actions: [
      'retry',
      'cancel',
      'run_now',
      'move',
      'delete',
      'bulk_retry',
      'clear_history',
      'schedule_run',
      'schedule_pause',
      'export',
    ] as const,
    notices: ['Nothing here outlives the process.'],
  }
  /** Who asked for what, newest last. */
  readonly acts: { readonly verb: string; readonly actor: string; readonly reason: string | null }[] = []
  readonly #store: Store = memory()
  readonly #listeners = new Set<(change: SourceChange) => void>()
  readonly #now: () => number
  readonly #failing = new Map<string, unknown>()
  #revision = 0
  #minted = 0
  #isPaused = false

  constructor({ epoch = 'scripted1', now = () => Date.UTC(2026, 0, 5, 12) }: ScriptedSourceOptions = {}) {
    this.epoch = epoch
    this.#now = now
  }

  get revision(): number {
    return this.#revision
  }

  /** How many listen to changes now. */
  get listenerCount(): number {
    return this.#listeners.size
  }

  /** Makes a verb reject from now on, as a source does whose store has gone. */
  fail(verb: 'list' | 'metrics' | 'health' | 'detail', error: unknown): void {
    this.#failing.set(verb, error)
  }

  // The script's own verbs

  /** Adds a task, pending unless `changes` say otherwise. */
  async add(changes: Partial<TaskRecord> = {}): Promise<TaskSummary> {
    this.#minted += 1
    const createdAt = changes.createdAt ?? this.#now()
    const record = buildRecord({ taskId: buildId(createdAt, this.#minted), createdAt, ...changes })
    await insertTask(this.#store.tasks, record)
    return this.#publishTask(record, null)
  }

  /** Changes a task, whatever its status. */
  async change(taskId: string, changes: Partial<TaskRecord>): Promise<TaskSummary> {
    const previous = await this.#read(taskId)
    const step = transition(previous, changes)
    await saveTask(this.#store.tasks, step)
    return this.#publishTask(step.next, previous)
  }

  /** Adds lines to the log of a task. */
  async log(taskId: string, ...messages: readonly string[]): Promise<void> {
    const lines = messages.map((message) => ({ at: this.#now(), level: 'info', message, attempt: 1, extra: null }))
    const { total } = await this.#store.views.logs({ taskId, after: 0, minLevel: null, text: null, limit: 1 })
    await this.#store.tasks.appendLogs(taskId, lines)
    this.#publish({ kind: 'log', taskId, entries: lines.map((line, index) => ({ ...line, line: total + index + 1 })) })
  }

  /** Tells that a schedule has changed. */
  touchSchedules(): void {
    this.#publish({ kind: 'schedules' })
  }

  /** Tells that another process has saved something. */
  readonly touchElsewhere = (): void => this.#publish({ kind: 'elsewhere' })

  // What the server asks

  list: ServedSource['list'] = async (question) => {
    this.#failIfToldTo('list')
    return this.#store.views.list(question)
  }

  metrics: ServedSource['metrics'] = async (filter) => {
    this.#failIfToldTo('metrics')
    return this.#store.views.metrics(filter)
  }

  timeline: ServedSource['timeline'] = (question) => this.#store.views.timeline(question)
  types: ServedSource['types'] = (filter) => this.#store.views.types(filter)
  queues: ServedSource['queues'] = () => this.#store.views.queues()

  async functions(): Promise<readonly FunctionView[]> {
    const [stats] = [await this.#store.views.metrics(filterOf('work'))]
    return [{ ...workFunction, stats }]
  }

  async schedules(): Promise<readonly ScheduleView[]> {
    return [this.#schedule()]
  }

  async detail(taskId: string): Promise<TaskDetail> {
    this.#failIfToldTo('detail')
    const stored = await this.#store.views.detail(taskId)
    if (!stored) throw failure('unknown_task', `There is no task ${taskId}`)
    const logs = await this.#store.views.logs({ taskId, after: 0, minLevel: null, text: null, limit: 100 })
    return { ...detailOf(stored), logs: logs.logs, logsNext: logs.logsNext }
  }

  logs: ServedSource['logs'] = async (question) => {
    await this.#read(question.taskId)
    return this.#store.views.logs(question)
  }

  progress: ServedSource['progress'] = async (taskId) => {
    const { status, progress, error, version } = await this.#read(taskId)
    return { taskId, status, progress, error, version }
  }

  async prometheus(): Promise<string> {
    const { total } = await this.#store.views.metrics(filterOf(null))
    return `# HELP scripted_tasks Tasks of the script, “ü”.\n# TYPE scripted_tasks gauge\nscripted_tasks ${total}\n`
  }

  readonly panels: NonNullable<ServedSource['panels']> = {
    list: () => [{ id: 'notes', title: 'Notes' }],
    async render(id) {
      if (id === 'notes') return { id, title: 'Notes', blocks: [{ kind: 'text', text: '<b>ü😀</b>' }] }
      throw failure('unknown_panel', `There is no panel ${id}`)
    },
  }

  health: ServedSource['health'] = async () => {
    this.#failIfToldTo('health')
    return { status: 'ok', checks: [{ name: 'script', status: 'ok', detail: null }] }
  }

  // What an operator asks

  retry: ServedSource['retry'] = async (taskId, act) => {
    this.acts.push({ verb: 'retry', ...act })
    const original = await this.#read(taskId)
    if (!isRetryable(original.status)) throw failure('wrong_status', `A ${original.status} task cannot be retried`)
    return this.#mintRetry(original)
  }

  cancel: ServedSource['cancel'] = async (taskId, act) => {
    this.acts.push({ verb: 'cancel', ...act })
    const { status } = await this.#read(taskId)
    if (isTerminal(status)) throw failure('wrong_status', `A ${status} task cannot be cancelled`)
    return this.change(taskId, { status: 'cancelled', endTime: this.#now() })
  }

  runNow: ServedSource['runNow'] = async (taskId, act) => {
    this.acts.push({ verb: 'runNow', ...act })
    return this.#changeWaiting(taskId, { runAt: null })
  }

  move: NonNullable<ServedSource['move']> = async (taskId, to, act) => {
    this.acts.push({ verb: 'move', ...act })
    return this.#changeWaiting(taskId, to)
  }

  async #changeWaiting(taskId: string, changes: Partial<TaskRecord>): Promise<TaskSummary> {
    const { status } = await this.#read(taskId)
    if (status !== 'pending') throw failure('wrong_status', `A ${status} task is not waiting`)
    return this.change(taskId, changes)
  }

  delete: ServedSource['delete'] = async (taskId, act) => {
    this.acts.push({ verb: 'delete', ...act })
    const { status } = await this.#read(taskId)
    if (!(await this.#store.tasks.delete(taskId))) throw failure('wrong_status', `A ${status} task cannot be deleted`)
    this.#publish({ kind: 'deleted', taskIds: [taskId] })
  }

  bulkRetry: ServedSource['bulkRetry'] = async (taskIds, _options, act) => {
    this.acts.push({ verb: 'bulkRetry', ...act })
    const results: BulkResult[] = []
    for (const taskId of taskIds) results.push(await this.#retryOne(taskId))
    return summarise(results)
  }

  retryFailed: ServedSource['retryFailed'] = async ({ since, funcName }, act) => {
    this.acts.push({ verb: 'retryFailed', ...act })
    const filter = { ...filterOf(funcName), statuses: ['failed'] as const, since }
    const { tasks } = await this.#store.views.list({
      filter,
      sort: 'created_at',
      order: 'asc',
      limit: 500,
      cursor: null,
    })
    const results: BulkResult[] = []
    for (const { taskId } of tasks) results.push(await this.#retryOne(taskId))
    return summarise(results)
  }

  clearHistory: ServedSource['clearHistory'] = async ({ olderThanMs, statuses }, act) => {
    this.acts.push({ verb: 'clearHistory', ...act })
    const endedBefore = this.#now() - olderThanMs
    const taskIds = await this.#store.tasks.deleteHistory({ statuses, endedBefore, limit: 10_000 })
    if (taskIds.length > 0) this.#publish({ kind: 'deleted', taskIds })
    return taskIds.length
  }

  runSchedule: ServedSource['runSchedule'] = async (name, act) => {
    this.acts.push({ verb: 'runSchedule', ...act })
    this.#assertSchedule(name)
    return this.add({ funcName: name, source: 'scheduled' })
  }

  pauseSchedule: ServedSource['pauseSchedule'] = async (name) => this.#setPaused(name, true)
  resumeSchedule: ServedSource['resumeSchedule'] = async (name) => this.#setPaused(name, false)

  subscribe(listener: (change: SourceChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #retryOne(originalTaskId: string): Promise<BulkResult> {
    const original = await this.#store.tasks.get(originalTaskId)
    if (!original) return { originalTaskId, newTaskId: null, reason: 'unknown' }
    if (!isRetryable(original.status)) return { originalTaskId, newTaskId: null, reason: 'wrong_status' }
    if (original.retryCount > 0) return { originalTaskId, newTaskId: null, reason: 'already_retried' }
    return { originalTaskId, newTaskId: (await this.#mintRetry(original)).taskId, reason: null }
  }

  async #mintRetry(original: TaskRecord): Promise<TaskSummary> {
    const { funcName, args, queue, priority, tags, taskId } = original
    const minted = await this.add({ funcName, args, queue, priority, tags, source: 'retry', retriedFrom: taskId })
    await this.change(taskId, { retryCount: original.retryCount + 1 })
    return minted
  }

  async #read(taskId: string): Promise<TaskRecord> {
    const record = await this.#store.tasks.get(taskId)
    if (!record) throw failure('unknown_task', `There is no task ${taskId}`)
    return record
  }

  #setPaused(name: string, isPaused: boolean): ScheduleView {
    this.#assertSchedule(name)
    this.#isPaused = isPaused
    this.touchSchedules()
    return this.#schedule()
  }

  #assertSchedule(name: string): void {
    if (name !== 'work') throw failure('unknown_schedule', `There is no schedule ${name}`)
  }

  #schedule(): ScheduleView {
    return { ...workSchedule, status: this.#isPaused ? 'paused' : 'active' }
  }

  #failIfToldTo(verb: string): void {
    if (this.#failing.has(verb)) throw this.#failing.get(verb)
  }

  #publishTask(record: TaskRecord, previous: TaskRecord | null): TaskSummary {
    const task = summaryOf(record)
    this.#publish({ kind: 'task', task, previous: previous === null ? null : summaryOf(previous) })
    return task
  }

  #publish(change: Unnumbered): void {
    this.#revision += 1
    for (const listener of this.#listeners) listener({ ...change, revision: this.#revision })
  }
}

/** A source with a life, as `mount()` wants it; counts its starts and shutdowns. */
export function mountable(
  source: ServedSource,
): MountableTasks & { readonly starts: number; readonly shutdowns: number } {
  let starts = 0
  let shutdowns = 0
  return {
    source,
    get starts() {
      return starts
    },
    get shutdowns() {
      return shutdowns
    },
    start: async () => void (starts += 1),
    shutdown: async () => void (shutdowns += 1),
  }
}

/** Not the engine's own class: a bridge over somebody's queue has another, and is understood by its shape. */
function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { name: 'TaskError', code, details: { message } })
}

function summarise(results: readonly BulkResult[]): BulkAnswer {
  const dispatched = results.filter(({ newTaskId }) => newTaskId !== null).length
  return { dispatched, skipped: results.length - dispatched, results }
}

function filterOf(funcName: string | null): TaskFilter {
  return { ...anyTask, funcNames: funcName === null ? [] : [funcName] }
}

const workFunction: Omit<FunctionView, 'stats'> = {
  funcName: 'work',
  queue: 'default',
  executor: 'async',
  retries: 0,
  delay: 1_000,
  backoff: 2,
  maxDelay: null,
  jitter: false,
  timeout: null,
  priority: null,
  concurrency: null,
  persist: true,
  eager: false,
  requeueOnInterrupt: false,
  schedule: 'every 1h',
}

const workSchedule: ScheduleView = {
  funcName: 'work',
  trigger: 'every 1h',
  timezone: 'UTC',
  description: 'Every hour',
  nextRuns: [Date.UTC(2026, 0, 5, 13)],
  lastRun: null,
  lastStatus: null,
  lastTaskId: null,
  status: 'active',
  misfire: 'once',
  missed: 0,
  overlap: 'allow',
}
