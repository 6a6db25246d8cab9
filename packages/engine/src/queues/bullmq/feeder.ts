import type { TaskRecord } from '../../core/record.ts'
import type { QueueHost } from '../queue.ts'
import type { Mender } from './mender.ts'
import type { Newcomers } from './newcomers.ts'
import type { Place } from './place.ts'
import type { Cover } from './spell.ts'

/** Tasks that have changed and are looked at one beside the other. */
const lookedAtOnce = 50
/** What could not be done is tried again, ever more rarely. */
const firstPauseMs = 100
const longestPauseMs = 5_000

export interface FeederOptions {
  readonly host: QueueHost
  readonly newcomers: Newcomers
  readonly mender: Mender
  /** Everything is there. */
  readonly onQuiet: () => void
}

/** Brings to BullMQ what the store says: in batches, again until it is there, the newest word about each task. */
export class Feeder {
  readonly #options: FeederOptions
  /** Tasks that have changed, with the places where they have waited. */
  readonly #changed = new Map<string, Map<string, Place>>()
  #round: Promise<void> | null = null
  #isClosed = false
  #callOff: () => void = () => undefined

  constructor(options: FeederOptions) {
    this.#options = options
  }

  /** Whether something is on its way. */
  get isBusy(): boolean {
    return this.#round !== null || this.#hasMore
  }

  /** A new task. */
  add(record: TaskRecord, cover: Cover): void {
    this.#options.newcomers.put(record, cover)
    this.#wake()
  }

  /** The job of a task may not be what it should be any more; it is or was at `place`. */
  change(taskId: string, place: Place): void {
    const places = this.#changed.get(taskId) ?? new Map<string, Place>()
    places.set(place.name, place)
    this.#changed.set(taskId, places)
    this.#wake()
  }

  /** Tries no more; what is not there yet is kept by its message. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#callOff()
    await this.#round
  }

  get #hasMore(): boolean {
    return this.#options.newcomers.size + this.#changed.size > 0
  }

  #wake(): void {
    if (this.#round || this.#isClosed) return
    this.#round = new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#feed())
  }

  async #feed(pauseMs = firstPauseMs): Promise<void> {
    let wait: number | null = null
    try {
      while (this.#hasMore) {
        await this.#options.newcomers.add()
        await Promise.all([...this.#changed].slice(0, lookedAtOnce).map((entry) => this.#change(...entry)))
      }
    } catch (error) {
      this.#options.host.announcer.events.fault('adding jobs to BullMQ', error)
      wait = pauseMs
    }
    this.#round = null
    if (this.#isClosed) return
    if (wait !== null) {
      const next = Math.min(longestPauseMs, wait * 2)
      this.#round = new Promise<void>((resolve) => (this.#callOff = this.#after(wait, resolve))).then(() =>
        this.#feed(next),
      )
    } else if (this.#hasMore) this.#wake()
    else this.#options.onQuiet()
  }

  #after(delayMs: number, act: () => void): () => void {
    const callOff = this.#options.host.clock.after(delayMs, act)
    // Who closes does not wait for the pause.
    return () => {
      callOff()
      act()
    }
  }

  /** A change that comes meanwhile is one more. */
  async #change(taskId: string, places: ReadonlyMap<string, Place>): Promise<void> {
    this.#changed.delete(taskId)
    try {
      await this.#options.mender.agree(taskId, [...places.values()], () => Promise.resolve(false))
    } catch (error) {
      this.#changed.set(taskId, new Map([...places, ...(this.#changed.get(taskId) ?? [])]))
      throw error
    }
  }
}
