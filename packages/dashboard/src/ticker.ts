import type { ReactiveController, ReactiveControllerHost } from 'lit'

/** One timer per pace for all elements of the page: clocks tick together and nothing ticks when nobody listens. */
class Ticker {
  readonly #listeners = new Set<() => void>()
  #timer: ReturnType<typeof setInterval> | null = null

  constructor(readonly paceMs: number) {}

  add(listener: () => void): void {
    this.#listeners.add(listener)
    this.#timer ??= setInterval(() => this.#tick(), this.paceMs)
  }

  remove(listener: () => void): void {
    this.#listeners.delete(listener)
    if (this.#listeners.size > 0 || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }

  #tick(): void {
    if (document.hidden) return
    for (const listener of this.#listeners) listener()
  }
}

const everySecond = new Ticker(1_000)

/** Re-renders its element once a second while `isNeeded` says that something on it counts. */
export class ClockController implements ReactiveController {
  readonly #tick: () => void

  constructor(host: ReactiveControllerHost, isNeeded: () => boolean = () => true) {
    this.#tick = () => {
      if (isNeeded()) host.requestUpdate()
    }
    host.addController(this)
  }

  get now(): number {
    return Date.now()
  }

  hostConnected(): void {
    everySecond.add(this.#tick)
  }

  hostDisconnected(): void {
    everySecond.remove(this.#tick)
  }
}
