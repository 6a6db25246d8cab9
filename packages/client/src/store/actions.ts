import type { BulkAnswer } from '@taskloom/protocol'
import { toProblem } from '../http.ts'
import { shortId } from '../format.ts'
import type { DashboardStore, Toast } from '../state.ts'
import type { StoreCore } from './core.ts'
import type { Loaders } from './loading.ts'
import type { TaskOpener } from './open-task.ts'

export type Actions = Pick<
  DashboardStore,
  | 'retry'
  | 'cancel'
  | 'runNow'
  | 'deleteTask'
  | 'retrySelected'
  | 'retryFailed'
  | 'clearHistory'
  | 'runSchedule'
  | 'pauseSchedule'
  | 'resumeSchedule'
>

type Done = Pick<Toast, 'text'> & Partial<Pick<Toast, 'tone' | 'taskId'>>

const bulkSize = 500

/** The operator's commands: one at a time per subject, told by a toast, and seen in the rows when they return. */
export function createActions(core: StoreCore, loaders: Loaders, opener: TaskOpener): Actions {
  const { client } = core

  async function act<T>(key: string, send: () => Promise<T>, describe: (answer: T) => Done): Promise<T | null> {
    if (core.state.busyActions.has(key)) return null
    core.update({ busyActions: new Set([...core.state.busyActions, key]) })
    try {
      const answer = await send()
      core.toast({ tone: 'done', taskId: null, ...describe(answer) })
      await showEffect()
      return answer
    } catch (error) {
      core.toastProblem(toProblem(error))
      // The task may have moved on under the operator's hand: what is shown was wrong.
      await showEffect()
      return null
    } finally {
      core.update({ busyActions: new Set([...core.state.busyActions].filter((busy) => busy !== key)) })
    }
  }

  async function showEffect(): Promise<void> {
    const rows = core.state.isPaused ? [] : [loaders.rows.now(), loaders.metrics.now()]
    await Promise.all([...rows, opener.reload()])
  }

  async function showSchedules(): Promise<void> {
    await loaders.schedules.now()
  }

  return {
    async retry(taskId, reason) {
      await act(
        `retry:${taskId}`,
        () => client.retry(taskId, { reason }),
        (answer) => ({
          text: `${answer.task.funcName} runs again as ${shortId(answer.taskId)}`,
          taskId: answer.taskId,
        }),
      )
    },
    async cancel(taskId, reason) {
      await act(
        `cancel:${taskId}`,
        () => client.cancel(taskId, { reason }),
        ({ task }) => ({
          text: `${task.funcName} ${shortId(taskId)} ${task.status === 'cancelled' ? 'is cancelled' : 'is asked to stop'}`,
          taskId,
        }),
      )
    },
    async runNow(taskId) {
      await act(
        `run-now:${taskId}`,
        () => client.runNow(taskId),
        ({ task }) => ({ text: `${task.funcName} ${shortId(taskId)} is due now`, taskId }),
      )
    },
    async deleteTask(taskId) {
      await act(
        `delete:${taskId}`,
        () => client.delete(taskId),
        () => ({ text: `Task ${shortId(taskId)} is deleted` }),
      )
    },
    async retrySelected(reason) {
      const taskIds = [...core.state.selectedIds]
      if (taskIds.length === 0) return null
      const size = core.state.capabilities?.limits.bulk ?? bulkSize
      return act(
        'bulk-retry',
        async () => {
          const answers: BulkAnswer[] = []
          for (let from = 0; from < taskIds.length; from += size) {
            const part = taskIds.slice(from, from + size)
            answers.push(await client.bulkRetry(part, { reason }))
            core.update({ selectedIds: new Set(taskIds.slice(from + size)) })
          }
          return joinAnswers(answers)
        },
        describeBulk,
      )
    },
    retryFailed: (since) => act('retry-failed', () => client.retryFailed({ since }), describeBulk),
    async clearHistory(value, unit) {
      const answer = await act(
        'clear-history',
        () => client.clearHistory({ value, unit }),
        ({ deleted }) => ({ text: `${deleted} ${deleted === 1 ? 'task' : 'tasks'} deleted` }),
      )
      if (answer) loaders.catchUp()
      return answer?.deleted ?? null
    },
    async runSchedule(name) {
      await act(
        `schedule-run:${name}`,
        () => client.runSchedule(name),
        ({ taskId }) => ({ text: `${name} runs now as ${shortId(taskId)}`, taskId }),
      )
      await showSchedules()
    },
    async pauseSchedule(name) {
      await act(
        `schedule-pause:${name}`,
        () => client.pauseSchedule(name),
        () => ({ text: `The schedule of ${name} is paused` }),
      )
      await showSchedules()
    },
    async resumeSchedule(name) {
      await act(
        `schedule-resume:${name}`,
        () => client.resumeSchedule(name),
        () => ({ text: `The schedule of ${name} runs again` }),
      )
      await showSchedules()
    },
  }
}

function joinAnswers(answers: readonly BulkAnswer[]): BulkAnswer {
  return answers.reduce((sum, { dispatched, skipped, results }) => ({
    dispatched: sum.dispatched + dispatched,
    skipped: sum.skipped + skipped,
    results: [...sum.results, ...results],
  }))
}

/** `1 retried, 3 skipped: 2 × already retried, 1 × too many pending`: the codes of reasons are words. */
function describeBulk({ dispatched, skipped, results }: BulkAnswer): Done {
  const counts: Record<string, number> = {}
  for (const { reason } of results) if (reason) counts[reason] = (counts[reason] ?? 0) + 1
  const reasons = Object.keys(counts).map((reason) => `${counts[reason]} × ${reason.replaceAll('_', ' ')}`)
  const isGood = dispatched > 0 && results.every(({ reason }) => !reason || reason === 'already_retried')
  return {
    text:
      `${dispatched} retried` +
      (skipped > 0 ? `, ${skipped} skipped` : '') +
      (reasons[0] ? `: ${reasons.join(', ')}` : ''),
    tone: isGood ? 'done' : 'warning',
  }
}
