import type { OfferedAction, TaskVerb } from '@taskloom/client'
import type { TaskSummary } from '@taskloom/protocol'
import type { ConfirmQuestion } from '../elements/confirm-dialog.ts'
import { shortId } from '../format.ts'
import type { IconName } from '../icons.ts'

/** How each verb is written on its button. */
export const actionWords: Readonly<Record<TaskVerb, { readonly word: string; readonly icon: IconName }>> = {
  retry: { word: 'Retry', icon: 'retry' },
  cancel: { word: 'Cancel', icon: 'stop' },
  run_now: { word: 'Run now', icon: 'play' },
  delete: { word: 'Delete', icon: 'trash' },
}

const texts: Readonly<Record<TaskVerb, string>> = {
  retry: 'A new task is enqueued with the same function and arguments.',
  cancel: 'It will not be tried again.',
  run_now: 'It starts as soon as there is a free place.',
  delete: '',
}

/** What is asked before a verb that needs it. */
export function questionOf({ action, warning }: OfferedAction, task: TaskSummary): ConfirmQuestion {
  const name = `${task.funcName.slice(0, 80)} · ${shortId(task.taskId)}`
  return {
    heading: `${actionWords[action].word} ${name}?`,
    text: texts[action],
    warning,
    word: action === 'cancel' ? 'Cancel the task' : actionWords[action].word,
    isDanger: action === 'cancel' || action === 'delete',
    asksReason: action === 'retry' || action === 'cancel',
  }
}
