import type { Client } from '@taskloom/client'
import { serverRoutes, type OperationView } from '@taskloom/protocol'
import type { ReactiveController, ReactiveControllerHost } from 'lit'

const lookedAt = 20
const paceMs = 1_000
/** After an operation begins: the server's clock and ours are not the same. */
const slackMs = 300

/** The newest operations, looked at once a second while one of them goes on. */
export class OperationFeed implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #client: () => Client
  #operations: readonly OperationView[] = []
  #timer: ReturnType<typeof setTimeout> | null = null
  #lookedAt = Number.NEGATIVE_INFINITY
  #isLooking = false
  #isAskedAgain = false
  #isStopped = false

  constructor(host: ReactiveControllerHost, client: () => Client) {
    this.#host = host
    this.#client = client
    host.addController(this)
  }

  /** The newest first. */
  get operations(): readonly OperationView[] {
    return this.#operations
  }

  hostConnected(): void {
    this.#isStopped = false
  }

  hostDisconnected(): void {
    this.#isStopped = true
    this.#callOff()
  }

  /** Looks as soon as a second has passed since the last time. */
  lookSoon(): void {
    this.#lookIn(Math.max(0, this.#lookedAt + paceMs - Date.now()))
  }

  /** Looks at once. */
  async look(): Promise<void> {
    this.#callOff()
    if (this.#isLooking) {
      this.#isAskedAgain = true
      return
    }
    this.#isLooking = true
    this.#lookedAt = Date.now()
    try {
      const params = new URLSearchParams({ limit: String(lookedAt) })
      const { operations } = await this.#client().ask(serverRoutes.operations, { params })
      this.#operations = operations
      this.#host.requestUpdate()
    } catch {
      // What was known stays; the page says elsewhere that the server does not answer.
    } finally {
      this.#isLooking = false
    }
    this.#lookOn()
  }

  #lookOn(): void {
    if (this.#isAskedAgain) {
      this.#isAskedAgain = false
      return this.lookSoon()
    }
    const now = Date.now()
    const waits = this.#operations.filter(isUnfinished).map((operation) => {
      const beginsIn = (operation.beginsAt ?? now) - now
      return operation.isCollected && beginsIn > 0 ? Math.min(beginsIn + slackMs, 60_000) : paceMs
    })
    if (waits.length > 0) this.#lookIn(Math.min(...waits))
  }

  #lookIn(delayMs: number): void {
    if (this.#isStopped) return
    this.#callOff()
    this.#timer = setTimeout(() => void this.look(), delayMs)
  }

  #callOff(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}

/** Whether it waits or goes on. */
export function isUnfinished({ endedAt }: OperationView): boolean {
  return endedAt === null
}

/** Whether nothing is done yet and it can be undone. */
export function isComing({ status, beginsAt, cancelRequestedAt }: OperationView): boolean {
  return status === 'pending' && beginsAt != null && cancelRequestedAt === null
}
