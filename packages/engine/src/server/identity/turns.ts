/** Lets so many run at once, and so many more wait. */
export class Turns {
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(
    private readonly maxRunning: number,
    private readonly maxWaiting: number,
  ) {}

  /** Runs it when it is its turn; null, at once, when too many wait already. */
  async run<T>(work: () => Promise<T>): Promise<T | null> {
    if (this.#running >= this.maxRunning) {
      if (this.#waiting.length >= this.maxWaiting) return null
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else this.#running += 1
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}
