import {
  isRetryable,
  isTerminal,
  protocolVersion,
  type ActionName,
  type Capabilities,
  type QueueCount,
  type TaskSummary,
} from '@taskloom/protocol'
import { createFormatter, type Formatter } from './format.ts'
import { initialView, isFiltered } from './view-query.ts'
import type { WordTable } from './words.ts'
import type { DashboardState, ListState, TimeRange, ViewQuery } from './state.ts'

/** `1–30 of 128,401`; `100,000+` where the server stopped counting. */
export function pageWords(list: ListState, view: ViewQuery, formatter: Formatter = plain): string {
  const total = formatter.count(list.total) + (list.totalIsCapped ? '+' : '')
  if (list.tasks.length === 0) return `0 of ${total}`
  const first = (view.pageNumber - 1) * view.pageSize + 1
  const last = first + list.tasks.length - 1
  return `${formatter.count(first)}–${formatter.count(last)} of ${total}`
}

/** Failed tasks of all queues, whatever the filter shows. */
export function deadLetterCount(queues: readonly QueueCount[]): number {
  return queues.reduce((sum, { counts }) => sum + (counts['failed'] ?? 0), 0)
}

/** One active part of the filter, with the change of the view that takes it away. */
export interface FilterChip {
  /** Which part of the filter it is. */
  readonly field: 'status' | 'function' | 'queue' | 'time' | 'search'
  /** What it asks for, in words. */
  readonly value: string
  /** What `setView` is to be given to take it away. */
  readonly without: Partial<ViewQuery>
}

/** The active parts of a filter, in the order of the screen. */
export function filterChips(view: ViewQuery): readonly FilterChip[] {
  const { statuses, funcNames, queues, range, search } = view
  return [
    ...statuses.map((value) => ({ field: 'status', value, without: { statuses: except(statuses, value) } }) as const),
    ...funcNames.map(
      (value) => ({ field: 'function', value, without: { funcNames: except(funcNames, value) } }) as const,
    ),
    ...queues.map((value) => ({ field: 'queue', value, without: { queues: except(queues, value) } }) as const),
    ...(range.kind === 'all'
      ? []
      : [{ field: 'time', value: rangeWords(range), without: { range: initialView.range } } as const]),
    ...(search.trim() === '' ? [] : [{ field: 'search', value: search.trim(), without: { search: '' } } as const]),
  ]
}

/** Whether anything is filtered out. */
export function hasFilter(state: DashboardState): boolean {
  return isFiltered(state.view)
}

/** What can be done with one task. */
export type TaskVerb = Extract<ActionName, 'retry' | 'cancel' | 'run_now' | 'delete'>

/** What an operator may do with a task now. */
export interface OfferedAction {
  /** What to do. */
  readonly action: TaskVerb
  /** What to know before; null where nothing surprises. */
  readonly warning: string | null
  /** Whether to ask once more: it cannot be undone, or may do something twice. */
  readonly needsConfirmation: boolean
}

/** The actions that the task's status allows, the source offers and this caller may do. */
export function offeredActions(task: TaskSummary, capabilities: Capabilities | null): readonly OfferedAction[] {
  const allowed = new Set(capabilities?.actions ?? [])
  return verbsOf(task).filter(({ action }) => allowed.has(action))
}

/**
 * Whether page and server speak other versions of the protocol: the page is the older one (loading it anew helps, where the
 * server brings it), or the server is. Null where they understand each other, and before the server has said. Nothing is
 * offered then: `capabilities` has neither reads nor actions.
 */
export function versionGap(capabilities: Pick<Capabilities, 'protocol'> | null): 'older_page' | 'older_server' | null {
  const spoken = capabilities?.protocol ?? protocolVersion
  if (spoken === protocolVersion) return null
  return spoken > protocolVersion ? 'older_page' : 'older_server'
}

/** Whether something can be taken back for some seconds: it is sent as an operation that begins later. */
export function canUndo(verb: TaskVerb, { status }: TaskSummary, capabilities: Capabilities | null): boolean {
  const isMeant = verb === 'delete' ? isTerminal(status) : verb === 'cancel' && status === 'pending'
  return (
    isMeant &&
    canRead(capabilities, 'operations') &&
    (['bulk_retry', 'bulk_cancel', `bulk_${verb}`] as ActionName[]).every((action) => canDo(capabilities, action))
  )
}

/** Whether this caller may do something; false before capabilities are known. */
export function canDo(capabilities: Capabilities | null, action: ActionName): boolean {
  return capabilities?.actions.includes(action) ?? false
}

/** Whether the source offers something to read, such as `schedules`; false before capabilities are known. */
export function canRead(capabilities: Capabilities | null, what: string): boolean {
  return capabilities?.reads.includes(what) ?? false
}

const plain = createFormatter({ locale: 'en-US', timeZone: 'UTC' })

const warnings = {
  interrupted: 'It was interrupted and may have partially executed: running it again may repeat what it already did.',
  alreadyRetried: 'It was already retried: running it again may repeat what the retry did.',
  asksToStop: 'It is asked to stop. Synchronous code cannot be interrupted mid-run.',
  killsWorker: 'The worker that runs it is ended: it may have partially executed.',
  deletes: 'The record and its log are gone for good.',
} as const satisfies WordTable

function verbsOf(task: TaskSummary): readonly OfferedAction[] {
  if (task.status === 'running') return [offer('cancel', runningWarning(task), true)]
  if (task.status === 'pending') {
    return [...(task.runAt === null ? [] : [offer('run_now', null, false)]), offer('cancel', null, true)]
  }
  if (!isTerminal(task.status)) return []
  return [...(isRetryable(task.status) ? [offerRetry(task)] : []), offer('delete', warnings.deletes, true)]
}

function offerRetry(task: TaskSummary): OfferedAction {
  if (task.status === 'interrupted') return offer('retry', warnings.interrupted, true)
  return task.retryCount > 0 ? offer('retry', warnings.alreadyRetried, true) : offer('retry', null, false)
}

function runningWarning(task: TaskSummary): string {
  return task.executor === 'thread' || task.executor === 'process' ? warnings.killsWorker : warnings.asksToStop
}

function offer(action: TaskVerb, warning: string | null, needsConfirmation: boolean): OfferedAction {
  return { action, warning, needsConfirmation }
}

function rangeWords(range: Exclude<TimeRange, { kind: 'all' }>): string {
  if (range.kind === 'window') return `last ${range.window.replace(/\D+$/, ' $&')}`
  const until = range.until === null ? 'now' : plain.absolute(range.until)
  return `${plain.absolute(range.since)} – ${until}`
}

function except<T>(values: readonly T[], gone: T): readonly T[] {
  return values.filter((value) => value !== gone)
}
