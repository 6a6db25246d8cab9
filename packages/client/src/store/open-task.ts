import type { Problem } from '@taskloom/protocol'
import { isAborted, toProblem } from '../http.ts'
import { appendLogPage, mergeDetail, type OpenChange } from '../reduce-open.ts'
import type { DashboardStore, OpenTask } from '../state.ts'
import type { StoreCore } from './core.ts'
import { createLoader } from './loader.ts'

/** The one task whose panel is open. */
export interface TaskOpener {
  readonly verbs: Pick<DashboardStore, 'openTask' | 'setDetailTab' | 'loadMoreLogs' | 'closeTask'>
  /** Brings the open task up to date at once, if there is one. */
  readonly reload: () => Promise<void>
  readonly reloadSoon: () => void
  /** Applies news of the open task. */
  readonly change: (reduce: (open: OpenTask) => OpenChange) => void
  readonly stop: () => void
}

const reloadGapMs = 1_000
const logPageSize = 500

export function createTaskOpener(core: StoreCore, onSubject: () => void): TaskOpener {
  const { client, timing } = core
  const detail = createLoader({
    timing,
    gapMs: reloadGapMs,
    async load(signal) {
      const { open } = core.state
      if (!open) return
      const answer = await client.detail(open.taskId, { signal })
      if (!signal.aborted) patch(open.taskId, (now) => mergeDetail(now, answer))
    },
    onFailure: showFailure,
  })
  let logs: AbortController | null = null

  function patch(taskId: string, reduce: (open: OpenTask) => OpenTask): void {
    const { open } = core.state
    if (open?.taskId === taskId) core.update({ open: reduce(open) })
  }

  function showFailure(problem: Problem): void {
    const { open } = core.state
    if (!open) return
    const isGone = problem.status === 404
    if (isGone && open.detail) core.update({ open: { ...open, phase: 'deleted', problem: null } })
    // What is shown stays shown: only the first answer can fail the panel.
    else if (!open.detail) core.update({ open: { ...open, phase: 'failed', problem } })
  }

  function stop(): void {
    detail.stop()
    logs?.abort()
    logs = null
  }

  const verbs: TaskOpener['verbs'] = {
    async openTask(taskId, tab, attempt) {
      if (core.state.open?.taskId === taskId) {
        if (tab) core.update({ open: { ...core.state.open, tab, attempt } })
      } else {
        stop()
        core.update({ open: { ...loading, taskId, tab: tab ?? 'details', attempt } })
        onSubject()
      }
      await detail.now()
    },
    setDetailTab(tab) {
      const { open } = core.state
      if (open && open.tab !== tab) core.update({ open: { ...open, tab, attempt: undefined } })
    },
    closeTask() {
      if (!core.state.open) return
      stop()
      core.update({ open: null })
      onSubject()
    },
    async loadMoreLogs() {
      const { open } = core.state
      if (!open?.logsHaveMore || logs) return
      const controller = new AbortController()
      logs = controller
      try {
        const ask = { after: open.logs.at(-1)?.line ?? 0, limit: logPageSize }
        const page = await client.logs(open.taskId, ask, { signal: controller.signal })
        patch(open.taskId, (now) => appendLogPage(now, page.logs, page.logsNext !== null))
      } catch (error) {
        if (!isAborted(error)) core.toastProblem(toProblem(error))
      } finally {
        if (logs === controller) logs = null
      }
    },
  }

  return {
    verbs,
    async reload() {
      if (core.state.open) await detail.now()
    },
    reloadSoon() {
      if (core.state.open) detail.soon()
    },
    change(reduce) {
      const { open } = core.state
      if (!open) return
      const change = reduce(open)
      if (change.open !== open) core.update({ open: change.open })
      if (change.needsRefetch) detail.soon()
    },
    stop,
  }
}

const loading = { phase: 'loading', detail: null, logs: [], logsHaveMore: false, problem: null } as const
