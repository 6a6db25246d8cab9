import { withTerm, type DashboardStore, type SavedViews } from '@taskloom/client'
import type { DialogName, RequestEvents, RequestName, TaskVerb } from '../events.ts'
import type { PartName } from '../parts.ts'
import type { Looks } from './looks.ts'

/** What the host element does itself. */
export interface RequestHost extends EventTarget {
  readonly store: DashboardStore | null
  /** Runs an action between `task-before-action` and `task-action`. */
  act(action: string, taskIds: readonly string[], run: (store: DashboardStore) => Promise<unknown>): void
  /** Asks once more where that is due, then acts. */
  intend(verb: TaskVerb, taskId: string): void
  showDialog(dialog: DialogName, subject?: unknown): void
  setLooks(looks: Partial<Looks>): void
  saveViews(views: SavedViews): void
  /** Gives a part something to do as soon as it is there. */
  useTool(part: PartName, subject: unknown): Promise<void>
  signOut(): void
  exportCsv(): Promise<void>
}

type Answers = {
  readonly [N in RequestName]: (detail: RequestEvents[N], store: DashboardStore, host: RequestHost) => void
}

/** Every request of the elements and the verb of the store that answers it. */
const answers: Answers = {
  'request-view': (changes, store) => void store.setView(changes),
  'request-clear-filters': (_, store) => void store.clearFilters(),
  'request-narrow'({ term }, store) {
    const { view } = store.state
    void store.setView({ tab: view.tab === 'dead-letters' ? view.tab : 'view', search: withTerm(view.search, term) })
  },
  'request-page': ({ to }, store) => void { first: store.firstPage, prev: store.prevPage, next: store.nextPage }[to](),
  'request-refresh': (_, store) => void store.refresh(),
  'request-pause': ({ isPaused }, store) => (isPaused ? store.pause() : void store.resume()),
  'request-hold': ({ isHeld }, store) => (isHeld ? store.hold() : store.settle()),
  'request-open': ({ taskId, tab, attempt }, store) => void store.openTask(taskId, tab, attempt),
  'request-close': (_, store) => store.closeTask(),
  'request-detail-tab': ({ tab }, store) => store.setDetailTab(tab),
  'request-more-logs': (_, store) => void store.loadMoreLogs(),
  'request-select': ({ taskIds, isSelected }, store) => store.select(taskIds, isSelected),
  'request-select-all': (_, store) => store.selectAll(),
  'request-clear-selection': (_, store) => store.clearSelection(),
  'request-bulk': (ask, _, host) => void host.useTool('task-operation-tray', ask),
  'request-going': ({ taskIds }, store) => store.markGoing(taskIds),
  'request-operation'({ operationId }, store, host) {
    store.closeTask()
    void store.setView({ tab: 'operations' })
    void host.useTool('task-operations', operationId)
  },
  'request-action': ({ verb, taskId, reason }, _, host) =>
    host.act(verb, [taskId], (store) => runVerb(store, verb, taskId, reason)),
  'request-intent': ({ verb, taskId }, _, host) => host.intend(verb, taskId),
  'request-retry-selected': ({ reason }, store, host) =>
    host.act('bulk_retry', [...store.state.selectedIds], () => store.retrySelected(reason)),
  'request-retry-failed': ({ since }, store, host) => host.act('bulk_retry', [], () => store.retryFailed(since)),
  'request-clear-history': ({ value, unit, ...more }, store, host) =>
    host.act('clear_history', [], () => store.clearHistory(value, unit, more)),
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
  'request-dismiss-conflict': ({ taskId }, store) => store.dismissConflict(taskId),
  'request-theme': (looks, _, host) => host.setLooks(looks),
  'request-density': (looks, _, host) => host.setLooks(looks),
  'request-looks': (looks, _, host) => host.setLooks(looks),
  'request-saved-views': (views, _, host) => host.saveViews(views),
  'request-sign-out': (_, __, host) => host.signOut(),
  'request-dialog': ({ dialog, subject }, _, host) => host.showDialog(dialog, subject),
  'request-command': ({ command, settle }, _, host) =>
    host.act(command.action, command.taskIds ?? [], async (store) => {
      const answer = await store.command(command)
      settle?.(answer)
    }),
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
