import type { WordTable } from '@taskloom/client'
import type { Formats } from '../format.ts'

const words = {
  retry: 'Retried',
  bulk_retry: 'Retried with others',
  cancel: 'Cancelled',
  bulk_cancel: 'Cancelled with others',
  run_now: 'Made due',
  move: 'Moved',
  delete: 'Deleted',
  bulk_delete: 'Deleted with others',
  reveal: 'Revealed',
  enqueue: 'Enqueued',
  clear_history: 'Cleared from the history',
} as const satisfies WordTable

/** What was done, as the beginning of a line; what is not known is its own word. */
export function auditWord(action: string, { say }: Formats): string {
  return Object.hasOwn(words, action) ? say(words[action as keyof typeof words]) : action.slice(0, 60)
}
