import type { Clock } from '../core/clock.ts'
import { TaskError } from '../core/errors.ts'
import type { Announcer } from '../observe/announcer.ts'
import type { AuditDraft, PausedQueue, Store } from '../stores/store.ts'

/** How often a store that others use, too, is asked which queues are paused. */
const pollMs = 1_000
const maxPaused = 1_000

export interface QueueControlsOptions {
  readonly store: Store
  readonly clock: Clock
  readonly announcer: Announcer
  /** These queues are paused now, and no others. */
  readonly onChange: (paused: ReadonlySet<string>) => Promise<void>
}

/** Keeps this process to what the store says of queues: those that are paused, here or elsewhere, start nothing. */
export class QueueControls {
  readonly #options: QueueControlsOptions
  #known = ''
  #isOpen = false
  #callOff: () => void = () => undefined

  constructor(options: QueueControlsOptions) {
    this.#options = options
  }

  /** Before anything starts. */
  async open(): Promise<void> {
    this.#isOpen = true
    await this.look()
    this.#schedule()
  }

  close(): void {
    this.#isOpen = false
    this.#callOff()
  }

  /** Nothing of the queue starts any more, in any process; what runs goes on. Whoever paused it first is remembered. */
  async pause(queue: string, by: string, audit: AuditDraft): Promise<void> {
    const { store, clock } = this.#options
    const paused = await store.queueControls.paused()
    if (paused.length >= maxPaused && !paused.some((one) => one.queue === queue)) {
      const message = `At most ${maxPaused} queues can be paused at once`
      throw new TaskError('bad_option', { message, option: 'name' })
    }
    await store.queueControls.pause({ queue, since: clock.now(), by }, audit)
    await this.look()
  }

  /** What waits in the queue starts again. */
  async resume(queue: string, audit: AuditDraft): Promise<void> {
    await this.#options.store.queueControls.resume(queue, audit)
    await this.look()
  }

  /** Asks the store and does what it says. */
  async look(): Promise<readonly PausedQueue[]> {
    const { store, announcer, onChange } = this.#options
    const paused = await store.queueControls.paused()
    const names = paused.map(({ queue }) => queue)
    const known = JSON.stringify(names)
    if (known === this.#known || (this.#known === '' && names.length === 0)) return paused
    this.#known = known
    await onChange(new Set(names))
    announcer.queuesChanged()
    return paused
  }

  #schedule(): void {
    const { store, clock } = this.#options
    if (this.#isOpen && store.supports.sharing) this.#callOff = clock.after(pollMs, () => void this.#turn())
  }

  async #turn(): Promise<void> {
    try {
      await this.look()
    } catch (error) {
      if (this.#isOpen) this.#options.announcer.events.fault('looking for paused queues', error)
    }
    this.#schedule()
  }
}
