import type { TaskSummary } from '@taskloom/protocol'
import type { TasksFrame } from '../reduce.ts'
import type { Timing } from '../timing.ts'

/** Frames on their way to the rows. */
export interface Pace {
  /** Hands a frame on, at once or with those that follow. */
  take(frame: TasksFrame): void
  /** Hands on what waits. */
  flush(): void
  /** Forgets what waits: something newer was asked for. */
  drop(): void
}

/** A frame with more changes is one of many. */
const fewChanges = 10
/** Nobody reads rows that change more often. */
export const hecticGapMs = 1_000

/** Few changes are applied as they come; where they come thick and fast, once a second, the last of each task. */
export function createPace(timing: Timing, apply: (frame: TasksFrame) => void): Pace {
  let waiting: Map<string, TaskSummary | null> | null = null
  let appliedAt = -Infinity
  let cancelTimer: (() => void) | null = null

  function hold({ changed, removed }: TasksFrame): void {
    waiting ??= new Map()
    for (const taskId of removed) waiting.set(taskId, null)
    for (const task of changed) waiting.set(task.taskId, task)
    cancelTimer ??= timing.after(Math.max(0, appliedAt + hecticGapMs - timing.now()), flush)
  }

  function flush(): void {
    const entries = [...(waiting ?? [])]
    drop()
    if (entries.length === 0) return
    appliedAt = timing.now()
    apply({
      changed: entries.flatMap(([, task]) => task ?? []),
      removed: entries.flatMap(([taskId, task]) => (task === null ? [taskId] : [])),
    })
  }

  function drop(): void {
    cancelTimer?.()
    cancelTimer = null
    waiting = null
  }

  return {
    take(frame) {
      const isFew = frame.changed.length + frame.removed.length <= fewChanges
      const isSoon = timing.now() < appliedAt + hecticGapMs
      if (waiting || (isSoon && !isFew)) return hold(frame)
      appliedAt = timing.now()
      apply(frame)
    },
    flush,
    drop,
  }
}
