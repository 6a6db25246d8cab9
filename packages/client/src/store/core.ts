import type { LiveHint, Problem, TaskPage, TaskQuery } from '@taskloom/protocol'
import type { Client } from '../client.ts'
import { createPersistence, type KeyValueStorage, type Persistence, type SnapshotStorage } from '../persist.ts'
import type { Conflict, DashboardState, DashboardStore, ListState, Toast, ViewQuery } from '../state.ts'
import type { Visibility } from '../stream.ts'
import { systemTiming, type Timing } from '../timing.ts'
import { initialView, searchProblem, toTaskQuery } from '../view-query.ts'

/** How a dashboard’s store begins and what it remembers. */
export interface DashboardStoreOptions {
  /** What to show first; without it what the operator last looked at, else everything. */
  readonly view?: Partial<ViewQuery> | undefined
  /** Milliseconds between polls where no stream comes; default 30,000. */
  readonly pollIntervalMs?: number | undefined
  /** Remembers preferences, e.g. `localStorage`; absent or null remembers nothing. */
  readonly storage?: KeyValueStorage | null | undefined
  /** Remembers the last rows and what is held, e.g. IndexedDB; absent or null remembers nothing. */
  readonly snapshots?: SnapshotStorage | null | undefined
  /** Says whether anybody looks; without it somebody always does. */
  readonly visibility?: Visibility | undefined
  /** Time and chance, for tests; the machine’s by default. */
  readonly timing?: Timing | undefined
  /**
   * An answer to the first question that is there already, such as in the page: its rows are shown at once, and then asked for as
   * usual. Without effect where the question is another, and while the operator has paused. None by default.
   */
  readonly given?: GivenRows | undefined
  /** Resolves when the first rows are drawn: what is beside them is asked for then. Default: nothing is waited for. */
  readonly drawn?: (() => Promise<void>) | undefined
  /** When listeners hear of changes; all changes until then are one. Default: at the end of the current turn. */
  readonly schedule?: ((notify: () => void) => void) | undefined
}

/** Rows, and the question that they answer. */
export interface GivenRows {
  /** As `formatTaskQuery` writes it. */
  readonly query: string
  readonly answer: TaskPage
}

/** What the rooms of the store share: the state and the ways to change it. */
export interface StoreCore {
  readonly client: Client
  readonly timing: Timing
  readonly options: DashboardStoreOptions
  readonly persistence: Persistence
  readonly state: DashboardState
  /** The question that rows, counts, chart and stream all answer; sliding windows are fixed when it is made. */
  asked: TaskQuery
  update(changes: Partial<DashboardState>): void
  updateList(changes: Partial<ListState>): void
  /** Marks rows as changed; what the listeners have not heard of yet stays marked. */
  flash(taskIds: readonly string[]): void
  toast(toast: Omit<Toast, 'id'>): void
  /** Says that something of these kinds may be another now. */
  hint(hints: readonly LiveHint[]): void
  /** Says what went wrong; gives back what it said. */
  toastProblem(problem: Problem, tone?: Toast['tone']): Conflict
  readonly subscribe: DashboardStore['subscribe']
  /** After this nothing changes any more. */
  close(): void
}

const maxToasts = 5

export function createCore(client: Client, options: DashboardStoreOptions): StoreCore {
  const timing = options.timing ?? systemTiming
  const persistence = createPersistence({
    src: client.src,
    storage: options.storage ?? null,
    snapshots: options.snapshots ?? null,
  })
  const listeners = new Set<(state: DashboardState) => void>()
  const schedule = options.schedule ?? queueMicrotask
  let state = initialState(options, persistence, timing.now())
  let isNotifying = false
  let isClosed = false
  let lastToastId = 0

  const core: StoreCore = {
    client,
    timing,
    options,
    persistence,
    asked: askOf(state.view, timing.now()),
    get state() {
      return state
    },
    update(changes) {
      if (isClosed) return
      state = { ...state, ...changes }
      if (isNotifying || listeners.size === 0) return
      isNotifying = true
      schedule(notify)
    },
    updateList: (changes) => core.update({ list: { ...state.list, ...changes } }),
    flash(taskIds) {
      if (taskIds.length > 0)
        core.update({ flashedIds: new Set([...(isNotifying ? state.flashedIds : []), ...taskIds]) })
    },
    toast(toast) {
      lastToastId += 1
      core.update({ toasts: [...state.toasts, { ...toast, id: lastToastId }].slice(-maxToasts) })
    },
    hint(names) {
      const hints = { ...state.hints }
      for (const name of names) hints[name] += 1
      core.update({ hints })
    },
    toastProblem(problem, tone = 'failed') {
      const told = { text: (problem.status > 0 && problem.detail) || problem.title, taskId: blockingTask(problem) }
      core.toast({ ...told, tone })
      return told
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {
      isClosed = true
      listeners.clear()
    },
  }
  return core

  function notify(): void {
    isNotifying = false
    for (const listener of listeners) listener(state)
  }
}

/** The task that stands in the way, where the server says which. */
function blockingTask({ extra }: Problem): string | null {
  const taskId = extra?.['task_id']
  return typeof taskId === 'string' ? taskId : null
}

/** The question of a view; a search that is not understood asks nothing, and so is left out. */
export function askOf(view: ViewQuery, now: number): TaskQuery {
  return toTaskQuery(searchProblem(view.search) ? { ...view, search: '' } : view, now)
}

function initialState(options: DashboardStoreOptions, persistence: Persistence, now: number): DashboardState {
  const preferences = persistence.readPreferences()
  const view = { ...(preferences?.view ?? initialView), ...options.view }
  return {
    connection: { kind: 'connecting', since: now, problem: null },
    isPaused: preferences?.isPaused ?? false,
    heldCount: 0,
    heldIsCapped: false,
    capabilities: null,
    view,
    searchProblem: searchProblem(view.search),
    list: {
      phase: 'loading',
      tasks: [],
      nextCursor: null,
      prevCursor: null,
      total: 0,
      totalIsCapped: false,
      problem: null,
      waitingCount: 0,
    },
    metrics: null,
    timeline: null,
    types: [],
    queues: [],
    functions: [],
    schedules: [],
    panels: [],
    failedTotal: 0,
    open: null,
    selectedIds: new Set(),
    selectedAll: null,
    goingIds: new Set(),
    flashedIds: new Set(),
    busyActions: new Set(),
    conflicts: new Map(),
    toasts: [],
    dataAt: null,
    hints: { schedules: 0, queues: 0, workers: 0, operations: 0, audit: 0 },
    csv: null,
  }
}
