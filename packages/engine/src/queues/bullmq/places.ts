import type { Queue } from 'bullmq'
import type { Definition } from '../../core/definition.ts'
import type { TaskRecord } from '../../core/record.ts'
import type { Limits } from '../../run/gate.ts'
import type { Registry } from '../../run/registry.ts'
import type { Driver } from './driver.ts'
import { placeOf, type Place } from './place.ts'

/** Queues of BullMQ that are open at once at most. */
const maxOpen = 1_000

export interface PlacesOptions {
  readonly registry: Registry
  readonly limits: ReadonlyMap<string, Limits>
  readonly globalConcurrency: ReadonlyMap<string, number>
}

/** The queues of BullMQ that this process speaks to, opened when they are needed first. */
export class Places {
  readonly #open = new Map<string, Queue>()
  /** Functions that are in no registry, such as that of the self-test. */
  readonly #extra = new Map<string, Definition>()

  constructor(private readonly options: PlacesOptions) {}

  add(definition: Definition): void {
    if (!this.options.registry.find(definition.name)) this.#extra.set(definition.name, definition)
  }

  find(funcName: string): Definition | undefined {
    return this.options.registry.find(funcName) ?? this.#extra.get(funcName)
  }

  /** Where a task waits. */
  of({ funcName, queue }: Pick<TaskRecord, 'funcName' | 'queue'>): Place {
    return placeOf(this.find(funcName), queue, this.options.limits.get(queue))
  }

  /** Every place that functions of this process have tasks in, if nobody gives a task another queue. */
  all(): readonly Place[] {
    const { registry, limits } = this.options
    const places = new Map<string, Place>()
    for (const definition of [...registry.definitions(), ...this.#extra.values()]) {
      for (const queue of new Set([definition.request.queue, ...limits.keys()])) {
        const place = placeOf(definition, queue, limits.get(queue))
        places.set(place.name, place)
      }
    }
    return [...places.values()]
  }

  /** Whether a limit holds for the place, so that no job of it may be taken before it can run. */
  isLimited({ queue, concurrency, rateLimit }: Place): boolean {
    return concurrency !== null || rateLimit !== null || this.options.globalConcurrency.has(queue)
  }

  queue(driver: Driver, place: Place): Queue {
    const known = this.#open.get(place.name)
    if (known) return known
    if (this.#open.size >= maxOpen) throw new Error(`More than ${maxOpen} queues of BullMQ are in use`)
    const queue = driver.queue(place)
    this.#open.set(place.name, queue)
    return queue
  }

  /** What is said of a queue for all processes together. */
  async settle(queue: Queue, place: Place): Promise<void> {
    const limit = this.options.globalConcurrency.get(place.queue)
    if (limit !== undefined) await queue.setGlobalConcurrency(limit)
  }

  opened(): readonly Queue[] {
    return [...this.#open.values()]
  }

  async close(): Promise<void> {
    const queues = this.opened()
    this.#open.clear()
    await Promise.all(queues.map((queue) => queue.close().catch(() => undefined)))
  }
}
