import type {
  ActionName,
  BulkAnswer,
  Capabilities,
  Metrics,
  Problem,
  Route,
  QueueCount,
  SortField,
  SortOrder,
  TaskDetail,
  LiveHint,
  LogEntry,
  PanelEntry,
  TaskStatus,
  TaskSummary,
  Timeline,
  TypeStats,
  FunctionView,
  ScheduleView,
} from '@taskloom/protocol'
import type { Words } from './words.ts'

/** Everything a dashboard shows, as one immutable value. Elements get slices of it as properties. */
export interface DashboardState {
  /** How it hears of changes. */
  readonly connection: Connection
  /** Whether live changes are held back. */
  readonly isPaused: boolean
  /** Distinct tasks that changed while paused; bounded, see `heldIsCapped`. */
  readonly heldCount: number
  /** Whether more tasks changed while paused than are counted. */
  readonly heldIsCapped: boolean
  /** What the server offers and this caller may do; null before it said so. */
  readonly capabilities: Capabilities | null
  /** What is asked for. */
  readonly view: ViewQuery
  /** What is wrong with `view.search`, if it is not understood. */
  readonly searchProblem: Problem | null
  /** The rows. */
  readonly list: ListState
  /** Figures of the filter; null before the first. */
  readonly metrics: Metrics | null
  /** The chart of the filter; null before the first. */
  readonly timeline: Timeline | null
  /** For the filter menus, with counts over everything. */
  readonly types: readonly TypeStats[]
  /** Counts by queue over everything. */
  readonly queues: readonly QueueCount[]
  /** The defined functions; empty before they were asked for. */
  readonly functions: readonly FunctionView[]
  /** The schedules; empty before they were asked for. */
  readonly schedules: readonly ScheduleView[]
  /** The host's own panels, in their order; empty before they were asked for, and where there are none. */
  readonly panels: readonly PanelEntry[]
  /** Dead letters of everything, for the badge of the tab. */
  readonly failedTotal: number
  /** The task whose panel is open; null without one. */
  readonly open: OpenTask | null
  /** Tasks that are chosen for an action on many, one by one; none while all of a filter are. */
  readonly selectedIds: ReadonlySet<string>
  /** The filter whose tasks are all chosen, as `POST /bulk` reads it; null while they are chosen one by one. */
  readonly selectedAll: Readonly<Record<string, readonly string[]>> | null
  /** Tasks that are about to be deleted or called off. */
  readonly goingIds: ReadonlySet<string>
  /** Ids whose row changed in the last update, so that it may flash once. */
  readonly flashedIds: ReadonlySet<string>
  /** Actions on their way, so that a second click does nothing. */
  readonly busyActions: ReadonlySet<string>
  /** Why the last command on a task was refused because something else is in its way (409), by the id; until the next command on it. */
  readonly conflicts: ReadonlyMap<string, Conflict>
  /** Short messages, the oldest first; at most five. */
  readonly toasts: readonly Toast[]
  /** When the shown data came from the server, epoch ms; null before the first. */
  readonly dataAt: number | null
  /** Grows when something of the kind may have changed: whoever shows it asks again. Paused, nothing grows. */
  readonly hints: Readonly<Record<LiveHint, number>>
  /** How far an export is; null when there is none. */
  readonly csv: CsvProgress | null
}

/** `polling` asks now and then because no stream comes; `hidden` rests while nobody looks. */
export type ConnectionKind =
  'connecting' | 'live' | 'reconnecting' | 'polling' | 'offline' | 'unauthenticated' | 'forbidden' | 'hidden'

/** How the page hears of changes. */
export interface Connection {
  /** The way, or why there is none. */
  readonly kind: ConnectionKind
  /** Since when it is so, epoch ms. */
  readonly since: number
  /** Why it is not live; null when that is not a failure. */
  readonly problem: Problem | null
}

/** What the operator has asked to see. Text and choices as they are typed; `toTaskQuery` makes the protocol's query. */
export interface ViewQuery {
  /** Which tab is shown. */
  readonly tab: TabName
  /** In one of these statuses; empty for any. */
  readonly statuses: readonly TaskStatus[]
  /** Of one of these functions; empty for any. */
  readonly funcNames: readonly string[]
  /** In one of these queues; empty for any. */
  readonly queues: readonly string[]
  /** Created within. */
  readonly range: TimeRange
  /** The text of the search box. */
  readonly search: string
  /** By what rows are sorted. */
  readonly sort: SortField
  /** Whether the least or the greatest comes first. */
  readonly order: SortOrder
  /** Rows of a page, 1 to 500. */
  readonly pageSize: number
  /** Where the shown page begins; null for the first. */
  readonly cursor: string | null
  /** 1-based number of the shown page as far as it is known, for words like "31–60". */
  readonly pageNumber: number
  /** The columns of the rows in their order; empty for the page's own. */
  readonly columns: readonly string[]
  /** What the chart divides its bars by, or shows instead of counts. */
  readonly series: ChartSeries
}

/** What the chart can show: counts divided in three ways, or how long 95 of 100 took at most. */
export const chartSeries = ['status', 'function', 'queue', 'p95'] as const
/** One of {@link chartSeries}. */
export type ChartSeries = (typeof chartSeries)[number]

/** The tabs of the dashboard, in their order; the host's own panels come after them. */
export const tabNames = [
  'view',
  'dead-letters',
  'schedules',
  'tasks',
  'queues',
  'workers',
  'metrics',
  'operations',
  'audit',
] as const
/** One of {@link tabNames}, or a panel of the host. */
export type TabName = (typeof tabNames)[number] | `panel:${string}`

/** When the tasks were created that are shown. */
export type TimeRange =
  | { readonly kind: 'all' }
  /** A sliding window such as `24h`. */
  | { readonly kind: 'window'; readonly window: string }
  /** Fixed instants, epoch ms; `until` null is "until now". */
  | { readonly kind: 'between'; readonly since: number; readonly until: number | null }

/** The rows of the list. */
export interface ListState {
  /** Whether there are rows yet; `failed` may still show those of before. */
  readonly phase: 'loading' | 'ready' | 'failed'
  /** The rows of this page. */
  readonly tasks: readonly TaskSummary[]
  /** Where the next page begins; null at the end. */
  readonly nextCursor: string | null
  /** Where the page before begins; null at the beginning. */
  readonly prevCursor: string | null
  /** How many rows the filter has. */
  readonly total: number
  /** Whether there are more than `total`. */
  readonly totalIsCapped: boolean
  /** Why there are no newer rows; null when nothing is wrong. */
  readonly problem: Problem | null
  /** Changes that would move rows while the operator's pointer is on them, and so wait; applied by `settle()`. */
  readonly waitingCount: number
}

/** The tabs of an open task, in their order. */
export const detailTabs = ['details', 'attempts', 'logs', 'error', 'audit'] as const
/** One of {@link detailTabs}. */
export type DetailTab = (typeof detailTabs)[number]

/** The task whose panel is open. */
export interface OpenTask {
  /** Its id. */
  readonly taskId: string
  /** Which tab is shown. */
  readonly tab: DetailTab
  /** The attempt that a link leads to; absent without one. */
  readonly attempt?: number | undefined
  /** Whether it has come yet, or is gone by now. */
  readonly phase: 'loading' | 'ready' | 'failed' | 'deleted'
  /** What is known of it; null before it has come. */
  readonly detail: TaskDetail | null
  /** The lines of its log so far. */
  readonly logs: readonly LogEntry[]
  /** Whether there are more lines to load. */
  readonly logsHaveMore: boolean
  /** Why it did not come; null when nothing is wrong. */
  readonly problem: Problem | null
}

/** A short message about something that was done. */
export interface Toast extends Words {
  /** Unique within the page. */
  readonly id: number
  /** `warning`: it was done in part or not at all, and not by a failure. */
  readonly tone: 'done' | 'warning' | 'failed'
  /** A task the toast speaks of, to open it. */
  readonly taskId: string | null
}

/** What is in the way of a command. */
export type Conflict = Pick<Toast, 'text' | 'taskId'>

/** How far an export is. */
export interface CsvProgress {
  /** Rows that are there already. */
  readonly rows: number
  /** Rows there will be. */
  readonly total: number
}

/** The verbs of a dashboard. Each returns when the state shows its effect; failures become toasts, never throws. */
export interface DashboardStore {
  /** The newest state; another object after each change. */
  readonly state: DashboardState
  /** Calls back after each change; returns how to stop. */
  subscribe(listener: (state: DashboardState) => void): () => void
  /** Loads and goes live. */
  start(): Promise<void>
  /** Ends the stream and lets go of everything. */
  stop(): void
  /** Changes what is asked for; starts on the first page unless `cursor` is among the changes. */
  setView(changes: Partial<ViewQuery>): Promise<void>
  /** Shows everything again; tab, sort and page size stay. */
  clearFilters(): Promise<void>
  /** Older rows, or those further on in another order; nothing at the end. */
  nextPage(): Promise<void>
  /** One page back; nothing at the beginning. */
  prevPage(): Promise<void>
  /** The first page, which lives. */
  firstPage(): Promise<void>
  /** Asks the server again for everything that is shown. */
  refresh(): Promise<void>
  /** Holds back live changes and counts them. */
  pause(): void
  /** Catches up with what was held back. */
  resume(): Promise<void>
  /** While held (pointer or focus on the rows) rows change in place but none moves, comes or goes. */
  hold(): void
  /** Ends {@link hold}: rows take the place that they ought to have. */
  settle(): void
  /** Opens a task’s panel on a tab, `details` by default, and at one of its attempts. */
  openTask(taskId: string, tab?: DetailTab, attempt?: number): Promise<void>
  /** Shows another tab of the open task. */
  setDetailTab(tab: DetailTab): void
  /** Adds the next lines to the log of the open task. */
  loadMoreLogs(): Promise<void>
  /** Closes the panel. */
  closeTask(): void
  /** Chooses tasks for an action on many, or no longer. */
  select(taskIds: readonly string[], isSelected: boolean): void
  /** Chooses all tasks of the filter, those of other pages too; another filter ends that. */
  selectAll(): void
  /** Chooses none. */
  clearSelection(): void
  /** Says which tasks are about to be deleted or called off, so that their rows show it. */
  markGoing(taskIds: readonly string[]): void
  /** Mints a new task from a failed or interrupted one; a toast offers to open it. */
  retry(taskId: string, reason?: string): Promise<void>
  /** Calls a task off. */
  cancel(taskId: string, reason?: string): Promise<void>
  /** Makes a delayed task due. */
  runNow(taskId: string): Promise<void>
  /** Deletes an ended task. */
  deleteTask(taskId: string): Promise<void>
  /** Retries all that are chosen; null when it failed or there was nothing to do. */
  retrySelected(reason?: string): Promise<BulkAnswer | null>
  /** `since` as the protocol says: `6h`, `7d`, `all`. */
  retryFailed(since: string): Promise<BulkAnswer | null>
  /** Deletes tasks that ended longer ago; says how many, null when it failed or there was nothing to do. */
  clearHistory(
    value: number,
    unit: 'min' | 'hour' | 'day',
    more?: { readonly statuses?: readonly TaskStatus[]; readonly reason?: string },
  ): Promise<number | null>
  /** Enqueues a schedule’s function now. */
  runSchedule(name: string): Promise<void>
  /** Lets its slots pass from now on. */
  pauseSchedule(name: string): Promise<void>
  /** Goes on with its next slot. */
  resumeSchedule(name: string): Promise<void>
  /**
   * Sends a command, says what came of it, and brings what is shown up to date. Null when it failed, which a toast says, or
   * when the same command is on its way.
   */
  command<T = unknown>(command: Command): Promise<T | null>
  /** All rows of the filter and sort, as CSV; null when it was called off. */
  exportCsv(): Promise<CsvFile | null>
  /** Takes a toast away. */
  dismissToast(id: number): void
  /** Takes away what is said of a task in {@link DashboardState.conflicts}. */
  dismissConflict(taskId: string): void
}

/** A file to be saved. */
export interface CsvFile {
  /** `tasks-YYYY-MM-DD.csv` */
  readonly name: string
  /** What is in it: text in UTF-8 with a byte order mark. */
  readonly blob: Blob
}

/** Something to be done on the server that has no verb of its own here: data, so that elements can ask for it. */
export interface Command {
  /** Its route, from the table of the protocol. */
  readonly route: Route
  /** What the caller must be allowed to do, and what `task-before-action` names. */
  readonly action: ActionName
  /** The segments of the path by name; none by default. */
  readonly at?: Readonly<Record<string, string>> | undefined
  /** The query; none by default. */
  readonly params?: Readonly<Record<string, string>> | undefined
  /** The body, in the protocol's spelling (`task_ids`); none by default. */
  readonly body?: Readonly<Record<string, unknown>> | undefined
  /** The tasks that it is about, for the page's events; none by default. */
  readonly taskIds?: readonly string[] | undefined
  /** What `busyActions` shows while it is on its way, such as `pause-queue:mail`. */
  readonly key: string
  /** What a toast says when it is done, with the task that the answer names to open; null for a caller who says it himself. */
  readonly done: Words | null
  /** What grows when it is done, so that it is shown; none by default. */
  readonly hints?: readonly LiveHint[] | undefined
}
