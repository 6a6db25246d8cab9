import type { DurableObserver } from '../observe/durable-observer.ts'
import type { OutboxMessage } from '../stores/outbox.ts'
import { randomFraction } from './chance.ts'
import type { OutboxParts } from './outbox.ts'

/** So many messages of one recipient are on their way at once. */
const portion = 8
/** Other processes may store messages, too. */
const lookAgainMs = 5_000
/** Beyond the limit of an attempt, before others may take its message. */
const leaseMarginMs = 30_000

/** Brings the messages of one durable observer, those that are due, a few at a time. */
export class Courier {
  readonly #stopping = new AbortController()
  #isOpen = false
  #isAsked = false
  #round: Promise<void> | null = null
  #callOff: (() => void) | null = null

  constructor(
    private readonly parts: OutboxParts,
    private readonly observer: DurableObserver,
  ) {}

  open(): void {
    this.#isOpen = true
    this.wake()
  }

  wake(): void {
    this.#isAsked = true
    if (!this.#isOpen || this.#round) return
    this.#callOff?.()
    this.#round = this.#bring().finally(() => {
      this.#round = null
      if (this.#isAsked) this.wake()
    })
  }

  async close(limitMs: number): Promise<void> {
    this.#isOpen = false
    this.#callOff?.()
    if (!this.#round) return
    const callOff = this.parts.clock.after(limitMs, () => this.#stopping.abort())
    await this.#round
    callOff()
  }

  async #bring(): Promise<void> {
    const { store, clock, events } = this.parts
    const { name: recipient, timeoutMs } = this.observer
    try {
      for (let isMore = true; isMore && this.#isOpen;) {
        this.#isAsked = false
        const now = clock.now()
        const question = { recipient, now, until: now + timeoutMs + leaseMarginMs, limit: portion }
        const messages = await store.outbox.take(question)
        await Promise.all(messages.map((message) => this.#deliver(message)))
        isMore = messages.length === portion
      }
      const dueAt = await store.outbox.nextDueAt(recipient)
      this.#lookAgain(dueAt === null ? lookAgainMs : dueAt - clock.now())
    } catch (error) {
      events.fault(this.#words, error)
      this.#lookAgain(lookAgainMs)
    }
  }

  #lookAgain(delayMs: number): void {
    if (this.#isOpen) this.#callOff = this.parts.clock.after(clamp(delayMs), () => this.wake())
  }

  async #deliver(message: OutboxMessage): Promise<void> {
    const { store, events } = this.parts
    try {
      await this.#attempt(message)
    } catch (error) {
      return this.#failed(message, error)
    }
    await store.outbox
      .delivered([message.id])
      .catch((error: unknown) => events.fault(this.#words, error, message.taskId))
  }

  /** Ends with the limit even if `deliver` does not mind its signal. */
  #attempt(message: OutboxMessage): Promise<void> {
    const { timeoutMs } = this.observer
    const controller = new AbortController()
    return new Promise((resolve, reject) => {
      const stop = (words: string): void => {
        const error = new Error(words)
        controller.abort(error)
        reject(error)
      }
      const stopped = (): void => stop('The process was stopped')
      const callOff = this.parts.clock.after(timeoutMs, () => stop(`No answer within ${timeoutMs / 1_000} s`))
      this.#stopping.signal.addEventListener('abort', stopped, { once: true })
      const finish = (act: () => void): void => {
        callOff()
        this.#stopping.signal.removeEventListener('abort', stopped)
        act()
      }
      new Promise<void>((begin) => begin(this.observer.deliver(message, controller.signal))).then(
        () => finish(resolve),
        (error: unknown) => finish(() => reject(error instanceof Error ? error : new Error(String(error)))),
      )
    })
  }

  async #failed({ id, taskId, attempts }: OutboxMessage, error: unknown): Promise<void> {
    const { store, clock, events } = this.parts
    const words = (error instanceof Error ? error.message : String(error)).slice(0, 300)
    const isDead = attempts >= this.observer.maxAttempts
    const delayMs = this.observer.delayMs(attempts) * (0.75 + randomFraction() / 2)
    try {
      await store.outbox.failed(id, isDead ? null : Math.round(clock.now() + delayMs), words)
    } catch (failure) {
      events.fault(this.#words, failure, taskId)
    }
    if (isDead) events.fault(this.#words, new Error(`Given up after ${attempts} attempts: ${words}`), taskId)
  }

  get #words(): string {
    return `delivering to ${this.observer.name}`
  }
}

function clamp(delayMs: number): number {
  return Math.min(lookAgainMs, Math.max(1, delayMs))
}
