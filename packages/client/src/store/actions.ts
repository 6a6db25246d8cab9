import type { BulkAnswer } from '@taskloom/protocol'
import { toProblem } from '../http.ts'
import { shortId } from '../format.ts'
import type { Command, Conflict, DashboardStore, Toast } from '../state.ts'
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
  | 'command'
  | 'dismissConflict'
>

type Done = Pick<Toast, 'text'> & Partial<Pick<Toast, 'tone' | 'taskId' | 'values' | 'one'>>

const bulkSize = 500

/** The operator's commands: one at a time per subject, told by a toast, and seen in the rows when they return. */
export function createActions(core: StoreCore, loaders: Loaders, opener: TaskOpener): Actions {
  const { client } = core

  async function act<T>(
    key: string,
    send: () => Promise<T>,
    describe: (answer: T) => Done | null,
    taskId?: string,
  ): Promise<T | null> {
    if (core.state.busyActions.has(key)) return null
    if (taskId) setConflict(taskId)
    core.update({ busyActions: new Set([...core.state.busyActions, key]) })
    try {
      const answer = await send()
      const done = describe(answer)
      if (done) core.toast({ tone: 'done', taskId: null, ...done })
      await showEffect()
      return answer
    } catch (error) {
      const problem = toProblem(error)
      // What stays at the task need not stay as a message, too.
      if (taskId && problem.status === 409) setConflict(taskId, core.toastProblem(problem, 'warning'))
      else core.toastProblem(problem)
      // The task may have moved on under the operator's hand: what is shown was wrong.
      await showEffect()
      return null
    } finally {
      core.update({ busyActions: new Set([...core.state.busyActions].filter((busy) => busy !== key)) })
    }
  }

  function setConflict(taskId: string, conflict?: Conflict): void {
    const conflicts = new Map(core.state.conflicts)
    if (conflict) conflicts.set(taskId, conflict)
    else if (!conflicts.delete(taskId)) return
    core.update({ conflicts })
  }

  async function showEffect(): Promise<void> {
    const rows = core.state.isPaused ? [] : [loaders.rows.now(), loaders.metrics.now()]
    await Promise.all([...rows, opener.reload()])
  }

  async function showSchedules(): Promise<void> {
    await loaders.schedules.now()
  }

  return {
    dismissConflict: (taskId) => setConflict(taskId),
    async retry(taskId, reason) {
      await act(
        `retry:${taskId}`,
        () => client.retry(taskId, { reason }),
        (answer) => ({
          text: '{function} runs again as {id}',
          values: { function: answer.task.funcName, id: shortId(answer.taskId) },
          taskId: answer.taskId,
        }),
        taskId,
      )
    },
    async cancel(taskId, reason) {
      await act(
        `cancel:${taskId}`,
        () => client.cancel(taskId, { reason }),
        ({ task }) => ({
          text: task.status === 'cancelled' ? '{function} {id} is cancelled' : '{function} {id} is asked to stop',
          values: { function: task.funcName, id: shortId(taskId) },
          taskId,
        }),
        taskId,
      )
    },
    async runNow(taskId) {
      await act(
        `run-now:${taskId}`,
        () => client.runNow(taskId),
        ({ task }) => ({
          text: '{function} {id} is due now',
          values: { function: task.funcName, id: shortId(taskId) },
          taskId,
        }),
        taskId,
      )
    },
    async deleteTask(taskId) {
      await act(
        `delete:${taskId}`,
        () => client.delete(taskId),
        () => ({ text: 'Task {id} is deleted', values: { id: shortId(taskId) } }),
        taskId,
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
    async clearHistory(value, unit, { statuses = [], reason } = {}) {
      const answer = await act(
        'clear-history',
        () => client.clearHistory({ value, unit, statuses }, { reason }),
        ({ deleted }) => ({ text: '{n} tasks deleted', one: '{n} task deleted', values: { n: deleted } }),
      )
      if (answer) loaders.catchUp()
      return answer?.deleted ?? null
    },
    async runSchedule(name) {
      await act(
        `schedule-run:${name}`,
        () => client.runSchedule(name),
        ({ taskId }) => ({ text: '{name} runs now as {id}', values: { name, id: shortId(taskId) }, taskId }),
      )
      await showSchedules()
    },
    async pauseSchedule(name) {
      await act(
        `schedule-pause:${name}`,
        () => client.pauseSchedule(name),
        () => ({ text: 'The schedule of {name} is paused', values: { name } }),
      )
      await showSchedules()
    },
    async resumeSchedule(name) {
      await act(
        `schedule-resume:${name}`,
        () => client.resumeSchedule(name),
        () => ({ text: 'The schedule of {name} runs again', values: { name } }),
      )
      await showSchedules()
    },
    async command<T>({ route, at, params, body, key, done, hints = [] }: Command) {
      const answer = await act(
        key,
        () => client.ask(route, { at, body, params: params && new URLSearchParams(params) }),
        (told) => done && { ...done, taskId: (told as { readonly taskId?: string }).taskId ?? null },
      )
      core.hint(hints)
      return answer as T | null
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

/** The codes of reasons are words. */
function describeBulk({ dispatched, skipped, results }: BulkAnswer): Done {
  const counts: Record<string, number> = {}
  for (const { reason } of results) if (reason) counts[reason] = (counts[reason] ?? 0) + 1
  const reasons = Object.keys(counts).map((reason) => `${counts[reason]} × ${reason.replaceAll('_', ' ')}`)
  const isGood = dispatched > 0 && results.every(({ reason }) => !reason || reason === 'already_retried')
  return {
    text: !skipped
      ? '{dispatched} retried'
      : reasons[0]
        ? '{dispatched} retried, {skipped} skipped: {reasons}'
        : '{dispatched} retried, {skipped} skipped',
    values: { dispatched, skipped, reasons: reasons.join(', ') },
    tone: isGood ? 'done' : 'warning',
  }
}
