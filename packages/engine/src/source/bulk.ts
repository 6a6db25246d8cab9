import { anyTask, type BulkAnswer, type BulkResult, type Cursor, type TaskStatus } from '@taskloom/protocol'
import { TaskError } from '../core/errors.ts'
import { sweep } from '../run/retention.ts'
import type { Act, ClearHistoryQuestion, RetryFailedQuestion } from '../server/source.ts'
import { enough, type Actions } from './actions.ts'
import type { SourceParts } from './parts.ts'

const atOnce = 20
const pageSize = 500
/** Dead letters that one call retries at most; the next call goes on with the rest. */
const maxRetriesPerCall = 10_000

/** Which statuses `clearHistory` takes when none is named: interrupted tasks are kept until somebody looked at them. */
const clearedStatuses: readonly TaskStatus[] = ['success', 'failed', 'cancelled']
const endedStatuses: readonly TaskStatus[] = [...clearedStatuses, 'interrupted']

/** Retries each of the tasks that can be; says of the others why not. */
export async function bulkRetry(
  actions: Actions,
  taskIds: readonly string[],
  again: boolean,
  act: Act,
): Promise<BulkAnswer> {
  const results: BulkResult[] = []
  const distinct = [...new Set(taskIds)]
  for (let start = 0; start < distinct.length; start += atOnce) {
    const part = distinct.slice(start, start + atOnce)
    results.push(...(await Promise.all(part.map((taskId) => retryOne(actions, taskId, again, act)))))
  }
  const dispatched = results.filter(({ newTaskId }) => newTaskId !== null).length
  return { dispatched, skipped: results.length - dispatched, results }
}

/** Retries the dead letters of a window, the newest first. */
export async function retryFailed(
  parts: SourceParts,
  actions: Actions,
  { since, funcName, again, filter: wanted = anyTask }: RetryFailedQuestion,
  act: Act,
): Promise<BulkAnswer> {
  let answer: BulkAnswer = { dispatched: 0, skipped: 0, results: [] }
  let cursor: Cursor | null = null
  do {
    const filter = { ...wanted, statuses: ['failed' as const], funcNames: funcName === null ? [] : [funcName] }
    const page = await parts.store.views.list({ filter, sort: 'end_time', order: 'desc', limit: pageSize, cursor })
    const meant = page.tasks.filter(({ endTime }) => since === null || (endTime !== null && endTime >= since))
    const part = await bulkRetry(
      actions,
      meant.map(({ taskId }) => taskId),
      again,
      act,
    )
    answer = join(answer, part)
    cursor = meant.length < page.tasks.length ? null : page.next
  } while (cursor !== null && answer.results.length < maxRetriesPerCall)
  return answer
}

/** Deletes what ended longer ago than `olderThanMs`; what waits or runs is never touched. */
export async function clearHistory(parts: SourceParts, question: ClearHistoryQuestion): Promise<number> {
  const { olderThanMs, statuses } = question
  const chosen = statuses.length === 0 ? clearedStatuses : statuses.filter((status) => endedStatuses.includes(status))
  if (chosen.length === 0) return 0
  return sweep(parts, chosen, parts.clock.now() - olderThanMs)
}

async function retryOne(actions: Actions, taskId: string, again: boolean, act: Act): Promise<BulkResult> {
  const skipped = (reason: string): BulkResult => ({ originalTaskId: taskId, newTaskId: null, reason })
  try {
    const isEnough = again ? enough.nothing : enough.liveOrDone
    const { record: minted, deduplicated } = await actions.retryOnce(taskId, act, isEnough)
    if (deduplicated) return skipped('already_retried')
    return { originalTaskId: taskId, newTaskId: minted.taskId, reason: null }
  } catch (error) {
    const reason = error instanceof TaskError ? skipReasons[error.code] : undefined
    if (reason === undefined) throw error
    return skipped(reason)
  }
}

const skipReasons: Partial<Record<TaskError['code'], string>> = {
  unknown_task: 'unknown',
  wrong_status: 'wrong_status',
  not_registered: 'not_registered',
  conflict_lock: 'locked',
  key_missing: 'key_missing',
  unreadable: 'unreadable',
  too_many_pending: 'too_many_pending',
}

function join(a: BulkAnswer, b: BulkAnswer): BulkAnswer {
  return {
    dispatched: a.dispatched + b.dispatched,
    skipped: a.skipped + b.skipped,
    results: [...a.results, ...b.results],
  }
}
