import type { Job, Worker } from 'bullmq'
import type { QueueHost } from '../queue.ts'
import type { Driver } from './driver.ts'
import type { Place } from './place.ts'
import type { Places } from './places.ts'
import { Slots } from './slots.ts'
import { RetriedError, type Turns } from './turn.ts'

export interface CrewOptions {
  readonly host: QueueHost
  readonly driver: Driver
  readonly places: Places
  readonly turns: Turns
  readonly lockDuration: number
}

/** One worker of BullMQ for each place; all of them together run as many tasks as this process may. */
export class Crew {
  readonly #options: CrewOptions
  readonly #workers = new Map<string, Worker>()
  readonly #slots: Slots
  #isClosed = false

  constructor(options: CrewOptions) {
    this.#options = options
    this.#slots = new Slots(options.host.concurrency)
  }

  /** There may be places more. */
  async cover(): Promise<void> {
    const { places, driver } = this.#options
    for (const place of places.all()) {
      if (this.#isClosed || this.#workers.has(place.name)) continue
      this.#workers.set(place.name, this.#employ(place))
      await places.settle(places.queue(driver, place), place)
    }
  }

  /** Takes nothing any more; what runs goes on. */
  close(): Promise<void> {
    this.#isClosed = true
    return Promise.all([...this.#workers.values()].map((worker) => worker.close())).then(() => undefined)
  }

  /** Lets go of jobs whose end could not be told: they come again elsewhere. */
  async abandon(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.close(true)))
  }

  #employ(place: Place): Worker {
    const { driver, host, lockDuration } = this.#options
    const { rateLimit } = place
    return driver.worker(place, (job, token) => this.#process(job, token, place.name), {
      name: host.workerId,
      concurrency: Math.min(host.concurrency, place.concurrency ?? host.concurrency),
      lockDuration,
      settings: { backoffStrategy: (_made, _type, error) => this.#backoff(error) },
      ...(rateLimit === null ? {} : { limiter: { max: rateLimit.max, duration: Math.ceil(rateLimit.perMs) } }),
    })
  }

  async #process(job: Job, token: string, place: string): Promise<null> {
    await this.#slots.enter()
    try {
      return await this.#options.turns.process(job, token, place)
    } finally {
      this.#slots.leave()
    }
  }

  /** The record has the instant already. */
  #backoff(error: Error | undefined): number {
    if (!(error instanceof RetriedError)) return 0
    return Math.max(0, error.retryAt - this.#options.host.clock.now())
  }
}
