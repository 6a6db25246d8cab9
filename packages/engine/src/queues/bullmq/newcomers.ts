import type { TaskRecord } from '../../core/record.ts'
import type { QueueHost } from '../queue.ts'
import type { Driver } from './driver.ts'
import { jobsOf } from './batch.ts'
import type { JobTerms } from './job.ts'
import type { ParsedBullmq } from './options.ts'
import type { Place } from './place.ts'
import type { Places } from './places.ts'
import { recipient } from './relay.ts'
import type { Cover } from './spell.ts'

/** Jobs that are added in one go. */
const addedAtOnce = 500
/** New tasks in memory at most. */
const maxFresh = 100_000

export interface NewcomersOptions {
  readonly host: QueueHost
  readonly places: Places
  readonly options: Pick<ParsedBullmq, 'keepCompleted' | 'keepFailed' | 'tasksPerJob'>
  readonly driver: () => Promise<Driver>
}

/** A new task whose job is to be added, with what keeps that from being forgotten. */
interface Fresh {
  readonly record: TaskRecord
  readonly cover: Cover
}

interface Group {
  readonly place: Place
  readonly records: TaskRecord[]
}

/** New tasks whose jobs are still to be added, many in one go. */
export class Newcomers {
  readonly #options: NewcomersOptions
  readonly #fresh = new Map<string, Fresh>()

  constructor(options: NewcomersOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#fresh.size
  }

  /** While BullMQ is away only so many are kept here: the others are brought by their messages, which the store has. */
  put(record: TaskRecord, cover: Cover): void {
    if (this.#fresh.size >= maxFresh) return
    this.#fresh.set(record.taskId, { record, cover })
  }

  /** Adds the jobs of those that have waited for longest. Rejects when BullMQ does not answer. */
  async add(): Promise<void> {
    if (this.size === 0) return
    const batch = [...this.#fresh.values()].slice(0, addedAtOnce)
    const driver = await this.#options.driver()
    await Promise.all(this.#groups(batch).map((group) => this.#addGroup(driver, group)))
    for (const { record } of batch) this.#fresh.delete(record.taskId)
    this.#forget(batch.flatMap(({ cover }) => (cover.brought() ? [cover.messageId] : [])))
  }

  #groups(batch: readonly Fresh[]): readonly Group[] {
    const byPlace = new Map<string, Group>()
    for (const { record } of batch) {
      const place = this.#options.places.of(record)
      const group = byPlace.get(place.name) ?? { place, records: [] }
      group.records.push(record)
      byPlace.set(place.name, group)
    }
    return [...byPlace.values()]
  }

  async #addGroup(driver: Driver, { place, records }: Group): Promise<void> {
    const { host, places, options } = this.#options
    const { keepCompleted, keepFailed } = options
    const terms: JobTerms = { now: host.clock.now(), keepCompleted, keepFailed }
    // BullMQ counts jobs: where a limit holds each task has its own.
    const tasksPerJob = places.isLimited(place) ? 1 : options.tasksPerJob
    await places.queue(driver, place).addBulk([...jobsOf(records, tasksPerJob, terms)])
  }

  /** A message that stays brings the task once more: its job is there, or the store says that there is nothing to run. */
  #forget(messageIds: readonly string[]): void {
    const { store, announcer } = this.#options.host
    if (messageIds.length === 0) return
    store.outbox.delivered(messageIds, recipient).catch((error: unknown) => {
      announcer.events.fault('forgetting messages to BullMQ', error)
    })
  }
}
