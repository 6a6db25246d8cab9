/** Something that runs as a process. */
export interface Running {
  readonly pid: number
  /** How it is told to end in order. */
  readonly endsBy: NodeJS.Signals
  /** Resolves when it does not run any more. */
  readonly gone: Promise<void>
}

export interface UpheldOptions {
  readonly name: string
  /** Resolves when it runs and is ready. */
  readonly start: () => Promise<Running>
  readonly restartMs: number
  readonly say: (sentence: string) => void
}

/** A process that may be killed at any time, and is started again after some seconds. */
export class Upheld {
  readonly name: string
  #running: Running | null = null
  #isClosed = false
  #watching: Promise<void> = Promise.resolve()
  #stopWaiting: () => void = () => undefined

  constructor(private readonly options: UpheldOptions) {
    this.name = options.name
  }

  /** Null while it is away. */
  get pid(): number | null {
    return this.#running?.pid ?? null
  }

  /** Rejects when it does not come up the first time. */
  async open(): Promise<void> {
    this.#running = await this.options.start()
    this.#watching = this.#uphold()
  }

  /** As hard as can be. */
  kill(): void {
    if (this.#running) process.kill(this.#running.pid, 'SIGKILL')
  }

  /** Ends it in order, for good. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#stopWaiting()
    this.#end()
    await this.#watching
  }

  #end(): void {
    if (this.#running) process.kill(this.#running.pid, this.#running.endsBy)
  }

  async #uphold(): Promise<void> {
    const { say, restartMs } = this.options
    while (this.#running) {
      await this.#running.gone
      const { pid } = this.#running
      this.#running = null
      if (this.#isClosed) return
      say(`${this.name} (pid ${pid}) is gone; it comes back in ${restartMs / 1_000} s.`)
      await this.#restart()
    }
  }

  /** Tried until it runs: what it needs may be away itself. */
  async #restart(): Promise<void> {
    const { say, restartMs, start } = this.options
    while (!this.#isClosed) {
      await this.#wait(restartMs)
      if (this.#isClosed) return
      try {
        this.#running = await start()
        if (this.#isClosed) return this.#end()
        return say(`${this.name} is back as pid ${this.#running.pid}.`)
      } catch (error) {
        say(`${this.name} did not come back: ${String(error)}`)
      }
    }
  }

  #wait(forMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, forMs)
      this.#stopWaiting = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
