import { taskContext } from '@taskloom/engine'

/** The running task's signal; where a function is called directly, one that is never aborted. */
export function taskSignal(): AbortSignal {
  return taskContext()?.signal ?? new AbortController().signal
}
