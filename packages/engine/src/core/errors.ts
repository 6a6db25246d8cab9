import type { ProblemCode } from '@taskloom/protocol'

/** Every code a `TaskError` may carry, with the problem the protocol answers with. Codes are stable. */
export const taskErrorCodes = {
  unknown_task: 'unknown_task',
  unknown_function: 'not_registered',
  unknown_schedule: 'unknown_schedule',
  not_registered: 'not_registered',
  wrong_status: 'wrong_status',
  bad_argument: 'bad_body',
  bad_option: 'bad_body',
  duplicate_function: 'conflict',
  not_open: 'unavailable',
  shut_down: 'unavailable',
  store_failed: 'unavailable',
  store_lost: 'unavailable',
  unsupported: 'unsupported',
} as const satisfies Record<string, ProblemCode>

export type TaskErrorCode = keyof typeof taskErrorCodes

export interface TaskErrorDetails {
  readonly message: string
  readonly [key: string]: unknown
}

/** The one error the engine throws at its callers: a stable `code`, words in `message`, facts in `details`. */
export class TaskError extends Error {
  override readonly name: string = 'TaskError'
  constructor(
    readonly code: TaskErrorCode,
    readonly details: TaskErrorDetails,
    options: { readonly cause?: unknown } = {},
  ) {
    super(details.message, options)
  }
}
