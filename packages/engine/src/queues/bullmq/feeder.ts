import type { Queue } from 'bullmq'
import type { TaskRecord } from '../../core/record.ts'
import type { QueueHost } from '../queue.ts'
import { agree, stateOf, type Deed, type FoundJob } from './agree.ts'
import type { Driver } from './driver.ts'
import { jobOf, priorityOf, type JobTerms } from './job.ts'
import { recipient } from './relay.ts'
import type { ParsedBullmq } from './options.ts'
import type { Place } from './place.ts'
import type { Places } from './places.ts'

/** Jobs that are added in one go. */
const addedAtOnce = 500
/** New tasks in memory at most. */
const maxFresh = 100_000
/** Jobs that are looked at one beside the other. */
const lookedAtOnce = 50
/** What could not be done is tried again, ever more rarely. */
const firstPauseMs = 100
const longestPauseMs = 5_000

export interface FeederOptions {
  readonly host: QueueHost
  readonly places: Places
  readonly options: Pick<ParsedBullmq, 'keepCompleted' | 'keepFailed'>
  readonly driver: () => Promise<Driver>
  /** Everything is there. */
  readonly onQuiet: () => void
}

/** A new task whose job is to be added, with the message that keeps that from being forgotten; null without one. */
interface Fresh {
  readonly record: TaskRecord
  readonly messageId: string | null
}

/** Brings to BullMQ what the store says: in batches, again until it is there, the newest word about each task. */
export class Feeder {
  readonly #options: FeederOptions
  readonly #fresh = new Map<string, Fresh>()
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
    return this.#round !== null || this.#fresh.size + this.#changed.size > 0
  }

  /** A new task. While BullMQ is away only so many are kept here: the others are brought by their messages, which the store has. */
  add(record: TaskRecord, messageId: string | null): void {
    if (messageId !== null && this.#fresh.size >= maxFresh) return
    this.#fresh.set(record.taskId, { record, messageId })
    this.#wake()
  }

  /** The job of a task may not be what it should be any more; it is or was at `place`. */
  change(taskId: string, place: Place): void {
    const places = this.#changed.get(taskId) ?? new Map<string, Place>()
    places.set(place.name, place)
    this.#changed.set(taskId, places)
    this.#wake()
  }

  /** Makes the jobs of these tasks agree with them now; how many did not. Rejects when BullMQ does not answer. */
  async mend(taskIds: readonly string[], isRemoved: (record: TaskRecord) => Promise<boolean>): Promise<number> {
    let mended = 0
    for (let from = 0; from < taskIds.length; from += lookedAtOnce) {
      const portion = taskIds.slice(from, from + lookedAtOnce)
      const done = await Promise.all(portion.map((taskId) => this.#agree(taskId, [], isRemoved)))
      mended += done.filter(Boolean).length
    }
    return mended
  }

  /** Tries no more; what is not there yet is kept by its message. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#callOff()
    await this.#round
  }

  #wake(): void {
    if (this.#round || this.#isClosed) return
    this.#round = new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#feed())
  }

  async #feed(pauseMs = firstPauseMs): Promise<void> {
    let wait: number | null = null
    try {
      while (this.#fresh.size + this.#changed.size > 0) {
        if (this.#fresh.size > 0) await this.#addBatch([...this.#fresh.values()].slice(0, addedAtOnce))
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
    } else if (this.#fresh.size + this.#changed.size > 0) this.#wake()
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

  async #addBatch(batch: readonly Fresh[]): Promise<void> {
    const { places, host } = this.#options
    const driver = await this.#options.driver()
    const byPlace = new Map<string, { place: Place; records: TaskRecord[] }>()
    for (const { record } of batch) {
      const place = places.of(record)
      const group = byPlace.get(place.name) ?? { place, records: [] }
      group.records.push(record)
      byPlace.set(place.name, group)
    }
    await Promise.all(
      [...byPlace.values()].map(({ place, records }) =>
        places.queue(driver, place).addBulk(records.map((record) => jobOf(record, this.#terms()))),
      ),
    )
    for (const { record } of batch) this.#fresh.delete(record.taskId)
    const messageIds = batch.flatMap(({ messageId }) => messageId ?? [])
    if (messageIds.length === 0) return
    // A message that stays brings the task once more: its job is there, or the store says that there is nothing to run.
    host.store.outbox.delivered(messageIds, recipient).catch((error: unknown) => {
      host.announcer.events.fault('forgetting messages to BullMQ', error)
    })
  }

  /** A change that comes meanwhile is one more. */
  async #change(taskId: string, places: ReadonlyMap<string, Place>): Promise<void> {
    this.#changed.delete(taskId)
    try {
      await this.#agree(taskId, [...places.values()], () => Promise.resolve(false))
    } catch (error) {
      this.#changed.set(taskId, new Map([...places, ...(this.#changed.get(taskId) ?? [])]))
      throw error
    }
  }

  /** Whether something had to be done. */
  async #agree(
    taskId: string,
    before: readonly Place[],
    isRemoved: (record: TaskRecord) => Promise<boolean>,
  ): Promise<boolean> {
    const { host, places } = this.#options
    const driver = await this.#options.driver()
    const record = await host.store.tasks.get(taskId)
    const own = record && places.of(record)
    for (const place of before) {
      if (place.name !== own?.name) await this.#do(places.queue(driver, place), taskId, undefined, ['remove'])
    }
    if (!record || !own) return false
    const queue = places.queue(driver, own)
    const job = await find(queue, taskId)
    if (agree(record, job, host.clock.now()).length === 0) return false
    // The task may have run while its job was looked for: what is done rests on a record that is newer than the job.
    const newest = await host.store.tasks.get(taskId)
    if (!newest || places.of(newest).name !== own.name) return false
    const deeds = agree(newest, job, host.clock.now())
    if (deeds.includes('add') && (await isRemoved(newest))) return true
    await this.#do(queue, taskId, newest, deeds)
    return deeds.length > 0
  }

  async #do(queue: Queue, taskId: string, record: TaskRecord | undefined, deeds: readonly Deed[]): Promise<void> {
    for (const deed of deeds) await this.#doOne(queue, taskId, record, deed)
  }

  async #doOne(queue: Queue, taskId: string, record: TaskRecord | undefined, deed: Deed): Promise<void> {
    if (deed === 'add') return record && this.#addOne(queue, record)
    const job = await queue.getJob(taskId)
    if (!job) return
    switch (deed) {
      case 'remove':
        // A worker that has it asks the store, and finds that there is nothing to run.
        return job.remove().catch(ignoreMoved)
      case 'promote':
        return job.promote().catch(ignoreMoved)
      case 'prioritize':
        return job.changePriority({ priority: (record && priorityOf(record)) ?? 0 }).catch(ignoreMoved)
      case 'retry':
        return job.retry('failed').catch(ignoreMoved)
      case 'replace':
        await job.remove()
        return record && this.#addOne(queue, record)
    }
  }

  async #addOne(queue: Queue, record: TaskRecord): Promise<void> {
    const { name, data, opts } = jobOf(record, this.#terms())
    await queue.add(name, data, opts)
  }

  #terms(): JobTerms {
    return { now: this.#options.host.clock.now(), ...this.#options.options }
  }
}

async function find(queue: Queue, taskId: string): Promise<FoundJob | null> {
  const job = await queue.getJob(taskId)
  const state = job ? stateOf(await job.getState()) : null
  return job && state ? { state, priority: job.priority } : null
}

/** A worker was given the job meanwhile, or it has ended: then there is nothing to be done to it any more. */
function ignoreMoved(error: unknown): void {
  if (error instanceof Error && /lock|is not in the|missing key/i.test(error.message)) return
  throw error
}
