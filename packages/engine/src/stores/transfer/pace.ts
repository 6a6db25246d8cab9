/** So much text a slice is to have, in characters. */
const sliceLength = 4_194_304
const firstRows = 50

/** How many rows to ask for where they cannot be measured beforehand: as many as the last ones let expect. */
export class SlicePace {
  #most = firstRows

  /** So many of at most `limit`. */
  rows(limit: number): number {
    return Math.min(limit, this.#most)
  }

  /** At most twice as many next time: one small row says little of the others. */
  saw(rows: number, length: number): void {
    if (rows === 0) return
    const fitting = Math.floor((sliceLength * rows) / Math.max(1, length))
    this.#most = Math.max(1, Math.min(fitting, Math.max(firstRows, rows * 2)))
  }
}
