import type {
  Command,
  DetailTab,
  OfferedAction,
  SavedViews,
  TabName,
  TaskVerb,
  TimeRange,
  ViewQuery,
} from '@taskloom/client'
import type { TaskStatus, TaskSummary } from '@taskloom/protocol'
import type { Looks } from './host/looks.ts'

export type { TaskVerb }

/** The themes an operator can choose. */
export type Theme = 'auto' | 'light' | 'dark'
/** How close rows stand. */
export type Density = 'compact' | 'normal' | 'comfortable'

export type ScheduleVerb = 'run' | 'pause' | 'resume'

/** What is to be enqueued: a function, a copy of a task, or what is chosen in the dialog. */
export interface EnqueueSubject {
  readonly funcName?: string
  readonly clonedFrom?: string
}

/** Which tasks are meant: some, or all of a filter as `POST /bulk` reads it. */
export type BulkTarget =
  { readonly taskIds: readonly string[] } | { readonly filter: Readonly<Record<string, readonly string[]>> }

/** Something to be done with many tasks, or with one so that it can be undone. */
export interface BulkAsk {
  readonly action: TaskVerb
  readonly target: BulkTarget
  /** Empty for none. */
  readonly reason?: string
  /** At most so many tasks a second; as many as the server does by default. */
  readonly perSecond?: number | null
  /** Tasks on the screen that are meant: their rows show that they are going. */
  readonly shownIds: readonly string[]
}

/** The dialogs that are parts, and what each is about. */
export interface DialogSubjects {
  enqueue: EnqueueSubject
  help: null
  palette: null
  'clear-history': null
  /** Time zone and clock. */
  clock: null
  /** From when to when; begins with what is shown. */
  range: TimeRange
  /** Asks, with the number that the server counted, before it begins. */
  bulk: Pick<BulkAsk, 'action' | 'target' | 'shownIds'>
  /** Another queue or priority for a task that waits. */
  move: { readonly task: TaskSummary }
  /** Asks before a verb, and does it after a yes. */
  ask: { readonly offered: OfferedAction; readonly task: TaskSummary }
}
/** The name of one of them; its element is `task-<name>-dialog`. */
export type DialogName = keyof DialogSubjects

/**
 * What elements inside the dashboard ask of it, with the detail each carries. They bubble and are composed; the host
 * element answers them and lets none out of itself.
 */
export interface RequestEvents {
  'request-view': Partial<ViewQuery>
  'request-clear-filters': null
  /** Shows only what one term of the search language finds, such as `tag.env:prod`, of what is shown now. */
  'request-narrow': { readonly term: string }
  'request-page': { readonly to: 'first' | 'prev' | 'next' }
  'request-refresh': null
  'request-pause': { readonly isPaused: boolean }
  /** Hold rows in place while `isHeld`; settle them afterwards. */
  'request-hold': { readonly isHeld: boolean }
  'request-open': { readonly taskId: string; readonly tab?: DetailTab; readonly attempt?: number }
  'request-close': null
  'request-detail-tab': { readonly tab: DetailTab }
  'request-more-logs': null
  'request-select': { readonly taskIds: readonly string[]; readonly isSelected: boolean }
  'request-select-all': null
  'request-clear-selection': null
  'request-action': { readonly verb: TaskVerb; readonly taskId: string; readonly reason?: string }
  /** The operator wants this; the host asks once more where that is due, and then acts. */
  'request-intent': { readonly verb: TaskVerb; readonly taskId: string }
  /** Begins something in the background; what can be undone begins some seconds later. */
  'request-bulk': BulkAsk
  /** These rows are about to go. */
  'request-going': { readonly taskIds: readonly string[] }
  /** Shows how far an operation is and what became of each of its tasks. */
  'request-operation': { readonly operationId: string }
  'request-retry-selected': { readonly reason?: string }
  /** Replay of dead letters; `since` as the protocol says: `6h`, `7d`, `all`. */
  'request-retry-failed': { readonly since: string }
  'request-clear-history': {
    readonly value: number
    readonly unit: 'min' | 'hour' | 'day'
    /** Of these statuses alone. */
    readonly statuses: readonly TaskStatus[]
    readonly reason?: string
  }
  'request-schedule': { readonly verb: ScheduleVerb; readonly name: string }
  'request-export': null
  'request-tab': { readonly tab: TabName }
  'request-dismiss-toast': { readonly id: number }
  'request-dismiss-conflict': { readonly taskId: string }
  'request-theme': { readonly theme: Theme }
  /** The operator has signed out: everything is forgotten, and asked for anew. */
  'request-sign-out': null
  'request-density': { readonly density: Density }
  'request-looks': Partial<Looks>
  'request-saved-views': SavedViews
  /** Opens a dialog that is a part. */
  'request-dialog': { readonly dialog: DialogName; readonly subject?: DialogSubjects[DialogName] }
  /** Something that has no request of its own; `settle` is told the answer, or null when it failed. */
  'request-command': { readonly command: Command; readonly settle?: (answer: unknown) => void }
}

export type RequestName = keyof RequestEvents

/** Fires a request from `target`. */
export function request<N extends RequestName>(
  target: EventTarget,
  name: N,
  ...detail: RequestEvents[N] extends null ? [] : [RequestEvents[N]]
): void {
  target.dispatchEvent(new CustomEvent(name, { detail: detail[0] ?? null, bubbles: true, composed: true }))
}

/** Events that leave `<task-dashboard>` for the page that embeds it. */
export interface DashboardEvents {
  /** A task was opened (its id) or the panel was closed (null). */
  'task-select': {
    /** The task; null when the panel was closed. */
    readonly taskId: string | null
  }
  /** Cancelable: an action is about to be sent. */
  'task-before-action': {
    /** What is to be done, such as `retry`. */
    readonly action: string
    /** With which tasks; empty when it is done with a schedule or with all of a window. */
    readonly taskIds: readonly string[]
  }
  /** An action was answered. */
  'task-action': {
    /** What was done, such as `retry`. */
    readonly action: string
    /** With which tasks; empty when it was done with a schedule or with all of a window. */
    readonly taskIds: readonly string[]
  }
  /** The operator asked for another view. */
  'task-filter-change': {
    /** What is asked for now. */
    readonly view: ViewQuery
  }
  /** The page hears of changes in another way, or not any more. */
  'task-connection-change': {
    /** The way, or why there is none, such as `live` or `offline`. */
    readonly kind: string
    /** Since when, epoch milliseconds. */
    readonly since: number
  }
  /** The rows did not come, or the server refuses. */
  'task-error': {
    /** Why, for programs. */
    readonly code: string
    /** Why, for people. */
    readonly message: string
  }
}
