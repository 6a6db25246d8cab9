import type { Creation, Transition } from '../../core/record.ts'

/** Places of more tasks that run at once are not worth keeping. */
const maxPlaces = 20_000

/** Rows that lie next to each other, and the range of their ids. */
export interface RowSpan {
  readonly firstRow: number
  readonly lastRow: number
  readonly firstId: string
  readonly lastId: string
}

/**
 * Where tasks lie that were stored as running a moment ago: to find a row by its place costs a fraction of what it costs
 * by its id. It is a hint alone — whoever uses it checks that the rows there are the ones he means.
 */
export class RowPlaces {
  readonly #rows = new Map<string, number>()

  /** Rows that one statement has stored, the last of them at `lastRow`. */
  remember(creations: readonly Creation[], lastRow: number): void {
    if (this.#rows.size > maxPlaces) this.#rows.clear()
    let row = lastRow - creations.length
    for (const { next } of creations) {
      row += 1
      if (next.status === 'running') this.#rows.set(next.taskId, row)
    }
  }

  /** Where these tasks lie if it is known and nothing lies between them; forgets them. */
  take(transitions: readonly Transition[]): RowSpan | null {
    const [first] = transitions
    if (!first) return null
    let firstRow = Number.POSITIVE_INFINITY
    let lastRow = Number.NEGATIVE_INFINITY
    let firstId = first.next.taskId
    let lastId = firstId
    for (const { next } of transitions) {
      const row = this.#rows.get(next.taskId) ?? Number.NaN
      this.#rows.delete(next.taskId)
      firstRow = Math.min(firstRow, row)
      lastRow = Math.max(lastRow, row)
      if (next.taskId < firstId) firstId = next.taskId
      else if (next.taskId > lastId) lastId = next.taskId
    }
    // Not a number where one of them is unknown.
    return lastRow - firstRow + 1 === transitions.length ? { firstRow, lastRow, firstId, lastId } : null
  }
}
