import { TaskError } from './errors.ts'

/** Tasks that `enqueueMany` takes at once. */
export const maxBatch = 10_000

/** So many are stored in one transaction, all or none; one of more would hold the event loop for too long. */
export const maxTogether = 1_000

/** Throws `bad_option` when it is no list, or one that is too long. */
export function requireBatch(requests: unknown): void {
  if (Array.isArray(requests) && requests.length <= maxBatch) return
  const message = `enqueueMany: expected a list of at most ${maxBatch} tasks`
  throw new TaskError('bad_option', { message, option: 'requests' })
}

/** The same error, saying which of several requests is at fault. */
export function atRequest(error: unknown, index: number): unknown {
  if (!(error instanceof TaskError)) return error
  const details = { ...error.details, message: `Request ${index}: ${error.message}`, index }
  return new TaskError(error.code, details, { cause: error })
}
