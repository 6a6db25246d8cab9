import type { Metrics, TaskPage, TaskSummary } from '@taskloom/protocol'
import {
  applyFrame,
  contradictsTotal,
  countWaiting,
  totalFrom,
  updateInPlace,
  type Page,
  type TasksFrame,
} from '../reduce.ts'
import type { DashboardStore, ListState } from '../state.ts'
import type { StoreCore } from './core.ts'

/** The rows of the list: the true page, and what of it is shown while the operator holds it still. */
export interface PageKeeper {
  /** Frames from here on may be newer than the answer to come. */
  readonly beginRequest: () => void
  /** An answer the operator asked for: it is shown, held or not. True when the page must be asked for again. */
  readonly show: (answer: TaskPage) => boolean
  /** An answer that only brings up to date: held rows stay in their places. */
  readonly refresh: (answer: TaskPage) => boolean
  readonly apply: (frame: TasksFrame) => boolean
  readonly applyCounts: (counts: Metrics) => boolean
  readonly verbs: Pick<DashboardStore, 'hold' | 'settle'>
}

/** An answer that takes longer than so many frames is out of date when it comes. */
const maxJournal = 200

export function createPageKeeper(core: StoreCore): PageKeeper {
  let page: Page = { tasks: [], nextCursor: null, prevCursor: null }
  let isHeld = false
  /** What came since the request on its way was made; null while none is. */
  let journal: TasksFrame[] | null = null
  let isJournalCut = false
  let countedTotal: Pick<ListState, 'total' | 'totalIsCapped'> | null = null

  /** Frames that came while the request was under way are applied again: the answer may be older than they are. */
  function take(answer: TaskPage): boolean {
    const { tasks, nextCursor, prevCursor } = answer
    page = { tasks, nextCursor, prevCursor }
    let needsRefetch = isJournalCut
    for (const frame of journal ?? []) needsRefetch = applyToPage(frame).needsRefetch || needsRefetch
    const { total, totalIsCapped } = countedTotal ?? answer
    endRequest()
    core.updateList({ phase: 'ready', problem: null, total, totalIsCapped })
    core.update({ dataAt: core.timing.now() })
    return needsRefetch
  }

  function applyToPage(frame: TasksFrame) {
    const change = applyFrame(page, { ...core.state.view, pageSize: core.asked.limit }, frame)
    page = change.page
    return change
  }

  function showPage(): void {
    core.updateList({ ...page, waitingCount: 0 })
  }

  function showWithin(newer: readonly TaskSummary[]): void {
    if (!isHeld || core.state.list.tasks.length === 0) return showPage()
    const tasks = updateInPlace(core.state.list.tasks, newer)
    core.updateList({ ...page, tasks, waitingCount: countWaiting(tasks, page.tasks) })
  }

  function beginRequest(): void {
    endRequest()
    journal = []
  }

  function endRequest(): void {
    journal = null
    isJournalCut = false
    countedTotal = null
  }

  return {
    beginRequest,
    show(answer) {
      const needsRefetch = take(answer)
      showPage()
      return needsRefetch
    },
    refresh(answer) {
      const before = new Map(core.state.list.tasks.map((task) => [task.taskId, task.version]))
      const needsRefetch = take(answer)
      showWithin(page.tasks)
      const isOther = (task: TaskSummary) => before.get(task.taskId) !== task.version
      core.flash(core.state.list.tasks.filter(isOther).map((task) => task.taskId))
      return needsRefetch
    },
    apply(frame) {
      if (journal && journal.length < maxJournal) journal.push(frame)
      else if (journal) isJournalCut = true
      // What is shown answers another question until the answer to this one is here.
      if (core.state.list.phase !== 'ready') return false
      const { flashedIds, needsRefetch } = applyToPage(frame)
      showWithin(frame.changed)
      core.flash(flashedIds)
      return needsRefetch
    },
    applyCounts(counts) {
      countedTotal = totalFrom(counts)
      if (core.state.list.phase !== 'ready') return false
      core.updateList(countedTotal)
      return contradictsTotal(page, core.state.view, countedTotal)
    },
    verbs: {
      hold() {
        isHeld = true
      },
      settle() {
        if (!isHeld) return
        isHeld = false
        if (core.state.list.phase === 'ready') showPage()
      },
    },
  }
}
