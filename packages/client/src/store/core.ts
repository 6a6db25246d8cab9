import type { Problem, TaskQuery } from '@taskloom/protocol'
import type { Client } from '../client.ts'
import { createPersistence, type KeyValueStorage, type Persistence, type SnapshotStorage } from '../persist.ts'
import type { DashboardState, DashboardStore, ListState, Toast, ViewQuery } from '../state.ts'
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
  /** When listeners hear of changes; all changes until then are one. Default: at the end of the current turn. */
  readonly schedule?: ((notify: () => void) => void) | undefined
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
  toastProblem(problem: Problem): void
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
    toastProblem: (problem) =>
      core.toast({ tone: 'failed', text: (problem.status > 0 && problem.detail) || problem.title, taskId: null }),
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
    failedTotal: 0,
    open: null,
    selectedIds: new Set(),
    flashedIds: new Set(),
    busyActions: new Set(),
    toasts: [],
    dataAt: null,
    csv: null,
  }
}
