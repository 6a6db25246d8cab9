import { encodeLiveData, type Metrics, type TaskFilter, type TaskSummary } from '@taskloom/protocol'
import type { Change } from '../../observe/feed.ts'
import type { LiveClient } from './client.ts'
import { FilterChanges } from './filter-changes.ts'
import { Frame, frameOf } from './frame.ts'
import { liveLimits } from './limits.ts'

interface ChannelOptions {
  readonly filterAt: (now: number) => TaskFilter
  /** Whether its readers see only some of the tasks. */
  readonly isLimited: boolean
  /** What of a task is shown to them; all of it by default. */
  readonly show?: (task: TaskSummary) => TaskSummary
}

/** Everybody who watches the same filter: matched once, serialised once. */
export class Channel {
  readonly clients = new Set<LiveClient>()
  /** The filter as it is now: a sliding window slides. */
  readonly filterAt: (now: number) => TaskFilter
  /** The revision that its readers were last told they have reached. */
  told: number
  countsAreStale = false
  readonly #isLimited: boolean
  readonly #show: ((task: TaskSummary) => TaskSummary) | undefined
  #changes: FilterChanges
  #lastCounts = ''
  #filter: TaskFilter | null = null
  #filterFrom = 0

  constructor({ filterAt, isLimited, show }: ChannelOptions, revision: number) {
    this.filterAt = filterAt
    this.#isLimited = isLimited
    this.#show = show
    this.told = revision
    this.#changes = new FilterChanges(revision, isLimited, show)
  }

  add(change: Change, now: number): void {
    if (this.#changes.add(change, this.#filterOf(now))) this.countsAreStale = true
  }

  /** The frame since the last one; null when nothing changed for this filter. */
  takeTasks(id: string, revision: number): Frame | null {
    const data = this.#changes.read()
    this.#changes = new FilterChanges(revision, this.#isLimited, this.#show)
    if (data === null) return null
    this.told = revision
    return frameOf({ event: 'tasks', id, data })
  }

  /** A frame that only brings its readers' position forward. */
  takePosition(id: string, revision: number): Frame {
    this.told = revision
    return frameOf({ event: 'tasks', id, data: { changed: [], removed: [], overflow: null } })
  }

  /** The counts; null when its readers know them. */
  takeCounts(id: string, counts: Metrics): Frame | null {
    const text = encodeLiveData({ event: 'counts', id, data: counts })
    if (text === this.#lastCounts) return null
    this.#lastCounts = text
    return new Frame('counts', id, text)
  }

  /** Somebody came back and may have missed them. */
  repeatCounts(): void {
    this.countsAreStale = true
    this.#lastCounts = ''
  }

  /** Read anew once per frame, and not for each change. */
  #filterOf(now: number): TaskFilter {
    if (this.#filter === null || Math.abs(now - this.#filterFrom) >= liveLimits.tasksEveryMs) {
      this.#filter = this.filterAt(now)
      this.#filterFrom = now
    }
    return this.#filter
  }
}
