import type { Job, Worker } from 'bullmq'
import type { QueueHost } from '../queue.ts'
import { RetriedError } from './answers.ts'
import type { Driver } from './driver.ts'
import { Intake } from './intake.ts'
import type { Place } from './place.ts'
import type { Places } from './places.ts'
import { taskIdsOf } from './job.ts'
import { Seat } from './seat.ts'
import { Slots } from './slots.ts'
import type { Turns } from './turn.ts'

export interface CrewOptions {
  readonly host: QueueHost
  readonly driver: Driver
  readonly places: Places
  readonly turns: Turns
  readonly lockDuration: number
  readonly tasksPerJob: number
}

/** One worker of BullMQ for each place; all of them together run as many tasks as this process may. */
export class Crew {
  readonly #options: CrewOptions
  readonly #workers = new Map<string, Worker>()
  readonly #slots: Slots
  #isClosed = false

  constructor(options: CrewOptions) {
    this.#options = options
    this.#slots = new Slots(options.host.concurrency, options.host.clock)
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
    this.#slots.clear()
    return Promise.all([...this.#workers.values()].map((worker) => worker.close())).then(() => undefined)
  }

  /** Lets go of jobs whose end could not be told: they come again elsewhere. */
  async abandon(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.close(true)))
  }

  #employ(place: Place): Worker {
    const { driver, host, lockDuration, tasksPerJob, places } = this.#options
    const { rateLimit } = place
    const concurrency = Math.min(host.concurrency, place.concurrency ?? host.concurrency)
    const isLimited = places.isLimited(place)
    const intake = new Intake({
      size: concurrency,
      isEager: !isLimited,
      tasksPerJob: isLimited ? 1 : tasksPerJob,
      onChange: (jobs) => (worker.concurrency = jobs),
    })
    const worker = driver.worker(place, (job, token) => this.#process(job, token, place, intake), {
      name: host.workerId,
      concurrency: intake.jobs,
      lockDuration,
      settings: { backoffStrategy: (_made, _type, error) => this.#backoff(error) },
      ...(rateLimit === null ? {} : { limiter: { max: rateLimit.max, duration: Math.ceil(rateLimit.perMs) } }),
    })
    return worker
  }

  async #process(job: Job, token: string, place: Place, intake: Intake): Promise<null> {
    const { turns, host, driver } = this.#options
    const taskIds = taskIdsOf(job.data)
    if (taskIds === null) throw new driver.bullmq.UnrecoverableError('This is no job of Taskloom')
    const members = taskIds.map((taskId) => ({ taskId, seat: new Seat(this.#slots, intake, host.clock) }))
    intake.took(members.length)
    try {
      return await turns.process(job, token, place, members)
    } finally {
      for (const { seat } of members) seat.close()
      intake.left(members.length)
    }
  }

  /** The record has the instant already. */
  #backoff(error: Error | undefined): number {
    if (!(error instanceof RetriedError)) return 0
    return Math.max(0, error.retryAt - this.#options.host.clock.now())
  }
}
