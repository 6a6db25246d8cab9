import type { WordTable } from '@taskloom/client'
import type { OperationView } from '@taskloom/protocol'
import type { Formats } from '../format.ts'
import type { IconName } from '../icons.ts'

/** The button that begins it. */
export const verbs = {
  retry: 'Retry',
  cancel: 'Cancel',
  run_now: 'Run now',
  delete: 'Delete',
} satisfies WordTable

export const verbIcons: Readonly<Record<string, IconName>> = {
  retry: 'retry',
  cancel: 'stop',
  run_now: 'zap',
  delete: 'trash',
}

const coming = {
  cancel: ['{n} task is about to be cancelled', '{n} tasks are about to be cancelled'],
  delete: ['{n} task is about to be deleted', '{n} tasks are about to be deleted'],
  retry: ['{n} task is about to be retried', '{n} tasks are about to be retried'],
  run_now: ['{n} task is about to be made due', '{n} tasks are about to be made due'],
} as const satisfies WordTable

const doing = {
  retry: 'Retrying {done} of {total} tasks',
  cancel: 'Cancelling {done} of {total} tasks',
  run_now: 'Making {done} of {total} tasks due',
  delete: 'Deleting {done} of {total} tasks',
} as const satisfies WordTable

const finished = {
  retry: ['{n} task retried', '{n} tasks retried'],
  cancel: ['{n} task cancelled', '{n} tasks cancelled'],
  run_now: ['{n} task made due', '{n} tasks made due'],
  delete: ['{n} task deleted', '{n} tasks deleted'],
} as const satisfies WordTable

const reasons = {
  unknown: 'not there any more, or not for you',
  wrong_status: 'in a status that does not allow it',
  already_retried: 'already retried',
  started: 'it had started by then',
  not_registered: 'no process defines the function',
  locked: 'something else holds its lock',
  key_missing: 'the key to its arguments is missing',
  unreadable: 'its arguments cannot be read',
} satisfies WordTable

const statuses = {
  pending: 'Waiting',
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Stopped',
} satisfies WordTable

const filterFields = {
  status: 'status {value}',
  func_name: 'function {value}',
  queue: 'queue {value}',
  source: 'source {value}',
  tag: 'tag {value}',
  worker_id: 'process {value}',
  since: 'created since {value}',
  until: 'created before {value}',
  q: 'search {value}',
} satisfies WordTable

/** `Retry`, in the reader's language; an action of a newer server as it is. */
export function verbOf(action: string, { say }: Formats): string {
  return action in verbs ? say(verbs[action as keyof typeof verbs]) : action
}

/** `3 tasks are about to be deleted`. */
export function comingWords(action: string, n: number, formats: Formats): string {
  return counted(coming, action, n, formats)
}

/** `Retrying 412 of 1,000 tasks`. */
export function doingWords({ action, done, total }: OperationView, { say }: Formats): string {
  return say(doing[action as keyof typeof doing] ?? '{done} of {total} tasks', { done, total })
}

/** `997 tasks retried`. */
export function finishedWords({ action, succeeded }: OperationView, formats: Formats): string {
  return counted(finished, action, succeeded, formats)
}

/** Why a task was skipped; what failed says so itself. */
export function reasonWords(reason: string | null, { say }: Formats): string {
  if (reason === null) return say('no reason given')
  return reason in reasons ? say(reasons[reason as keyof typeof reasons]) : reason
}

/** `Stopped`. */
export function statusWords(
  { status, cancelRequestedAt, endedAt, beginsAt }: OperationView,
  now: number,
  formats: Formats,
) {
  const { say } = formats
  if (cancelRequestedAt !== null && endedAt === null) return say('Stopping')
  if (status === 'pending' && beginsAt && beginsAt > now) return say('Can be undone')
  return status in statuses ? say(statuses[status as keyof typeof statuses]) : status
}

/** Which tasks, a text for each part of the filter. */
export function filterTexts(filter: OperationView['filter'], formats: Formats): readonly string[] {
  if (filter === null) return [formats.say('chosen one by one')]
  const texts = Object.entries(filter).flatMap(([name, values]) => {
    const text = filterFields[name as keyof typeof filterFields] ?? '{value}'
    return values.map((value) => formats.say(text, { value: valueWords(name, value, formats) }))
  })
  return texts.length > 0 ? texts : [formats.say('every task')]
}

function valueWords(name: string, value: string, formats: Formats): string {
  const at = name === 'since' || name === 'until' ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? value.slice(0, 200) : formats.instant(at)
}

function counted(
  table: Readonly<Record<string, readonly [string, string]>>,
  action: string,
  n: number,
  formats: Formats,
): string {
  const [one, many] = table[action] ?? ['{n} task', '{n} tasks']
  return formats.sayCount(n, one, many)
}
