import type { ReactiveController, ReactiveControllerHost } from 'lit'

/** How much of the page is drawn. */
export type Drawn = 'nothing' | 'rows' | 'all'

/** Rows that are drawn before all else: about what a laptop's screen shows below the head and the figures. */
export const firstRows = 10

/** Rows that come sooner are drawn at once: what would stand for them until then would be drawn in vain. */
const patienceMs = 120

/** What is drawn when the page is opened: nothing for a moment, the rows as soon as they are there, and then all else. */
export class FirstDraw implements ReactiveController {
  readonly #host: ReactiveControllerHost
  #drawn: Drawn = 'nothing'
  #isLate = false
  #finish = () => {}
  /** Resolves when all is to be drawn. */
  readonly done = new Promise<void>((resolve) => (this.#finish = resolve))

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {
    if (this.#isLate) return
    setTimeout(() => {
      this.#isLate = true
      this.#host.requestUpdate()
    }, patienceMs)
  }

  /** What is to be drawn now. */
  next(isLoading: boolean): Drawn {
    if (this.#drawn === 'nothing' && isLoading && !this.#isLate) return 'nothing'
    if (this.#drawn === 'nothing') this.#drawn = isLoading ? 'all' : 'rows'
    if (this.#drawn === 'all') this.#finish()
    return this.#drawn
  }

  hostUpdated(): void {
    if (this.#drawn !== 'rows') return
    // Two frames on, the rows have been painted; a hidden page has no frames.
    const go = () => {
      this.#drawn = 'all'
      this.#host.requestUpdate()
    }
    if (document.hidden) go()
    else requestAnimationFrame(() => requestAnimationFrame(go))
  }
}
