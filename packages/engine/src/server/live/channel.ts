import { encodeLiveEvent, type Metrics, type TaskFilter } from '@taskloom/protocol'
import type { Change } from '../../observe/feed.ts'
import type { LiveClient } from './client.ts'
import { FilterChanges } from './filter-changes.ts'

/** Everybody who watches the same filter: matched once, serialised once. */
export class Channel {
  readonly clients = new Set<LiveClient>()
  /** The filter as it is now: a sliding window slides. */
  readonly filterAt: (now: number) => TaskFilter
  /** The revision that its readers were last told they have reached. */
  told: number
  countsAreStale = false
  #changes: FilterChanges
  #lastCounts = ''

  constructor(filterAt: (now: number) => TaskFilter, revision: number) {
    this.filterAt = filterAt
    this.told = revision
    this.#changes = new FilterChanges(revision)
  }

  add(change: Change, filter: TaskFilter): void {
    if (this.#changes.add(change, filter)) this.countsAreStale = true
  }

  /** The frame since the last one, as text; empty when nothing changed for this filter. */
  takeTasks(id: string, revision: number): string {
    const data = this.#changes.read()
    this.#changes = new FilterChanges(revision)
    if (data === null) return ''
    this.told = revision
    return encodeLiveEvent({ event: 'tasks', id, data })
  }

  /** A frame that only brings its readers' position forward. */
  takePosition(id: string, revision: number): string {
    this.told = revision
    return encodeLiveEvent({ event: 'tasks', id, data: { changed: [], removed: [], overflow: null } })
  }

  /** The counts as text; empty when its readers know them. */
  takeCounts(id: string, counts: Metrics): string {
    const text = JSON.stringify(counts)
    if (text === this.#lastCounts) return ''
    this.#lastCounts = text
    return encodeLiveEvent({ event: 'counts', id, data: counts })
  }

  /** Somebody came back and may have missed them. */
  repeatCounts(): void {
    this.countsAreStale = true
    this.#lastCounts = ''
  }
}
