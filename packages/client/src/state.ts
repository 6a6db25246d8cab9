import type {
  BulkAnswer,
  Capabilities,
  Metrics,
  Problem,
  QueueCount,
  SortField,
  SortOrder,
  TaskDetail,
  LogEntry,
  TaskStatus,
  TaskSummary,
  Timeline,
  TypeStats,
  FunctionView,
  ScheduleView,
} from '@taskloom/protocol'

/** Everything a dashboard shows, as one immutable value. Elements get slices of it as properties. */
export interface DashboardState {
  readonly connection: Connection
  readonly isPaused: boolean
  /** Distinct tasks that changed while paused; bounded, see `heldIsCapped`. */
  readonly heldCount: number
  readonly heldIsCapped: boolean
  readonly capabilities: Capabilities | null
  readonly view: ViewQuery
  /** What is wrong with `view.search`, if it is not understood. */
  readonly searchProblem: Problem | null
  readonly list: ListState
  readonly metrics: Metrics | null
  readonly timeline: Timeline | null
  /** For the filter menus, with counts over everything. */
  readonly types: readonly TypeStats[]
  readonly queues: readonly QueueCount[]
  readonly functions: readonly FunctionView[]
  readonly schedules: readonly ScheduleView[]
  /** Dead letters of everything, for the badge of the tab. */
  readonly failedTotal: number
  readonly open: OpenTask | null
  readonly selectedIds: ReadonlySet<string>
  /** Ids whose row changed in the last update, so that it may flash once. */
  readonly flashedIds: ReadonlySet<string>
  readonly busyActions: ReadonlySet<string>
  readonly toasts: readonly Toast[]
  /** When the shown data came from the server, epoch ms; null before the first. */
  readonly dataAt: number | null
  readonly csv: CsvProgress | null
}

export type ConnectionKind =
  'connecting' | 'live' | 'reconnecting' | 'polling' | 'offline' | 'unauthenticated' | 'forbidden' | 'hidden'

export interface Connection {
  readonly kind: ConnectionKind
  /** Since when it is so, epoch ms. */
  readonly since: number
  readonly problem: Problem | null
}

/** What the operator has asked to see. Text and choices as they are typed; `toTaskQuery` makes the protocol's query. */
export interface ViewQuery {
  readonly tab: TabName
  readonly statuses: readonly TaskStatus[]
  readonly funcNames: readonly string[]
  readonly queues: readonly string[]
  readonly range: TimeRange
  readonly search: string
  readonly sort: SortField
  readonly order: SortOrder
  readonly pageSize: number
  readonly cursor: string | null
  /** 1-based number of the shown page as far as it is known, for words like "31–60". */
  readonly pageNumber: number
}

export const tabNames = ['view', 'dead-letters', 'schedules', 'tasks'] as const
export type TabName = (typeof tabNames)[number]

export type TimeRange =
  | { readonly kind: 'all' }
  /** A sliding window such as `24h`. */
  | { readonly kind: 'window'; readonly window: string }
  /** Fixed instants, epoch ms; `until` null is "until now". */
  | { readonly kind: 'between'; readonly since: number; readonly until: number | null }

export interface ListState {
  readonly phase: 'loading' | 'ready' | 'failed'
  readonly tasks: readonly TaskSummary[]
  readonly nextCursor: string | null
  readonly prevCursor: string | null
  readonly total: number
  readonly totalIsCapped: boolean
  readonly problem: Problem | null
  /** Changes that would move rows while the operator's pointer is on them, and so wait; applied by `settle()`. */
  readonly waitingCount: number
}

export const detailTabs = ['details', 'attempts', 'logs', 'error'] as const
export type DetailTab = (typeof detailTabs)[number]

export interface OpenTask {
  readonly taskId: string
  readonly tab: DetailTab
  readonly phase: 'loading' | 'ready' | 'failed' | 'deleted'
  readonly detail: TaskDetail | null
  readonly logs: readonly LogEntry[]
  readonly logsHaveMore: boolean
  readonly problem: Problem | null
}

export interface Toast {
  readonly id: number
  /** `warning`: it was done in part or not at all, and not by a failure. */
  readonly tone: 'done' | 'warning' | 'failed'
  readonly text: string
  /** A task the toast speaks of, to open it. */
  readonly taskId: string | null
}

export interface CsvProgress {
  readonly rows: number
  readonly total: number
}

/** The verbs of a dashboard. Each returns when the state shows its effect; failures become toasts, never throws. */
export interface DashboardStore {
  readonly state: DashboardState
  /** Calls back after each change; returns how to stop. */
  subscribe(listener: (state: DashboardState) => void): () => void
  /** Loads and goes live. */
  start(): Promise<void>
  /** Ends the stream and lets go of everything. */
  stop(): void
  /** Changes what is asked for; starts on the first page unless `cursor` is among the changes. */
  setView(changes: Partial<ViewQuery>): Promise<void>
  clearFilters(): Promise<void>
  nextPage(): Promise<void>
  prevPage(): Promise<void>
  firstPage(): Promise<void>
  refresh(): Promise<void>
  pause(): void
  resume(): Promise<void>
  /** While held (pointer or focus on the rows) rows change in place but none moves, comes or goes. */
  hold(): void
  settle(): void
  openTask(taskId: string, tab?: DetailTab): Promise<void>
  setDetailTab(tab: DetailTab): void
  loadMoreLogs(): Promise<void>
  closeTask(): void
  select(taskIds: readonly string[], isSelected: boolean): void
  clearSelection(): void
  retry(taskId: string, reason?: string): Promise<void>
  cancel(taskId: string, reason?: string): Promise<void>
  runNow(taskId: string): Promise<void>
  deleteTask(taskId: string): Promise<void>
  retrySelected(reason?: string): Promise<BulkAnswer | null>
  /** `since` as the protocol says: `6h`, `7d`, `all`. */
  retryFailed(since: string): Promise<BulkAnswer | null>
  clearHistory(value: number, unit: 'min' | 'hour' | 'day'): Promise<number | null>
  runSchedule(name: string): Promise<void>
  pauseSchedule(name: string): Promise<void>
  resumeSchedule(name: string): Promise<void>
  /** All rows of the filter and sort, as CSV; null when it was called off. */
  exportCsv(): Promise<CsvFile | null>
  dismissToast(id: number): void
}

export interface CsvFile {
  /** `tasks-YYYY-MM-DD.csv` */
  readonly name: string
  readonly blob: Blob
}
