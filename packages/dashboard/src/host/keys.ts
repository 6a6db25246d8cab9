import { canDo, type DashboardState, type TabName, type TaskVerb, type WordTable } from '@taskloom/client'
import type { ActionName } from '@taskloom/protocol'

/** What the keys do with the dashboard. What is not possible now says false, and the key stays the page's. */
export interface KeyHost {
  focusSearch(): void
  moveRow(step: number): void
  togglePause(): void
  closePanel(): boolean
  readonly renderRoot: ParentNode
  readonly store: { readonly state: Pick<DashboardState, 'open' | 'capabilities'> } | null
  readonly readonly: boolean
  intend(verb: TaskVerb, taskId: string): void
  showDialog(dialog: 'help' | 'palette' | 'enqueue'): void
  goTo(tab: TabName): void
}

const words = {
  search: 'Search',
  rows: 'Next, previous row',
  open: 'Open the row',
  close: 'Close the panel',
  steps: 'Next, previous task while one is open',
  turn: 'Next, previous tab of the open task',
  select: 'Select the row',
  retry: 'Retry the row, or the open task',
  cancel: 'Cancel the row, or the open task',
  enqueue: 'Enqueue a task',
  pause: 'Pause or resume live updates',
  palette: 'Everything that can be done, by its name',
  view: 'Go to View',
  dead: 'Go to Dead letters',
  schedules: 'Go to Schedules',
  tasks: 'Go to Tasks',
  queues: 'Go to Queues',
  workers: 'Go to Workers',
  metrics: 'Go to Metrics',
  operations: 'Go to Operations',
  audit: 'Go to Audit',
  help: 'This help',
} as const satisfies WordTable

/** A key, or a key after `g`, and what it does; rows and panel answer those without `run` themselves. */
export interface Shortcut {
  /** As they are written in the help; alternatives, or the two of a chord. */
  readonly keys: readonly string[]
  /** To be said. */
  readonly words: string
  /** Absent where rows, panel and dialogs answer themselves. */
  readonly run?: (host: KeyHost, key: string) => boolean | void
  /** What one must be allowed to do. */
  readonly action?: ActionName
  /** The tab that a chord leads to. */
  readonly tab?: TabName
}

/** Every key of the dashboard. The help is made of it. */
export const shortcuts: readonly Shortcut[] = [
  { keys: ['/'], words: words.search, run: (host) => host.focusSearch() },
  { keys: ['j', 'k'], words: words.rows, run: (host, key) => host.moveRow(key === 'j' ? 1 : -1) },
  { keys: ['Enter', 'o'], words: words.open },
  { keys: ['Esc'], words: words.close, run: (host) => host.closePanel() },
  { keys: ['J', 'K'], words: words.steps },
  { keys: ['[', ']'], words: words.turn, run: (host, key) => turnPanel(host, key === ']' ? 1 : -1) },
  { keys: ['x'], words: words.select },
  { keys: ['r'], words: words.retry, run: (host) => intendOpen(host, 'retry') },
  { keys: ['c'], words: words.cancel, run: (host) => intendOpen(host, 'cancel') },
  {
    keys: ['e'],
    words: words.enqueue,
    action: 'enqueue',
    run: (host) => mayEnqueue(host) && host.showDialog('enqueue'),
  },
  { keys: ['p'], words: words.pause, run: (host) => host.togglePause() },
  { keys: ['Ctrl K', '⌘ K'], words: words.palette },
  { keys: ['g', 'v'], words: words.view, tab: 'view' },
  { keys: ['g', 'd'], words: words.dead, tab: 'dead-letters' },
  { keys: ['g', 's'], words: words.schedules, tab: 'schedules' },
  { keys: ['g', 't'], words: words.tasks, tab: 'tasks' },
  { keys: ['g', 'q'], words: words.queues, tab: 'queues' },
  { keys: ['g', 'w'], words: words.workers, tab: 'workers' },
  { keys: ['g', 'm'], words: words.metrics, tab: 'metrics' },
  { keys: ['g', 'o'], words: words.operations, tab: 'operations' },
  { keys: ['g', 'a'], words: words.audit, tab: 'audit' },
  { keys: ['?'], words: words.help, run: (host) => host.showDialog('help') },
]

function turnPanel({ renderRoot, store }: KeyHost, step: number): boolean {
  const panel = renderRoot.querySelector<HTMLElement & { turnTab?(by: number): void }>('task-detail-panel')
  if (!store?.state.open || !panel?.turnTab) return false
  panel.turnTab(step)
  return true
}

function mayEnqueue({ readonly, store }: KeyHost): boolean {
  return !readonly && canDo(store?.state.capabilities ?? null, 'enqueue')
}

function intendOpen(host: KeyHost, verb: TaskVerb): boolean {
  const taskId = host.store?.state.open?.taskId
  if (taskId !== undefined) host.intend(verb, taskId)
  return taskId !== undefined
}
