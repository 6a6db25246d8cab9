import type { TaskVerb, WordTable } from '@taskloom/client'
import type { TaskSummary } from '@taskloom/protocol'

/** For one task, for several, while they are counted, and for more than are counted. */
export const headings = {
  retry: ['Retry {n} task?', 'Retry {n} tasks?', 'Retry these tasks?', 'Retry more than {n} tasks?'],
  cancel: ['Cancel {n} task?', 'Cancel {n} tasks?', 'Cancel these tasks?', 'Cancel more than {n} tasks?'],
  run_now: ['Run {n} task now?', 'Run {n} tasks now?', 'Run these tasks now?', 'Run more than {n} tasks now?'],
  delete: ['Delete {n} task?', 'Delete {n} tasks?', 'Delete these tasks?', 'Delete more than {n} tasks?'],
} as const satisfies Record<TaskVerb, readonly [string, string, string, string]> satisfies WordTable

export const explanations = {
  retry:
    'Each is enqueued again as a new task. Those that were already retried are passed over, so nothing is doubled.',
  cancel: 'They will not be tried again. For ten seconds it can be undone.',
  run_now: 'Each starts as soon as there is a free place.',
  delete: 'The records and their logs are gone for good. For ten seconds it can be undone.',
} as const satisfies WordTable

const warnings = {
  interrupted:
    'Some were interrupted and may have partially executed: running them again may repeat what they already did.',
  many: 'So many at once may strain what they depend on: consider to hold them back.',
  running: 'Some of them run: they are asked to stop, and synchronous code cannot be interrupted mid-run.',
} as const satisfies WordTable

const manyFrom = 100

/** What to know before; null where nothing surprises. */
export function warningOf(action: TaskVerb, sample: readonly TaskSummary[], count: number): string | null {
  if (action === 'retry' && sample.some(({ status }) => status === 'interrupted')) return warnings.interrupted
  if ((action === 'retry' || action === 'run_now') && count > manyFrom) return warnings.many
  return action === 'cancel' && sample.some(({ status }) => status === 'running') ? warnings.running : null
}
