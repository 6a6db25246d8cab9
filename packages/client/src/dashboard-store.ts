import { formatTaskQuery } from '@taskloom/protocol'
import type { Client } from './client.ts'
import { isAborted, toProblem } from './http.ts'
import type { CsvFile, DashboardState, DashboardStore } from './state.ts'
import { canDo } from './select.ts'
import { createActions } from './store/actions.ts'
import { createCore, type DashboardStoreOptions, type StoreCore } from './store/core.ts'
import { createLiveLink } from './store/live.ts'
import { createLoaders, type Loaders } from './store/loading.ts'
import { createTaskOpener, type TaskOpener } from './store/open-task.ts'
import { createPageKeeper } from './store/page.ts'
import { createPausing } from './store/pausing.ts'
import { createSelection } from './store/selection.ts'
import { createViewing } from './store/viewing.ts'
import type { Snapshot } from './persist.ts'

/** A snapshot that does not come must not keep the rows from coming. */
const snapshotLimitMs = 1_000

/**
 * The whole dashboard without a screen: one immutable state, kept equal to what the server would answer, and the verbs
 * that change what is asked. `start()` it, and `stop()` it when nobody looks any more; a stopped store stays stopped.
 */
export function createDashboardStore(client: Client, options: DashboardStoreOptions = {}): DashboardStore {
  const core = createCore(client, options)
  const page = createPageKeeper(core)
  const pausing = createPausing(core, () => live.lastEventId)
  const live = createLiveLink(core, { loaders: () => loaders, opener: () => opener, page, pausing })
  const loaders: Loaders = createLoaders(core, page, { onRefused: live.refuse, onRows: pausing.rememberSoon })
  const opener: TaskOpener = createTaskOpener(core, live.openSoon)
  const viewing = createViewing(core, loaders, live)
  let csvExport: AbortController | null = null
  let isStopped = false

  async function start(): Promise<void> {
    const remembered = readSnapshot(core)
    const hasRows = showGiven(core, loaders)
    if (hasRows) await options.drawn?.()
    if (isStopped) return
    if (core.state.isPaused) {
      const snapshot = await remembered
      if (snapshot) pausing.restore(snapshot)
      live.open(snapshot?.lastEventId ?? null)
    } else live.open()
    viewing.startSliding()
    const problem = await (hasRows ? loaders.rows.now() : loaders.askRows())
    // Who may not see the rows of now may not see those of then either.
    if (problem && problem.status !== 401 && problem.status !== 403) showRemembered(core, await remembered)
    await options.drawn?.()
    if (isStopped) return
    await Promise.all([
      loaders.figures(),
      loaders.facets.now(),
      viewing.loadTab(),
      ...(core.state.capabilities ? [] : [loaders.capabilities.now()]),
    ])
  }

  async function updateRows(): Promise<void> {
    if (await loaders.rows.now()) loaders.rows.soon()
  }

  async function refresh(): Promise<void> {
    const { kind } = core.state.connection
    if (kind !== 'live' && kind !== 'hidden') live.open()
    await loaders.askRows()
    await Promise.all([loaders.figures(), loaders.facets.now(), viewing.loadTab(), opener.reload()])
  }

  return {
    get state() {
      return core.state
    },
    subscribe: (listener) => core.subscribe(listener),
    start,
    stop() {
      isStopped = true
      pausing.stop()
      csvExport?.abort()
      live.stop()
      viewing.stop()
      loaders.stop()
      opener.stop()
      core.close()
    },
    ...viewing.verbs,
    refresh,
    pause() {
      if (!core.state.isPaused) pausing.pause()
    },
    async resume() {
      if (!core.state.isPaused) return
      pausing.resume()
      await Promise.all([updateRows(), loaders.figures(), loaders.facets.now(), viewing.loadTab(), opener.reload()])
    },
    ...page.verbs,
    ...opener.verbs,
    ...createSelection(core),
    ...createActions(core, loaders, opener),
    async exportCsv() {
      csvExport?.abort()
      const controller = new AbortController()
      csvExport = controller
      const file = await writeCsv(core, controller)
      if (csvExport === controller) {
        csvExport = null
        core.update({ csv: null })
      }
      return file
    },
    dismissToast: (id) => core.update({ toasts: core.state.toasts.filter((toast) => toast.id !== id) }),
  }
}

/** True when there were rows to show. A paused page shows what it held. */
function showGiven({ asked, options: { given }, state }: StoreCore, loaders: Loaders): boolean {
  if (!given || state.isPaused || given.query !== formatTaskQuery(asked).toString()) return false
  loaders.giveRows(given.answer)
  return true
}

async function writeCsv(core: StoreCore, { signal }: AbortController): Promise<CsvFile | null> {
  const { list, metrics } = core.state
  const total = list.totalIsCapped ? Math.max(list.total, metrics?.total ?? 0) : list.total
  core.update({ csv: { rows: 0, total } })
  try {
    const { downloadTasks } = await import('./export.ts')
    return await downloadTasks(core.client, {
      query: core.asked,
      total,
      isOffered: canDo(core.state.capabilities, 'export'),
      now: core.timing.now(),
      signal,
      onProgress: (csv) => core.update({ csv }),
    })
  } catch (error) {
    if (!isAborted(error)) core.toastProblem(toProblem(error))
    return null
  }
}

function readSnapshot(core: StoreCore): Promise<Snapshot | null> {
  return new Promise((resolve) => {
    const cancel = core.timing.after(snapshotLimitMs, () => resolve(null))
    void core.persistence.readSnapshot().then((snapshot) => {
      cancel()
      resolve(snapshot)
    })
  })
}

/** Where the server is not there, the rows of the last visit with their time are more than an empty page. */
function showRemembered(core: StoreCore, snapshot: Snapshot | null): void {
  const { list, dataAt }: DashboardState = core.state
  if (!snapshot || snapshot.tasks.length === 0 || list.tasks.length > 0 || dataAt !== null) return
  core.updateList({ tasks: snapshot.tasks, total: snapshot.tasks.length, totalIsCapped: true })
  core.update({ dataAt: snapshot.dataAt })
}
