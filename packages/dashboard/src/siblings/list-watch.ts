import type { ConnectionKind } from '@taskloom/client'
import { matchesFilter, parseTaskQuery, type Problem, type TaskQuery, type TaskSummary } from '@taskloom/protocol'
import { joinLink, type LinkSettings, type LinkWorld, type Place } from './link.ts'

/** Rows as `<task-list>` knows them. */
export interface RowsView {
  /** `refused`: they may not be seen. `failed`: nothing has come yet, nor can it. */
  readonly phase: 'loading' | 'known' | 'refused' | 'failed'
  readonly tasks: readonly TaskSummary[]
  readonly total: number
  readonly totalIsCapped: boolean
  readonly connection: ConnectionKind
  /** What went wrong last; null when nothing is. */
  readonly problem: Problem | null
  /** When the server was last heard of, epoch ms; null before. */
  readonly heardAt: number | null
}

export const unseenRows: RowsView = {
  phase: 'loading',
  tasks: [],
  total: 0,
  totalIsCapped: false,
  connection: 'connecting',
  problem: null,
  heardAt: null,
}

/** Follows the rows of a question in the words of the list's address. Throws `bad_query` for what is not understood. */
export function watchList(
  settings: LinkSettings,
  { params, pollIntervalMs }: { readonly params: URLSearchParams; readonly pollIntervalMs: number },
  listener: (view: RowsView) => void,
  world?: LinkWorld,
): Place {
  const now = () => world?.timing.now() ?? Date.now()
  // A sliding window slides: what is asked is read anew each time.
  const query = (): TaskQuery => parseTaskQuery(params, now())
  let view = unseenRows
  const tell = (changes: Partial<RowsView>) => {
    view = { ...view, ...changes }
    listener(view)
  }

  const place = joinLink(
    settings,
    {
      pollIntervalMs,
      filter: { ...query().filter, since: null, until: null },
      async load(client, signal) {
        const { tasks, total, totalIsCapped } = await client.list(query(), { signal })
        if (signal.aborted) return
        tell({ phase: 'known', tasks: newest(tasks, view.tasks), total, totalIsCapped, problem: null, heardAt: now() })
      },
      onTasks({ changed, removed }) {
        const { filter } = query()
        const shown = new Map(view.tasks.map((task) => [task.taskId, task]))
        const staying = changed.filter((task) => shown.has(task.taskId) && matchesFilter(task, filter))
        if (staying.length > 0) tell({ tasks: newest(view.tasks, staying), heardAt: now() })
        // Who comes, goes, or stands elsewhere by now is for the server to say.
        const isOther = changed.some((task) => shown.has(task.taskId) !== matchesFilter(task, filter))
        if (isOther || removed.some((taskId) => shown.has(taskId))) place.reload()
      },
      onFailure: (problem) => tell({ problem, phase: phaseOf(view, problem) }),
      onConnection: (connection) => tell({ connection }),
    },
    world,
  )
  return place
}

function phaseOf({ phase }: RowsView, { status }: Problem): RowsView['phase'] {
  if (status === 401 || status === 403) return 'refused'
  return phase === 'loading' ? 'failed' : phase
}

/** The rows, each as the newer of two versions. */
function newest(rows: readonly TaskSummary[], others: readonly TaskSummary[]): readonly TaskSummary[] {
  const known = new Map(others.map((task) => [task.taskId, task]))
  return rows.map((task) => {
    const other = known.get(task.taskId)
    return other && other.version > task.version ? other : task
  })
}
