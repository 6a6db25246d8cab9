import type { ConnectionKind } from '@taskloom/client'
import { anyTask, isTerminal, type Problem, type TaskProgress, type TaskSummary } from '@taskloom/protocol'
import { joinLink, linkKey, type LinkSettings, type LinkWorld, type Place } from './link.ts'
import { paceAfter, type Pace } from './pace.ts'

/** One task as a small element knows it. */
export interface TaskView {
  /** `gone`: there is no such task, or no longer. `refused`: it may not be seen. `failed`: nothing has come yet, nor can it. */
  readonly phase: 'loading' | 'known' | 'gone' | 'refused' | 'failed'
  /** What is known; null before it has come. */
  readonly task: TaskProgress | null
  /** How fast it goes, for a guess of when it ends. */
  readonly pace: Pace
  readonly connection: ConnectionKind
  /** What went wrong last; null when nothing is. */
  readonly problem: Problem | null
  /** When the server was last heard of, epoch ms; null before. */
  readonly heardAt: number | null
}

export const unseenTask: TaskView = {
  phase: 'loading',
  task: null,
  pace: [],
  connection: 'connecting',
  problem: null,
  heardAt: null,
}

/** One element's hold on a task. */
export interface TaskHold {
  readonly view: TaskView
  reload(): void
  release(): void
}

interface Room {
  readonly listeners: Set<(view: TaskView) => void>
  readonly pollIntervalMs: number
  view: TaskView
  /** Null once the task has ended: nothing more can come. */
  place: Place | null
}

const rooms = new Map<string, Room>()

/** Follows a task until it has ended. Whoever follows the same task shares what is known of it. */
export function watchTask(
  settings: LinkSettings,
  { taskId, pollIntervalMs }: { readonly taskId: string; readonly pollIntervalMs: number },
  listener: (view: TaskView) => void,
  world?: LinkWorld,
): TaskHold {
  const key = `${linkKey(settings)} ${pollIntervalMs} ${taskId}`
  const room = rooms.get(key) ?? { listeners: new Set(), pollIntervalMs, view: unseenTask, place: null }
  rooms.set(key, room)
  room.listeners.add(listener)
  if (room.listeners.size === 1) enter(room)
  return {
    get view() {
      return room.view
    },
    reload() {
      if (room.place && room.view.phase === 'known') return room.place.reload()
      // Who was refused knocks again; who left because the task had ended comes back.
      leave(room)
      enter(room)
    },
    release() {
      if (!room.listeners.delete(listener) || room.listeners.size > 0) return
      leave(room)
      rooms.delete(key)
    },
  }

  function enter(here: Room): void {
    const now = () => world?.timing.now() ?? Date.now()
    here.place = joinLink(
      settings,
      {
        pollIntervalMs,
        filter: { ...anyTask, search: [{ kind: 'word', text: taskId, negated: false }] },
        async load(client, signal) {
          const known = await client.progress(taskId, { signal })
          if (!signal.aborted) learn(here, known, now())
        },
        onTasks({ changed, removed }) {
          const summary = changed.find((task) => task.taskId === taskId)
          if (summary) learn(here, progressOf(summary), now())
          else if (removed.includes(taskId)) here.place?.reload()
        },
        onFailure: (problem) => tell(here, { problem, phase: phaseOf(here.view, problem) }),
        onConnection: (connection) => tell(here, { connection }),
      },
      world,
    )
  }
}

function leave(room: Room): void {
  room.place?.leave()
  room.place = null
}

function tell(room: Room, changes: Partial<TaskView>): void {
  room.view = { ...room.view, ...changes }
  for (const listener of [...room.listeners]) listener(room.view)
}

/** Answers overtake each other; the version says which is newer. */
function learn(room: Room, task: TaskProgress, now: number): void {
  const before = room.view.task
  const known = before && before.version > task.version ? before : task
  const percent = known.status === 'running' ? known.progress?.percent : null
  const pace = percent == null ? [] : paceAfter(room.view.pace, now, percent)
  tell(room, { phase: 'known', task: known, pace, problem: null, heardAt: now })
  // What has ended changes no more: the stream is not held for it.
  if (isTerminal(known.status)) leave(room)
}

function phaseOf({ phase }: TaskView, { status }: Problem): TaskView['phase'] {
  if (status === 404) return 'gone'
  if (status === 401 || status === 403) return 'refused'
  return phase === 'loading' ? 'failed' : phase
}

function progressOf({ taskId, status, progress, error, version }: TaskSummary): TaskProgress {
  return { taskId, status, progress, error, version }
}
