import { foldSome } from './rollups.ts'
import type { Writer } from './writer.ts'

/** Changes wait no longer than this while the process lives, and seldom longer: somebody else may fold them first. */
const everyMs = 1_000
/** After so many commits that change the roll-ups they are folded sooner. */
const enoughCommits = 200

/** Folds what waits into the roll-ups from time to time, while something is written. */
export class Folding {
  #commits = 0
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> | null = null
  #isClosed = false

  constructor(private readonly writer: Writer) {}

  /** Something was committed that changes the roll-ups. */
  note(): void {
    if (this.#isClosed) return
    this.#commits += 1
    if (this.#commits >= enoughCommits) return this.#begin()
    this.#timer ??= setTimeout(() => this.#begin(), everyMs).unref()
  }

  /** Folds no more; resolves when nothing is on its way. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#stopTimer()
    await this.#running
  }

  #begin(): void {
    this.#stopTimer()
    if (this.#running) return
    this.#commits = 0
    this.#running = this.#fold().finally(() => {
      this.#running = null
    })
  }

  async #fold(): Promise<void> {
    try {
      while (!this.#isClosed && (await foldSome(this.writer)) > enoughCommits);
    } catch {
      // The database is away: what waits is counted by readers and folded later.
    }
  }

  #stopTimer(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
  }
}
