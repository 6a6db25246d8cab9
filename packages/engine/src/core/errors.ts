import type { ProblemCode, TaskStatus } from '@taskloom/protocol'

/** Every code a `TaskError` may carry, with the problem the protocol answers with. Codes are stable. */
export const taskErrorCodes = {
  unknown_task: 'unknown_task',
  unknown_function: 'not_registered',
  unknown_schedule: 'unknown_schedule',
  unknown_operation: 'unknown_operation',
  unknown_error: 'not_found',
  not_registered: 'not_registered',
  wrong_status: 'wrong_status',
  bad_argument: 'bad_body',
  bad_option: 'bad_body',
  bad_connection: 'bad_body',
  duplicate_function: 'conflict',
  conflict_lock: 'conflict',
  too_many_pending: 'too_many_requests',
  not_open: 'unavailable',
  shut_down: 'unavailable',
  store_failed: 'unavailable',
  store_lost: 'unavailable',
  store_not_empty: 'conflict',
  store_in_use: 'conflict',
  move_unfinished: 'unavailable',
  key_missing: 'conflict',
  unreadable: 'conflict',
  unsupported: 'unsupported',
  duplicate_panel: 'conflict',
  unknown_panel: 'not_found',
  panel_failed: 'internal',
  panel_timeout: 'unavailable',
} as const satisfies Record<string, ProblemCode>

/** What went wrong, for programs: one of a closed list of words. */
export type TaskErrorCode = keyof typeof taskErrorCodes

/** Facts about an error by name. */
export interface TaskErrorDetails {
  /** The error in words, for people. */
  readonly message: string
  readonly [key: string]: unknown
}

/** The one error the engine throws at its callers: a stable `code`, words in `message`, facts in `details`. */
export class TaskError extends Error {
  override readonly name: string = 'TaskError'
  constructor(
    /** Why, for programs; stable. */
    readonly code: TaskErrorCode,
    /** The facts: which task, which option. */
    readonly details: TaskErrorDetails,
    options: { readonly cause?: unknown } = {},
  ) {
    super(details.message, options)
  }
}

/** A lock that somebody else holds. */
export interface LockConflict {
  /** The name of what is locked, such as `Book:1`. */
  readonly key: string
  /** The task that holds it; of several of one family, the one that has had it longest. */
  readonly taskId: string
  /** The function of that task. */
  readonly funcName: string
  /** Whether that task waits or runs. */
  readonly status: TaskStatus
  /** Whom the task is for; null when that was not said. */
  readonly user: string | null
  /** Since when it is held, epoch milliseconds. */
  readonly since: number
}

/** Thrown when a task asks for locks of which another has at least one; nothing was stored. Its code is `conflict_lock`. */
export class ConflictError extends TaskError {
  override readonly name = 'ConflictError'
  /** At least one: every lock that could not be had, by key. */
  readonly conflicts: readonly LockConflict[]

  constructor(conflicts: readonly LockConflict[]) {
    super('conflict_lock', { message: describeConflicts(conflicts), conflicts })
    this.conflicts = conflicts
  }
}

function describeConflicts(conflicts: readonly LockConflict[]): string {
  const [first] = conflicts
  if (!first) return 'A lock is held by another task'
  const whose = first.user === null ? '' : ` for ${first.user}`
  const others = conflicts.length > 1 ? `, and ${conflicts.length - 1} more` : ''
  return `${first.key} is held by ${first.funcName} (task ${first.taskId}${whose})${others}`
}
