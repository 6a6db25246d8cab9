import { TaskError, type TaskErrorCode } from '../../core/errors.ts'
import type { Act } from '../../server/source.ts'
import type { ItemResult, Operation } from '../../stores/operations.ts'
import { enough, type Actions } from '../actions.ts'
import { skipReasons } from '../bulk.ts'

/** Not the task's fault: it is tried again later. */
const passing: readonly TaskErrorCode[] = ['store_failed', 'store_lost', 'not_open', 'shut_down', 'too_many_pending']

/** Whether trying again later may help. */
export function isPassing(error: unknown): boolean {
  return error instanceof TaskError && passing.includes(error.code)
}

/**
 * Does to one task what its operation is about. Null when that is done, and stored with its outcome; else what is still to
 * be stored. Rejects with what is passing.
 */
export async function doTo(
  actions: Actions,
  operation: Operation,
  taskId: string,
  now: () => number,
): Promise<ItemResult | null> {
  const { operationId, actor, reason, role, address } = operation
  const act: Act = { actor, reason, role, address, operationId }
  const settled = (outcome: 'skipped' | 'failed', why: string): ItemResult => {
    return { operationId, taskId, outcome, reason: why, newTaskId: null, at: now() }
  }
  try {
    const why = await perform(actions, operation, taskId, act)
    return why === null ? null : settled('skipped', why)
  } catch (error) {
    if (isPassing(error)) throw error
    const why = error instanceof TaskError ? skipReasons[error.code] : undefined
    return why === undefined ? settled('failed', messageOf(error)) : settled('skipped', why)
  }
}

/** Null when it is done, else why it was not needed, or is not what was asked for any more. */
async function perform(
  actions: Actions,
  operation: Operation,
  taskId: string,
  act: Act,
): Promise<'already_retried' | 'started' | null> {
  switch (operation.action) {
    case 'retry': {
      const isEnough = operation.again ? enough.nothing : enough.liveOrDone
      return (await actions.retryOnce(taskId, act, isEnough)).deduplicated ? 'already_retried' : null
    }
    case 'cancel':
      if (operation.beginsAt === null) await actions.cancel(taskId, act)
      else if ((await actions.cancelAsOf(taskId, act, operation.createdAt)) === 'started') return 'started'
      return null
    case 'run_now':
      await actions.runNow(taskId, act)
      return null
    case 'delete':
      await actions.delete(taskId, act)
      return null
  }
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 300)
}
