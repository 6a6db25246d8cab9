import type { OfferedAction, TaskVerb, WordTable } from '@taskloom/client'
import type { TaskSummary } from '@taskloom/protocol'
import type { ConfirmQuestion } from '../elements/confirm-dialog.ts'
import { shortId, type Formats } from '../format.ts'
import type { IconName } from '../icons.ts'

/** How each verb is written on its button; to be said. */
export const actionWords = {
  retry: 'Retry',
  cancel: 'Cancel',
  run_now: 'Run now',
  delete: 'Delete',
} as const satisfies WordTable & Readonly<Record<TaskVerb, string>>

export const actionIcons: Readonly<Record<TaskVerb, IconName>> = {
  retry: 'retry',
  cancel: 'stop',
  run_now: 'play',
  delete: 'trash',
}

const headings = {
  retry: 'Retry {function} · {id}?',
  cancel: 'Cancel {function} · {id}?',
  run_now: 'Run {function} · {id} now?',
  delete: 'Delete {function} · {id}?',
} as const satisfies WordTable

const texts = {
  retry: 'A new task is enqueued with the same function and arguments.',
  cancel: 'It will not be tried again.',
  run_now: 'It starts as soon as there is a free place.',
  delete: '',
} as const satisfies WordTable

/** What is asked before a verb that needs it. */
export function questionOf({ action, warning }: OfferedAction, task: TaskSummary, { say }: Formats): ConfirmQuestion {
  return {
    heading: say(headings[action], { function: task.funcName.slice(0, 80), id: shortId(task.taskId) }),
    text: say(texts[action]),
    warning: warning && say(warning),
    word: action === 'cancel' ? say('Cancel the task') : say(actionWords[action]),
    isDanger: action === 'cancel' || action === 'delete',
    asksReason: action === 'retry' || action === 'cancel',
  }
}
