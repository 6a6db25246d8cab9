import { ProtocolError } from '@taskloom/protocol'
import type { Move } from '../../core/lifecycle.ts'

const maxQueueLength = 100
const maxPriority = 1e9

/** Where a task is to go. Throws `bad_body`, also when nothing is said. */
export function readMove(body: unknown): Move {
  const { priority, queue } = body as { readonly priority?: number | null; readonly queue?: string }
  if (priority === undefined && queue === undefined) throw bad('priority', 'a priority or a queue')
  if (typeof priority === 'number' && Math.abs(priority) > maxPriority) {
    throw bad('priority', 'an integer of at most 1,000,000,000, or null')
  }
  if (queue !== undefined && (queue === '' || queue.length > maxQueueLength || queue.includes('\0'))) {
    throw bad('queue', `1 to ${maxQueueLength} characters`)
  }
  return { ...(priority === undefined ? {} : { priority }), ...(queue === undefined ? {} : { queue }) }
}

function bad(parameter: string, expected: string): ProtocolError {
  return new ProtocolError('bad_body', `${parameter}: expected ${expected}`, { parameter })
}
