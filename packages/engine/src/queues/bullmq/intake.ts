import { fewestSlots, promptFactor } from './slots.ts'

/** A function that is over so soon is one that its worker may take another job ahead for. */
const soonMs = 250

export interface IntakeOptions {
  /** Functions that run at once. */
  readonly size: number
  /** Whether jobs may be taken ahead at all. */
  readonly isEager: boolean
  /** How many tasks a job has, before any has come. */
  readonly tasksPerJob: number
  /** Hears how many jobs the worker may hold from now on. */
  readonly onChange: (jobs: number) => void
}

/**
 * How many jobs a worker of BullMQ holds. Between two functions there is the store to be asked and told, and BullMQ to be told:
 * while functions are short, jobs are taken ahead for that time, up to as many as may run, or three times as many while functions
 * are over when they return. A job that was taken ahead and does not begin soon goes back to where it waited, for other workers.
 * Of jobs that several tasks share fewer are held.
 */
export class Intake {
  /** Tasks, of all jobs, that are not over. */
  #held = 0
  #ahead = 0
  #jobs = 0
  /** Jobs that several tasks share. */
  #shared = 0
  /** How many tasks the job had that came last. */
  #usual: number
  #told: number

  constructor(private readonly options: IntakeOptions) {
    this.#usual = options.tasksPerJob
    this.#told = this.jobs
  }

  /** How many jobs the worker may hold. */
  get jobs(): number {
    const room = this.options.size + this.#ahead - this.#held
    return Math.max(1, this.#jobs + Math.ceil(room / this.#usual))
  }

  /** The worker was given a job of so many tasks. */
  took(tasks: number): void {
    this.#held += tasks
    this.#jobs += 1
    if (tasks > 1) this.#shared += 1
    this.#usual = tasks
    this.#tell()
  }

  /** It has one task less. */
  gave(): void {
    this.#held -= 1
    // A job of one task is over with it.
    if (this.#shared > 0) this.#tell()
  }

  /** It has one job less, which was of so many tasks. */
  left(tasks: number): void {
    this.#jobs -= 1
    if (tasks > 1) this.#shared -= 1
    this.#tell()
  }

  /** A function is over, after so long; prompt when it was when it returned. */
  ran(durationMs: number, isPrompt = false): void {
    const { isEager, size } = this.options
    const most = isPrompt ? size * (promptFactor - 1) : size
    if (durationMs > soonMs) this.#set(this.#ahead - 1)
    else if (isEager && size >= fewestSlots) this.#set(Math.min(most, this.#ahead + 1))
  }

  /** A task has waited for long: whether it is one that was taken ahead. Then none is any more. */
  isTooMany(): boolean {
    this.#set(0)
    return this.#held > this.options.size
  }

  #set(ahead: number): void {
    this.#ahead = Math.max(0, ahead)
    this.#tell()
  }

  #tell(): void {
    const { jobs } = this
    if (jobs === this.#told) return
    this.#told = jobs
    this.options.onChange(jobs)
  }
}
