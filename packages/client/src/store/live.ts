import { liveHints, parseLiveId, type LiveEvent, type Problem } from '@taskloom/protocol'
import { appendLogs, mergeProgress, mergeSummary } from '../reduce-open.ts'
import type { TasksFrame } from '../reduce.ts'
import type { ConnectionKind } from '../state.ts'
import { openLiveStream, type LiveStream } from '../stream.ts'
import type { StoreCore } from './core.ts'
import { showMetrics, type Loaders } from './loading.ts'
import type { TaskOpener } from './open-task.ts'
import { createPace } from './pace.ts'
import type { PageKeeper } from './page.ts'
import type { Pausing } from './pausing.ts'

/** What comes by itself: the stream of the asked filter, or polling in its place. */
export interface LiveLink {
  readonly lastEventId: string | null
  /** Opens the stream for what is asked now, resuming where the last one ended. */
  readonly open: (resumeFrom?: string | null) => void
  /** The same a moment later: many openings and closings of tasks are one. */
  readonly openSoon: () => void
  /** Ends the stream because the server refuses this caller. */
  readonly refuse: (problem: Problem) => void
  readonly stop: () => void
}

export interface LiveRooms {
  readonly loaders: () => Loaders
  readonly page: PageKeeper
  readonly opener: () => TaskOpener
  readonly pausing: Pausing
}

const openSoonMs = 250

export function createLiveLink(core: StoreCore, { loaders, page, opener, pausing }: LiveRooms): LiveLink {
  let stream: LiveStream | null = null
  let lastEventId: string | null = null
  let resumedFrom: string | null = null
  let cancelOpen: (() => void) | null = null
  const pace = createPace(core.timing, (frame) => {
    if (core.state.isPaused) pausing.hold(idsOf(frame))
    else showTasks(frame)
  })

  function open(resumeFrom = lastId()): void {
    stop()
    lastEventId = resumeFrom
    const { filter } = core.asked
    const taskId = core.state.open?.taskId ?? null
    stream = openLiveStream({
      lastEventId: resumeFrom,
      connect(id, signal) {
        resumedFrom = id
        return core.client.openStream({ filter, taskId, lastEventId: id, signal })
      },
      onEvent: hear,
      onConnection: showConnection,
      onPoll: poll,
      timing: core.timing,
      visibility: core.options.visibility,
      ...(core.options.pollIntervalMs === undefined ? {} : { pollIntervalMs: core.options.pollIntervalMs }),
    })
  }

  function lastId(): string | null {
    return stream?.lastEventId ?? lastEventId
  }

  function stop(): void {
    pace.drop()
    cancelOpen?.()
    cancelOpen = null
    lastEventId = lastId()
    stream?.stop()
    stream = null
  }

  function showConnection(kind: ConnectionKind, problem: Problem | null): void {
    const before = core.state.connection
    // Asking something else over a new connection is no news to the operator.
    if (kind === 'connecting' && ['live', 'polling', 'reconnecting', 'offline'].includes(before.kind)) return
    if (before.kind === 'live' && kind !== 'live' && stream?.heardAt) core.update({ dataAt: stream.heardAt })
    const since = before.kind === kind ? before.since : core.timing.now()
    core.update({ connection: { kind, since, problem } })
  }

  function hear(event: LiveEvent): void {
    if (event.event === 'hello') return greet(event.data)
    if (core.state.isPaused) return count(event)
    core.update({ dataAt: core.timing.now() })
    switch (event.event) {
      case 'tasks':
        return applyTasks(event.data)
      case 'counts':
        showMetrics(core, event.data)
        if (page.applyCounts(event.data)) loaders().rows.soon()
        // Counts are told again when they change: an answer still on its way can only be older.
        loaders().metrics.stop()
        loaders().timeline.soon()
        return loaders().facets.soon()
      case 'log':
        return opener().change((now) => ({
          open: appendLogs(now, event.data.taskId, event.data.entries),
          needsRefetch: false,
        }))
      case 'progress':
        return opener().change((now) => mergeProgress(now, event.data))
      case 'schedules':
      case 'queues':
      case 'workers':
      case 'operations':
      case 'audit':
        core.hint([event.event])
        if (core.state.view.tab === 'schedules') loaders().schedules.soon()
        return
      case 'reset':
        return catchUp()
      case 'bye':
        return
    }
  }

  /** Without a place to resume from, whatever changed before the stream stood was told to nobody. */
  function greet({ capabilities, epoch }: Extract<LiveEvent, { event: 'hello' }>['data']): void {
    core.update({ capabilities })
    loaders().panels.soon()
    const isResumed = resumedFrom !== null && parseLiveId(resumedFrom)?.epoch === epoch
    if (core.state.list.phase === 'failed') {
      void loaders().askRows()
      loaders().catchUp()
    }
    if (core.state.isPaused) {
      if (resumedFrom !== null && !isResumed) pausing.holdUnknown()
    } else if (isResumed) opener().reloadSoon()
    // The first rows are on their way, and the figures are asked for after them: only the rows may be too old.
    else if (core.state.list.phase === 'loading' && core.state.metrics === null) loaders().rows.soon()
    else catchUp()
  }

  function count(event: LiveEvent): void {
    if (event.event === 'reset' || (event.event === 'tasks' && event.data.overflow)) pausing.holdUnknown()
    else if (event.event === 'tasks') {
      pausing.hold(idsOf(event.data))
    }
  }

  function applyTasks({ changed, removed, overflow }: Extract<LiveEvent, { event: 'tasks' }>['data']): void {
    if (overflow) return catchUp()
    if (changed.length + removed.length > 0) pace.take({ changed, removed })
  }

  function showTasks({ changed, removed }: TasksFrame): void {
    if (page.apply({ changed, removed })) loaders().rows.soon()
    deselect(removed)
    const openId = core.state.open?.taskId
    const summary = changed.find(({ taskId }) => taskId === openId)
    if (summary) opener().change((now) => mergeSummary(now, summary))
    // It left the filter or was deleted: the detail knows which.
    if (openId !== undefined && removed.includes(openId)) opener().reloadSoon()
    loaders().timeline.soon()
    loaders().facets.soon()
    pausing.rememberSoon()
  }

  function deselect(taskIds: readonly string[]): void {
    const { selectedIds } = core.state
    if (!taskIds.some((id) => selectedIds.has(id))) return
    const gone = new Set(taskIds)
    core.update({ selectedIds: new Set([...selectedIds].filter((id) => !gone.has(id))) })
  }

  function catchUp(): void {
    core.hint(liveHints)
    loaders().catchUp()
    opener().reloadSoon()
  }

  async function poll(): Promise<void> {
    if (core.state.isPaused) return pollPaused()
    const { rows, metrics, timeline, facets } = loaders()
    const problem = await rows.now()
    await metrics.now()
    timeline.soon()
    facets.soon()
    opener().reloadSoon()
    if (problem) throw new Error(problem.title)
  }

  /** Looks what would change, and only counts it. */
  async function pollPaused(): Promise<void> {
    const shown = new Map(core.state.list.tasks.map((task) => [task.taskId, task.version]))
    const { tasks } = await core.client.list(core.asked)
    if (core.state.isPaused)
      pausing.hold(tasks.filter((task) => shown.get(task.taskId) !== task.version).map((task) => task.taskId))
  }

  return {
    get lastEventId() {
      return lastId()
    },
    open,
    openSoon() {
      if (!stream) return
      cancelOpen ??= core.timing.after(openSoonMs, () => {
        // What waits was told already: the stream goes on after it.
        pace.flush()
        open()
      })
    },
    refuse(problem) {
      stop()
      showConnection(problem.status === 401 ? 'unauthenticated' : 'forbidden', problem)
    },
    stop,
  }
}

function idsOf({ changed, removed }: TasksFrame): readonly string[] {
  return [...changed.map(({ taskId }) => taskId), ...removed]
}
