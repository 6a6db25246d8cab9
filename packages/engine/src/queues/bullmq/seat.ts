import type { Clock } from '../../core/clock.ts'
import type { Intake } from './intake.ts'
import type { Slots } from './slots.ts'

/** What one task has of its process: its place among those that its worker holds, and a slot while its function runs. */
export class Seat {
  /** Since when it has a slot; null without one. */
  #since: number | null = null
  #isHeld = true
  #isPrompt = false

  constructor(
    private readonly slots: Slots,
    private readonly intake: Intake,
    private readonly clock: Clock,
  ) {}

  /** False when it is to be given back instead. */
  async enter(isPrompt = false): Promise<boolean> {
    if (this.#since !== null) return true
    if (!(await this.slots.enter(() => this.#isTooMany(), isPrompt))) return false
    this.#since = this.clock.now()
    this.#isPrompt = isPrompt
    return true
  }

  /** The function is over, prompt when it was when it returned; its end may not be saved yet. */
  ran(isPrompt = false): void {
    if (this.#since !== null) this.intake.ran(this.clock.now() - this.#since, isPrompt)
    this.#leave()
  }

  /** The task is somebody else's. */
  close(): void {
    this.#leave()
    this.#give()
  }

  #isTooMany(): boolean {
    const isTooMany = this.intake.isTooMany()
    // The next one that is asked about is asked about without it.
    if (isTooMany) this.#give()
    return isTooMany
  }

  #leave(): void {
    if (this.#since === null) return
    this.#since = null
    this.slots.leave(this.#isPrompt)
  }

  #give(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.intake.gave()
  }
}
