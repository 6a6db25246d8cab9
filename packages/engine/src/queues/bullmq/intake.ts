/** A function that is over so soon is one that its worker may take another job ahead for. */
const soonMs = 250
/** A worker with room for fewer takes none ahead: there the order of tasks is worth more than the time between two of them. */
const fewestSlots = 16

/**
 * How many jobs a worker of BullMQ holds. Between two functions there is the store to be asked and told, and BullMQ to be told:
 * while functions are short, jobs are taken ahead for that time, up to as many as may run. A job that was taken ahead and does
 * not begin soon goes back to where it waited, for other workers.
 */
export class Intake {
  #held = 0
  #ahead = 0

  constructor(
    /** Functions that run at once. */
    private readonly size: number,
    /** Whether jobs may be taken ahead at all. */
    private readonly isEager: boolean,
    /** Hears how many jobs the worker may hold from now on. */
    private readonly onChange: (jobs: number) => void,
  ) {}

  /** The worker was given a job. */
  took(): void {
    this.#held += 1
  }

  /** It has one less. */
  gave(): void {
    this.#held -= 1
  }

  /** A function is over, after so long. */
  ran(durationMs: number): void {
    if (durationMs > soonMs) this.#set(this.#ahead - 1)
    else if (this.isEager && this.size >= fewestSlots) this.#set(this.#ahead + 1)
  }

  /** A job has waited for long: whether it is one that was taken ahead. Then none is any more. */
  isTooMany(): boolean {
    this.#set(0)
    return this.#held > this.size
  }

  #set(ahead: number): void {
    const next = Math.min(this.size, Math.max(0, ahead))
    if (next === this.#ahead) return
    this.#ahead = next
    this.onChange(this.size + next)
  }
}
