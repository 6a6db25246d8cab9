import type { LogEntry, TaskSummary } from '@taskloom/protocol'
import type { Change } from '../../observe/feed.ts'
import type { LiveClient } from './client.ts'
import { frameOf, type Frame } from './frame.ts'
import { liveLimits } from './limits.ts'

/** One task that somebody has open: its log lines and its progress since the last frame. */
export class TaskWatch {
  readonly taskId: string
  readonly clients = new Set<LiveClient>()
  #entries: LogEntry[] = []
  #latest: TaskSummary | null = null

  constructor(taskId: string) {
    this.taskId = taskId
  }

  add(change: Change): void {
    if (change.kind === 'task' && change.task.taskId === this.taskId) this.#latest = change.task
    if (change.kind !== 'log' || change.taskId !== this.taskId) return
    this.#entries.push(...change.entries.slice(-liveLimits.logLinesPerFrame))
    if (this.#entries.length > 2 * liveLimits.logLinesPerFrame) this.#entries = newestLines(this.#entries)
  }

  /** The frames that tell it; forgets what it told. */
  take(id: string): readonly Frame[] {
    const frames: Frame[] = []
    const entries = newestLines(this.#entries)
    if (entries.length > 0) frames.push(frameOf({ event: 'log', id, data: { taskId: this.taskId, entries } }))
    if (this.#latest) {
      const { taskId, status, progress, error, version } = this.#latest
      frames.push(frameOf({ event: 'progress', id, data: { taskId, status, progress, error, version } }))
    }
    this.#entries = []
    this.#latest = null
    return frames
  }
}

/** A reader that sees a gap in the line numbers reads the missing lines by the route for logs. */
function newestLines(entries: readonly LogEntry[]): LogEntry[] {
  const kept: LogEntry[] = []
  let characters = 0
  for (const entry of entries.slice(-liveLimits.logLinesPerFrame).reverse()) {
    characters += entry.message.length
    if (characters > liveLimits.logCharactersPerFrame) break
    kept.unshift(entry)
  }
  return kept
}
