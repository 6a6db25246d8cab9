import { isAborted, toProblem, type Client } from '@taskloom/client'
import { initialState, Task } from '@lit/task'
import type { LiveHint, Problem } from '@taskloom/protocol'
import type { ReactiveController } from 'lit'
import type { PartContext, PartElement } from '../part-element.ts'

/** What a screen asks for by itself. */
export interface ReadingOptions<T> {
  /** Asks; the signal ends when the answer is of no use any more. */
  readonly ask: (context: PartContext, signal: AbortSignal) => Promise<T>
  /** What is asked for: it is asked anew when one of these is another. Nothing by default. */
  readonly about?: () => readonly unknown[]
  /** What says that the answer may be another now. None by default. */
  readonly hints?: readonly LiveHint[]
  /** Milliseconds after which it is asked anew without a hint; null, as by default, for never. */
  readonly everyMs?: () => number | null
  /** Whether to ask at all; yes by default. */
  readonly isWanted?: () => boolean
}

const gapMs = 1_000

/**
 * One answer of the server on a screen. The last one stays while a newer is on its way, and when it fails; hints are
 * answered once a second at most; nothing is asked while the screen is not shown, paused or hidden.
 */
export class Reading<T> implements ReactiveController {
  readonly #host: PartElement
  readonly #options: ReadingOptions<T>
  readonly #task: Task
  #value: T | null = null
  #problem: Problem | null = null
  #client: Client | null = null
  #heard = 0
  #turn = 0
  #askedAt = 0
  #answeredAt: number | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #isHinted = false

  constructor(host: PartElement, options: ReadingOptions<T>) {
    this.#host = host
    this.#options = options
    host.addController(this)
    const { about = () => [], isWanted = () => true } = options
    this.#task = new Task(host, {
      args: () => [isWanted(), host.context.client, this.#turn, ...about()],
      task: async ([isAsked], { signal }) => (isAsked ? this.#ask(signal) : initialState),
    })
  }

  /** The newest answer; null before the first. */
  get value(): T | null {
    return this.#value
  }

  /** Why there is no newer one; null when nothing is wrong. */
  get problem(): Problem | null {
    return this.#problem
  }

  /** When the answer came, epoch ms; null before the first. */
  get answeredAt(): number | null {
    return this.#answeredAt
  }

  /** Asks again now. */
  again(): void {
    this.#turn += 1
    this.#host.requestUpdate()
  }

  hostConnected(): void {
    if (this.#askedAt > 0) this.again()
  }

  hostDisconnected(): void {
    this.#rest()
    this.#task.abort()
  }

  hostUpdate(): void {
    const { hints } = this.#host.context.state
    const heard = (this.#options.hints ?? []).reduce((sum, hint) => sum + hints[hint], 0)
    if (heard === this.#heard) return
    this.#heard = heard
    if (this.#askedAt > 0) this.#soon()
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const { context } = this.#host
    this.#rest()
    if (context.client !== this.#client) this.#value = null
    this.#client = context.client
    this.#askedAt = Date.now()
    try {
      const value = await this.#options.ask(context, signal)
      if (signal.aborted) return
      this.#value = value
      this.#problem = null
      this.#answeredAt = Date.now()
    } catch (error) {
      if (signal.aborted || isAborted(error)) return
      this.#problem = toProblem(error)
    }
    if (this.#host.isConnected) this.#later()
  }

  /** Not more than once a second, however often it is hinted. */
  #soon(): void {
    if (this.#isHinted) return
    this.#rest()
    this.#isHinted = true
    this.#timer = setTimeout(() => this.again(), Math.max(0, this.#askedAt + gapMs - Date.now()))
  }

  #later(): void {
    const everyMs = this.#options.everyMs?.() ?? null
    if (everyMs === null || this.#isHinted) return
    this.#timer = setTimeout(() => {
      const isResting = document.hidden || this.#host.context.state.isPaused
      if (isResting) this.#later()
      else this.again()
    }, everyMs)
  }

  #rest(): void {
    clearTimeout(this.#timer)
    this.#isHinted = false
  }
}
