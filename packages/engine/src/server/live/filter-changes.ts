import { matchesFilter, type LiveEvent, type TaskFilter, type TaskSummary } from '@taskloom/protocol'
import type { Change } from '../../observe/feed.ts'
import { liveLimits } from './limits.ts'

type TasksData = Extract<LiveEvent, { event: 'tasks' }>['data']

/**
 * What changed for one filter since its last frame. Keeps the latest of each task and never more than one frame may
 * hold: beyond that only how much there was.
 */
export class FilterChanges {
  readonly #changed = new Map<string, TaskSummary>()
  readonly #removed = new Set<string>()
  readonly #since: number
  readonly #isLimited: boolean
  readonly #show: (task: TaskSummary) => TaskSummary
  #overflow = 0

  /** Collects what comes after the revision `since`. Readers who are limited are not told the ids of deleted tasks. */
  constructor(since: number, isLimited: boolean, show: (task: TaskSummary) => TaskSummary = whole) {
    this.#since = since
    this.#show = show
    this.#isLimited = isLimited
  }

  /** Takes one change in; true when it may alter what the filter shows. */
  add(change: Change, filter: TaskFilter): boolean {
    if (change.kind === 'deleted' && !this.#isLimited) return this.#remove(change.taskIds)
    if (change.kind === 'deleted' || change.kind === 'elsewhere') return this.#count(1)
    if (change.kind !== 'task') return false
    if (readsBeyond(filter)) return this.#count(1)
    const { task, previous } = change
    if (matchesFilter(task, filter)) return this.#change(task)
    return previous !== null && matchesFilter(previous, filter) ? this.#remove([task.taskId]) : false
  }

  /** The frame that tells it; null when there is nothing to tell. */
  read(): TasksData | null {
    if (this.#overflow > 0) {
      return { changed: [], removed: [], overflow: { changed: this.#overflow, sinceRevision: this.#since } }
    }
    if (this.#changed.size + this.#removed.size === 0) return null
    return { changed: [...this.#changed.values()].map(this.#show), removed: [...this.#removed], overflow: null }
  }

  #change(task: TaskSummary): true {
    if (this.#overflow > 0) return this.#count(1)
    this.#removed.delete(task.taskId)
    this.#changed.set(task.taskId, task)
    return this.#bound()
  }

  #remove(taskIds: readonly string[]): true {
    if (this.#overflow > 0 || taskIds.length > liveLimits.tasksPerFrame) return this.#count(taskIds.length)
    for (const taskId of taskIds) {
      this.#changed.delete(taskId)
      this.#removed.add(taskId)
    }
    return this.#bound()
  }

  #bound(): true {
    return this.#changed.size + this.#removed.size > liveLimits.tasksPerFrame ? this.#count(0) : true
  }

  #count(more: number): true {
    this.#overflow += this.#changed.size + this.#removed.size + more
    this.#changed.clear()
    this.#removed.clear()
    return true
  }
}

function whole(task: TaskSummary): TaskSummary {
  return task
}

/** Arguments and the kind of a failure are no part of a summary, so nobody can say here whether such a filter still holds. */
function readsBeyond(filter: TaskFilter): boolean {
  return filter.search.some(({ kind }) => kind === 'args' || kind === 'error_group')
}
