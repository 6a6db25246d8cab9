import type { DashboardStore } from '@taskloom/client'
import type { Density, RequestEvents, RequestName, Theme, TaskVerb } from '../events.ts'

/** What the host element does itself. */
export interface RequestHost extends EventTarget {
  readonly store: DashboardStore | null
  /** Runs an action between `task-before-action` and `task-action`. */
  act(action: string, taskIds: readonly string[], run: (store: DashboardStore) => Promise<unknown>): void
  /** Asks once more where that is due, then acts. */
  intend(verb: TaskVerb, taskId: string): void
  showDialog(dialog: 'help' | 'clear-history'): void
  setTheme(theme: Theme): void
  setDensity(density: Density): void
  exportCsv(): Promise<void>
}

type Answers = {
  readonly [N in RequestName]: (detail: RequestEvents[N], store: DashboardStore, host: RequestHost) => void
}

/** Every request of the elements and the verb of the store that answers it. */
const answers: Answers = {
  'request-view': (changes, store) => void store.setView(changes),
  'request-clear-filters': (_, store) => void store.clearFilters(),
  'request-page': ({ to }, store) => void { first: store.firstPage, prev: store.prevPage, next: store.nextPage }[to](),
  'request-refresh': (_, store) => void store.refresh(),
  'request-pause': ({ isPaused }, store) => (isPaused ? store.pause() : void store.resume()),
  'request-hold': ({ isHeld }, store) => (isHeld ? store.hold() : store.settle()),
  'request-open': ({ taskId, tab }, store) => void store.openTask(taskId, tab),
  'request-close': (_, store) => store.closeTask(),
  'request-detail-tab': ({ tab }, store) => store.setDetailTab(tab),
  'request-more-logs': (_, store) => void store.loadMoreLogs(),
  'request-select': ({ taskIds, isSelected }, store) => store.select(taskIds, isSelected),
  'request-clear-selection': (_, store) => store.clearSelection(),
  'request-action': ({ verb, taskId, reason }, _, host) =>
    host.act(verb, [taskId], (store) => runVerb(store, verb, taskId, reason)),
  'request-intent': ({ verb, taskId }, _, host) => host.intend(verb, taskId),
  'request-retry-selected': ({ reason }, store, host) =>
    host.act('bulk_retry', [...store.state.selectedIds], () => store.retrySelected(reason)),
  'request-retry-failed': ({ since }, store, host) => host.act('bulk_retry', [], () => store.retryFailed(since)),
  'request-clear-history': ({ value, unit }, store, host) =>
    host.act('clear_history', [], () => store.clearHistory(value, unit)),
  'request-schedule': ({ verb, name }, store, host) =>
    host.act(verb === 'run' ? 'schedule_run' : 'schedule_pause', [], () =>
      ({ run: store.runSchedule, pause: store.pauseSchedule, resume: store.resumeSchedule })[verb](name),
    ),
  'request-export': (_, __, host) => void host.exportCsv(),
  'request-tab'({ tab }, store) {
    store.closeTask()
    void store.setView({ tab })
  },
  'request-dismiss-toast': ({ id }, store) => store.dismissToast(id),
  'request-theme': ({ theme }, _, host) => host.setTheme(theme),
  'request-density': ({ density }, _, host) => host.setDensity(density),
  'request-dialog': ({ dialog }, _, host) => host.showDialog(dialog),
}

/** Answers what bubbles up from the elements and lets none of it out to the page. */
export function answerRequests(host: RequestHost): void {
  for (const name of Object.keys(answers) as RequestName[]) {
    host.addEventListener(name, (event) => {
      event.stopPropagation()
      if (!host.store) return
      const answer = answers[name] as (detail: unknown, store: DashboardStore, host: RequestHost) => void
      answer((event as CustomEvent<unknown>).detail, host.store, host)
    })
  }
}

function runVerb(store: DashboardStore, verb: TaskVerb, taskId: string, reason: string | undefined): Promise<void> {
  switch (verb) {
    case 'retry':
      return store.retry(taskId, reason)
    case 'cancel':
      return store.cancel(taskId, reason)
    case 'run_now':
      return store.runNow(taskId)
    case 'delete':
      return store.deleteTask(taskId)
  }
}
