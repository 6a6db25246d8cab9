import type { DetailTab, TabName, TaskVerb, ViewQuery } from '@taskloom/client'

export type { TaskVerb }

/** The themes an operator can choose. */
export type Theme = 'auto' | 'light' | 'dark'
/** How close rows stand. */
export type Density = 'compact' | 'normal' | 'comfortable'

export type ScheduleVerb = 'run' | 'pause' | 'resume'

/**
 * What elements inside the dashboard ask of it, with the detail each carries. They bubble and are composed; the host
 * element answers them and lets none out of itself.
 */
export interface RequestEvents {
  'request-view': Partial<ViewQuery>
  'request-clear-filters': null
  'request-page': { readonly to: 'first' | 'prev' | 'next' }
  'request-refresh': null
  'request-pause': { readonly isPaused: boolean }
  /** Hold rows in place while `isHeld`; settle them afterwards. */
  'request-hold': { readonly isHeld: boolean }
  'request-open': { readonly taskId: string; readonly tab?: DetailTab }
  'request-close': null
  'request-detail-tab': { readonly tab: DetailTab }
  'request-more-logs': null
  'request-select': { readonly taskIds: readonly string[]; readonly isSelected: boolean }
  'request-clear-selection': null
  'request-action': { readonly verb: TaskVerb; readonly taskId: string; readonly reason?: string }
  /** The operator wants this; the host asks once more where that is due, and then acts. */
  'request-intent': { readonly verb: TaskVerb; readonly taskId: string }
  'request-retry-selected': { readonly reason?: string }
  /** Replay of dead letters; `since` as the protocol says: `6h`, `7d`, `all`. */
  'request-retry-failed': { readonly since: string }
  'request-clear-history': { readonly value: number; readonly unit: 'min' | 'hour' | 'day' }
  'request-schedule': { readonly verb: ScheduleVerb; readonly name: string }
  'request-export': null
  'request-tab': { readonly tab: TabName }
  'request-dismiss-toast': { readonly id: number }
  'request-theme': { readonly theme: Theme }
  'request-density': { readonly density: Density }
  /** Opens one of the host's own dialogs. */
  'request-dialog': { readonly dialog: 'help' | 'clear-history' }
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
