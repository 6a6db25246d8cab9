import type { LogEntry, TaskDetail, TaskProgress, TaskSummary } from '@taskloom/protocol'
import type { OpenTask } from './state.ts'

export interface OpenChange {
  readonly open: OpenTask
  /** Something happened that only the detail tells: an attempt, a result, a retry. */
  readonly needsRefetch: boolean
}

/** More lines than anybody reads at once; the oldest give way. */
export const maxShownLogs = 20_000

/** A newer summary of the open task. Its tab, its log and what only the detail knows stay. */
export function mergeSummary(open: OpenTask, summary: TaskSummary): OpenChange {
  const { detail } = open
  if (summary.taskId !== open.taskId || !detail || summary.version < detail.version) return unchanged(open)
  const needsRefetch =
    summary.status !== detail.status || summary.attempt !== detail.attempt || summary.retryCount !== detail.retryCount
  return { open: { ...open, detail: { ...detail, ...summary } }, needsRefetch }
}

export function mergeProgress(open: OpenTask, news: TaskProgress): OpenChange {
  const { detail } = open
  if (news.taskId !== open.taskId || !detail || news.version < detail.version) return unchanged(open)
  const { status, progress, error, version } = news
  return {
    open: { ...open, detail: { ...detail, status, progress, error, version } },
    needsRefetch: status !== detail.status,
  }
}

/** A detail as the server answered it. It never takes lines away that are already read. */
export function mergeDetail(open: OpenTask, detail: TaskDetail): OpenTask {
  const isNewer = !open.detail || detail.version >= open.detail.version
  const hasReadOn = (open.logs.at(-1)?.line ?? 0) > (detail.logs.at(-1)?.line ?? 0)
  return {
    ...open,
    phase: 'ready',
    problem: null,
    detail: isNewer ? detail : open.detail,
    logs: hasReadOn ? open.logs : detail.logs,
    logsHaveMore: hasReadOn ? open.logsHaveMore : detail.logsNext !== null,
  }
}

/** Lines written while the task is open. They count only where they follow what is shown; else there is more to read. */
export function appendLogs(open: OpenTask, taskId: string, entries: readonly LogEntry[]): OpenTask {
  if (taskId !== open.taskId || open.phase === 'loading') return open
  const last = open.logs.at(-1)?.line ?? 0
  const fresh = entries.filter(({ line }) => line > last)
  if (fresh.length === 0) return open
  if (open.logsHaveMore || fresh[0]?.line !== last + 1) return { ...open, logsHaveMore: true }
  return { ...open, logs: [...open.logs, ...fresh].slice(-maxShownLogs) }
}

/** The page of lines after those shown. */
export function appendLogPage(open: OpenTask, entries: readonly LogEntry[], hasMore: boolean): OpenTask {
  const last = open.logs.at(-1)?.line ?? 0
  const fresh = entries.filter(({ line }) => line > last)
  return { ...open, logs: [...open.logs, ...fresh].slice(-maxShownLogs), logsHaveMore: hasMore }
}

function unchanged(open: OpenTask): OpenChange {
  return { open, needsRefetch: false }
}
