import type { Creation, Transition } from '../../core/record.ts'

/** Runs of rows that are kept in mind: those of tasks that did not end together are never asked for. */
const maxRuns = 1_000

/** Rows that lie next to each other, and the range of their ids. */
export interface RowSpan {
  readonly firstRow: number
  readonly lastRow: number
  readonly firstId: string
  readonly lastId: string
}

/** Neighbours that one statement has stored. */
interface Run {
  readonly creations: readonly Creation[]
  readonly lastRow: number
}

/**
 * Where tasks lie that were stored as running together a moment ago: to find rows by their place costs a fraction of what
 * it costs by their ids. It is a hint alone — whoever uses it checks that the rows there are the ones he means.
 */
export class RowPlaces {
  /** By the id of their first task. */
  readonly #runs = new Map<string, Run>()

  /** Rows that one statement has stored, the last of them at `lastRow`. */
  remember(creations: readonly Creation[], lastRow: number): void {
    const first = creations[0]?.next
    if (first?.status !== 'running') return
    if (this.#runs.size >= maxRuns) this.#runs.clear()
    this.#runs.set(first.taskId, { creations, lastRow })
  }

  /** Where these tasks lie if they were stored in this order and nothing lies between them; forgets them. */
  take(transitions: readonly Transition[]): RowSpan | null {
    let firstRow: number | null = null
    let lastRow = 0
    for (let index = 0; index < transitions.length;) {
      const run = this.#takeRun(transitions, index)
      if (run === null) return null
      const begin = run.lastRow - run.creations.length + 1
      if (firstRow !== null && begin !== lastRow + 1) return null
      firstRow ??= begin
      lastRow = run.lastRow
      index += run.creations.length
    }
    const [first, last] = [transitions[0], transitions.at(-1)]
    if (firstRow === null || !first || !last) return null
    return { firstRow, lastRow, firstId: first.next.taskId, lastId: last.next.taskId }
  }

  /** As much of a run as these transitions are, from this one on; what is left of it stays. */
  #takeRun(transitions: readonly Transition[], from: number): Run | null {
    const first = transitions[from]?.next.taskId ?? ''
    const run = this.#runs.get(first)
    if (!run) return null
    this.#runs.delete(first)
    const { creations, lastRow } = run
    let length = 1
    while (length < creations.length && creations[length]?.next.taskId === transitions[from + length]?.next.taskId) {
      length += 1
    }
    if (length === creations.length) return run
    this.remember(creations.slice(length), lastRow)
    return { creations: creations.slice(0, length), lastRow: lastRow - (creations.length - length) }
  }
}
