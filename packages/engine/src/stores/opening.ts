import { TaskError } from '../core/errors.ts'

/**
 * Why a store failed, where that is known: `details.reason` of `store_failed`. `driver_missing`: no package is there that can
 * open it. `newer_schema`: a newer version has written it; nothing was changed. `unreachable`: it did not answer what was
 * asked, and may soon do so again.
 */
export type StoreFailedReason = 'driver_missing' | 'newer_schema' | 'unreachable'

/** The refusal of what a newer version has written: this one would not understand it, and might spoil it. */
export function newerSchema(found: number, known: number): TaskError {
  const reason: StoreFailedReason = 'newer_schema'
  return new TaskError('store_failed', {
    message: `The store was written by a newer version (schema ${found}, this one knows ${known}). Upgrade this process.`,
    reason,
  })
}

/** No package is there that can open the store. */
export function driverMissing(message: string, cause: unknown): TaskError {
  const reason: StoreFailedReason = 'driver_missing'
  return new TaskError('store_failed', { message, reason }, { cause })
}

/** The refusal to open `place`; a reason that the cause names stays named. */
export function cannotOpen(place: string, words: string, cause: unknown): TaskError {
  const reason = cause instanceof TaskError ? cause.details['reason'] : undefined
  const message = `Cannot open the store ${place}: ${words}`
  return new TaskError('store_failed', reason === undefined ? { message } : { message, reason }, { cause })
}
