import type { Change } from '../../observe/feed.ts'

export interface RingLimits {
  readonly changes: number
  /** Characters of log text: log lines are the only changes of any size. */
  readonly logCharacters: number
}

/** The newest changes, so that a reader who was away for a moment can be told what it missed. */
export class ChangeRing {
  readonly #limits: RingLimits
  #changes: Change[] = []
  #start = 0
  #logCharacters = 0
  #newest: number

  /** Begins after `revision`: nothing before it can be told. */
  constructor(revision: number, limits: RingLimits) {
    this.#newest = revision
    this.#limits = limits
  }

  /** The revision of the newest change it has seen. */
  get newest(): number {
    return this.#newest
  }

  add(change: Change): void {
    // A source that skips a number has changes that nobody was told: what lies before them is worth nothing.
    if (change.revision !== this.#newest + 1) this.#forgetAll()
    this.#changes.push(change)
    this.#newest = change.revision
    this.#logCharacters += charactersOf(change)
    while (this.#size > this.#limits.changes || this.#logCharacters > this.#limits.logCharacters) this.#forgetOldest()
  }

  /** Every change after `revision`, oldest first; null when it cannot tell all of them. */
  since(revision: number): readonly Change[] | null {
    const missing = this.#newest - revision
    if (missing < 0 || missing > this.#size) return null
    return this.#changes.slice(this.#changes.length - missing)
  }

  get #size(): number {
    return this.#changes.length - this.#start
  }

  #forgetOldest(): void {
    this.#logCharacters -= charactersOf(this.#changes[this.#start] as Change)
    this.#start += 1
    if (this.#start < this.#limits.changes) return
    this.#changes = this.#changes.slice(this.#start)
    this.#start = 0
  }

  #forgetAll(): void {
    this.#changes = []
    this.#start = 0
    this.#logCharacters = 0
  }
}

function charactersOf(change: Change): number {
  return change.kind === 'log' ? change.entries.reduce((sum, { message }) => sum + message.length, 0) : 0
}
