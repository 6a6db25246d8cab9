import type { Words, WordTable } from '@taskloom/client'
import type { AuditLogEntry } from '@taskloom/protocol'
import type { Formats } from '../format.ts'

/** What people do, as it stands in a menu and where it did not come to pass. */
const deeds = {
  retry: 'retry a task',
  cancel: 'cancel a task',
  run_now: 'run a task now',
  move: 'move a task',
  delete: 'delete a task',
  enqueue: 'enqueue a task',
  reveal: 'look at hidden data',
  clear_history: 'clear history',
  export: 'export tasks',
  schedule_run: 'run a schedule now',
  schedule_pause: 'pause a schedule',
  schedule_resume: 'resume a schedule',
  queue_pause: 'pause a queue',
  queue_resume: 'resume a queue',
  bulk_retry: 'retry many tasks',
  bulk_cancel: 'cancel many tasks',
  bulk_run_now: 'run many tasks now',
  bulk_delete: 'delete many tasks',
  bulk_stop: 'stop an operation',
  bulk_undo: 'undo an operation',
  error_resolve: 'resolve a kind of failure',
  error_ignore: 'ignore a kind of failure',
  error_reopen: 'reopen a kind of failure',
  read_audit: 'read the audit log',
  login: 'sign in',
  logout: 'sign out',
} satisfies WordTable

/** What was done, by its name. `{target}` is the schedule, queue or function. */
const sentences = {
  retry: '{actor} retried a task',
  cancel: '{actor} cancelled a task',
  run_now: '{actor} made a task due',
  move: '{actor} moved a task',
  delete: '{actor} deleted a task',
  enqueue: '{actor} enqueued {target}',
  reveal: '{actor} looked at the hidden data of a task',
  export: '{actor} exported tasks',
  schedule_run: '{actor} ran the schedule of {target} now',
  schedule_pause: '{actor} paused the schedule of {target}',
  schedule_resume: '{actor} resumed the schedule of {target}',
  queue_pause: '{actor} paused the queue {target}',
  queue_resume: '{actor} resumed the queue {target}',
  error_resolve: '{actor} resolved a kind of failure',
  error_ignore: '{actor} ignored a kind of failure',
  error_reopen: '{actor} reopened a kind of failure',
  bulk_stop: '{actor} stopped an operation',
  bulk_undo: '{actor} undid an operation',
  login: '{actor} signed in',
  logout: '{actor} signed out',
} satisfies WordTable

/** Of several tasks: for one and for `{n}`. */
const counted = {
  clear_history: {
    text: '{actor} cleared {n} tasks out of the history',
    one: '{actor} cleared {n} task out of the history',
  },
  bulk_retry: { text: '{actor} retried {n} tasks', one: '{actor} retried {n} task' },
  bulk_cancel: { text: '{actor} asked to cancel {n} tasks', one: '{actor} asked to cancel {n} task' },
  bulk_run_now: { text: '{actor} asked to run {n} tasks now', one: '{actor} asked to run {n} task now' },
  bulk_delete: { text: '{actor} asked to delete {n} tasks', one: '{actor} asked to delete {n} task' },
  bulk_retry_ended: { text: '{n} tasks were retried for {actor}', one: '{n} task was retried for {actor}' },
  bulk_cancel_ended: { text: '{n} tasks were cancelled for {actor}', one: '{n} task was cancelled for {actor}' },
  bulk_run_now_ended: { text: '{n} tasks were made due for {actor}', one: '{n} task was made due for {actor}' },
  bulk_delete_ended: { text: '{n} tasks were deleted for {actor}', one: '{n} task was deleted for {actor}' },
} as const satisfies Readonly<Record<string, Words>>

/** Those whose tasks are named by a filter, not one by one: nobody has counted them yet. */
const filtered = {
  bulk_retry: '{actor} asked to retry all tasks of a filter',
  bulk_cancel: '{actor} asked to cancel all tasks of a filter',
  bulk_run_now: '{actor} asked to run all tasks of a filter now',
  bulk_delete: '{actor} asked to delete all tasks of a filter',
} satisfies WordTable

/** The names of what can be done, for a menu. */
export const deedNames: readonly string[] = Object.keys(deeds)

/** `retry a task`; a deed that a newer server knows is called by its name. */
export function deedWords(action: string, { say }: Formats): string {
  const words = lookUp<string>(deeds, action)
  return words === undefined ? action.slice(0, 60).replaceAll('_', ' ') : say(words)
}

/** What an entry tells, as a sentence. */
export function entryWords(entry: AuditLogEntry, formats: Formats): string {
  const { say, tell } = formats
  const { action, outcome, affectedCount } = entry
  const actor = entry.actor.slice(0, 120)
  const values = { actor, target: (entry.target ?? '').slice(0, 120) }
  if (outcome === 'denied')
    return say('{actor} was not allowed to: {deed}', { actor, deed: deedWords(action, formats) })
  if (outcome === 'failed') return say('{actor} could not: {deed}', { actor, deed: deedWords(action, formats) })
  const ofFilter = affectedCount === 0 && hasFilter(entry) ? lookUp<string>(filtered, action) : undefined
  if (ofFilter !== undefined) return say(ofFilter, values)
  const many = lookUp<Words>(counted, action)
  if (many) return tell({ ...many, values: { ...values, n: affectedCount } })
  const one = lookUp<string>(sentences, action)
  return one === undefined ? say('{actor}: {deed}', { actor, deed: deedWords(action, formats) }) : say(one, values)
}

/** The operation that it belongs to; null when it is none. */
export function operationOf({ detail }: AuditLogEntry): string | null {
  const operation = fieldOf(detail, 'operation')
  return typeof operation === 'string' ? operation : null
}

/** The tasks that can be opened from it, the first few. */
export function tasksOf({ target, affected, action }: AuditLogEntry): readonly string[] {
  const isTask = ['retry', 'cancel', 'run_now', 'move', 'delete', 'reveal'].includes(action)
  return [...new Set([...(isTask && target !== null ? [target] : []), ...affected])]
}

function hasFilter({ detail }: AuditLogEntry): boolean {
  return fieldOf(detail, 'filter') != null
}

function fieldOf(detail: unknown, name: string): unknown {
  return typeof detail === 'object' && detail !== null ? (detail as Record<string, unknown>)[name] : undefined
}

function lookUp<T>(table: Readonly<Record<string, unknown>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? (table[name] as T) : undefined
}
