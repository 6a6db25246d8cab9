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

/** Neighbours that one statement has stored; of the tasks themselves nothing is kept, they may be large. */
interface Run {
  readonly ids: readonly string[]
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
    if (creations[0]?.next.status !== 'running') return
    const ids = creations.map(({ next }) => next.taskId)
    this.#keep({ ids, lastRow })
  }

  /** Where these tasks lie if they were stored in this order and nothing lies between them; forgets them. */
  take(transitions: readonly Transition[]): RowSpan | null {
    let firstRow: number | null = null
    let lastRow = 0
    for (let index = 0; index < transitions.length;) {
      const run = this.#takeRun(transitions, index)
      if (run === null) return null
      const begin = run.lastRow - run.ids.length + 1
      if (firstRow !== null && begin !== lastRow + 1) return null
      firstRow ??= begin
      lastRow = run.lastRow
      index += run.ids.length
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
    const { ids, lastRow } = run
    let length = 1
    while (length < ids.length && ids[length] === transitions[from + length]?.next.taskId) length += 1
    if (length === ids.length) return run
    this.#keep({ ids: ids.slice(length), lastRow })
    return { ids: ids.slice(0, length), lastRow: lastRow - (ids.length - length) }
  }

  #keep(run: Run): void {
    if (this.#runs.size >= maxRuns) this.#runs.clear()
    this.#runs.set(run.ids[0] ?? '', run)
  }
}
