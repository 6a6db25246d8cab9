import type { LiveClient } from './client.ts'
import type { Frame } from './frame.ts'
import { liveLimits } from './limits.ts'

/**
 * Brings frames to readers for a few milliseconds of each turn of the event loop, so that a thousand of them do not hold
 * up the host.
 */
export class Delivery {
  /** Those this turn had no time for, in order. */
  readonly #waiting = new Set<LiveClient>()
  #endMs: number | null = null

  /** Whether somebody still waits for what was sent. */
  get isBusy(): boolean {
    return this.#waiting.size > 0
  }

  send(clients: Iterable<LiveClient>, frame: Frame): void {
    for (const client of clients) {
      client.push(frame)
      if (this.#waiting.size === 0 && this.#hasTime()) client.flush()
      else this.#waiting.add(client)
    }
  }

  forget(client: LiveClient): void {
    this.#waiting.delete(client)
  }

  #hasTime(): boolean {
    const now = performance.now()
    if (this.#endMs === null) {
      this.#endMs = now + liveLimits.sliceMs
      setImmediate(() => this.#turn())
    }
    return now < this.#endMs
  }

  #turn(): void {
    this.#endMs = null
    for (const client of this.#waiting) {
      if (!this.#hasTime()) return
      this.#waiting.delete(client)
      client.flush()
    }
  }
}
