import type { Queue } from 'bullmq'
import type { QueueHost } from '../queue.ts'
import type { Driver } from './driver.ts'
import { settlePause, type PauseDeed } from './pause-verdict.ts'
import type { Place } from './place.ts'
import type { Places } from './places.ts'

/** Who has paused a queue that was paused in BullMQ itself. */
const elsewhere = 'BullMQ'

export interface PausesOptions {
  readonly host: QueueHost
  readonly places: Places
  readonly driver: () => Promise<Driver>
}

/**
 * Pauses and resumes queues of BullMQ as the store says: each process does it, and doing it twice is doing it once. What
 * was paused in BullMQ by another tool is kept in the store, until it is resumed there or here.
 */
export class Pauses {
  readonly #options: PausesOptions
  #wanted: ReadonlySet<string> = new Set()
  /** What could not be done in BullMQ is done when it is looked at next. */
  #undone: ReadonlySet<string> = new Set()
  /** What differed when it was looked at last: what another process is just doing is not taken for another tool's deed. */
  #differed = new Map<string, PauseDeed>()
  #round: Promise<void> = Promise.resolve()

  constructor(options: PausesOptions) {
    this.#options = options
  }

  /** Whether the store says so, as far as it was heard. */
  has(queue: string): boolean {
    return this.#wanted.has(queue)
  }

  /** Resolves when BullMQ has heard of it. */
  set(queues: ReadonlySet<string>): Promise<void> {
    const changed = [...queues, ...this.#wanted].filter((queue) => queues.has(queue) !== this.#wanted.has(queue))
    this.#wanted = queues
    this.#undone = new Set([...this.#undone, ...changed])
    return this.#next(() => this.#catchUp())
  }

  /** Looks whether BullMQ is still as the store says. */
  look(): Promise<void> {
    return this.#next(async () => {
      await this.#catchUp()
      await this.#compare()
    })
  }

  #next(step: () => Promise<void>): Promise<void> {
    this.#round = this.#round
      .then(step)
      .catch((error: unknown) => this.#options.host.announcer.events.fault('pausing queues of BullMQ', error))
    return this.#round
  }

  async #catchUp(): Promise<void> {
    const queues = this.#undone
    for (const queue of queues) await this.#pauseAll(queue, this.#wanted.has(queue))
    this.#undone = new Set([...this.#undone].filter((queue) => !queues.has(queue)))
  }

  async #compare(): Promise<void> {
    const { store } = this.#options.host
    const paused = new Map((await store.queueControls.paused()).map(({ queue, by }) => [queue, by]))
    const differed = new Map<string, PauseDeed>()
    for (const queue of new Set([...this.#names(), ...paused.keys()])) {
      const [isPausedThere, ...others] = await Promise.all((await this.#queuesOf(queue)).map((one) => one.isPaused()))
      const by = paused.get(queue)
      const isAlike = others.every((other) => other === isPausedThere)
      const deed = settlePause({
        isPaused: by !== undefined,
        isFromThere: by === elsewhere,
        isPausedThere: isPausedThere ?? false,
        isAlike,
      })
      if (deed === null) continue
      differed.set(queue, deed)
      if (this.#differed.get(queue) === deed) await this.#do(queue, deed)
    }
    this.#differed = differed
  }

  #do(queue: string, deed: PauseDeed): Promise<unknown> {
    const { store, clock } = this.#options.host
    const at = clock.now()
    switch (deed) {
      case 'pause there':
        return this.#pauseAll(queue, true)
      case 'resume there':
        return this.#pauseAll(queue, false)
      case 'pause here':
        return store.queueControls.pause({ queue, since: at, by: elsewhere })
      case 'resume here':
        return store.queueControls.resume(queue)
    }
  }

  async #pauseAll(queue: string, isPaused: boolean): Promise<void> {
    const queues = await this.#queuesOf(queue)
    await Promise.all(queues.map((one) => (isPaused ? one.pause() : one.resume())))
  }

  #names(): ReadonlySet<string> {
    return new Set(this.#options.places.all().map(({ queue }) => queue))
  }

  /** The plain one, in which other tools pause and resume, and those of functions that are defined here. */
  async #queuesOf(queue: string): Promise<readonly Queue[]> {
    const { places, host, driver } = this.#options
    const loaded = await driver()
    const found = new Map<string, Place>()
    for (const funcName of ['', ...host.registry.definitions().map(({ name }) => name)]) {
      const place = places.of({ funcName, queue })
      found.set(place.name, place)
    }
    return [...found.values()].map((place) => places.queue(loaded, place))
  }
}
