import { anyTask, type BulkAnswer, type BulkResult, type Cursor, type TaskStatus } from '@taskloom/protocol'
import { TaskError } from '../core/errors.ts'
import { sweep } from '../run/retention.ts'
import type { Act, ClearHistoryQuestion, RetryFailedQuestion } from '../server/source.ts'
import { enough, type Actions } from './actions.ts'
import { auditDraft } from './audit-draft.ts'
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
  parts: SourceParts,
  actions: Actions,
  taskIds: readonly string[],
  again: boolean,
  act: Act,
): Promise<BulkAnswer> {
  const answer = await retryEach(actions, taskIds, again, act)
  await recordBulk(parts, answer, act)
  return answer
}

async function retryEach(actions: Actions, taskIds: readonly string[], again: boolean, act: Act): Promise<BulkAnswer> {
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
    const part = await retryEach(
      actions,
      meant.map(({ taskId }) => taskId),
      again,
      act,
    )
    answer = join(answer, part)
    cursor = meant.length < page.tasks.length ? null : page.next
  } while (cursor !== null && answer.results.length < maxRetriesPerCall)
  await recordBulk(parts, answer, act)
  return answer
}

/** Deletes what ended longer ago than `olderThanMs`; what waits or runs is never touched. */
export async function clearHistory(parts: SourceParts, question: ClearHistoryQuestion, act: Act): Promise<number> {
  const { olderThanMs, statuses } = question
  const chosen = statuses.length === 0 ? clearedStatuses : statuses.filter((status) => endedStatuses.includes(status))
  if (chosen.length === 0) return 0
  const now = parts.clock.now()
  const detail = { older_than_ms: olderThanMs, statuses: chosen }
  const audit = auditDraft(act, { action: 'clear_history', target: null, detail }, now)
  const deleted = await sweep(parts, chosen, now - olderThanMs, { audit })
  if (deleted === 0) await parts.store.audit.append([audit])
  return deleted
}

/**
 * Each retry has its own entry, stored with it; this one says that they were asked for together. It comes last: what was
 * retried stays so, and an entry that cannot be written is told as a fault.
 */
async function recordBulk({ store, clock, announcer }: SourceParts, answer: BulkAnswer, act: Act): Promise<void> {
  const { dispatched, skipped, results } = answer
  const affected = results.flatMap(({ originalTaskId, newTaskId }) => (newTaskId === null ? [] : [originalTaskId]))
  const deed = { action: 'bulk_retry', target: null, affected, detail: { dispatched, skipped } }
  try {
    await store.audit.append([auditDraft(act, deed, clock.now())])
  } catch (error) {
    announcer.events.fault('writing the audit log', error)
  }
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

/** Why a task is passed over, in a word. */
export const skipReasons: Partial<Record<TaskError['code'], string>> = {
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
