import type { Queue } from 'bullmq'
import type { TaskRecord } from '../../core/record.ts'
import type { QueueHost } from '../queue.ts'
import { agree, stateOf, type Deed, type FoundJob } from './agree.ts'
import type { Driver } from './driver.ts'
import { jobOf, priorityOf } from './job.ts'
import type { ParsedBullmq } from './options.ts'
import type { Place } from './place.ts'
import type { Places } from './places.ts'

/** Jobs that are looked at one beside the other. */
const lookedAtOnce = 50

export interface MenderOptions {
  readonly host: QueueHost
  readonly places: Places
  readonly options: Pick<ParsedBullmq, 'keepCompleted' | 'keepFailed'>
  readonly driver: () => Promise<Driver>
}

/** Makes jobs agree with what the store says of their tasks. */
export class Mender {
  readonly #options: MenderOptions

  constructor(options: MenderOptions) {
    this.#options = options
  }

  /**
   * The jobs of these tasks; how many did not agree. A job is added unless `needsNoJob`. Rejects when BullMQ does not answer.
   */
  async mend(taskIds: readonly string[], needsNoJob: (record: TaskRecord) => Promise<boolean>): Promise<number> {
    let mended = 0
    for (let from = 0; from < taskIds.length; from += lookedAtOnce) {
      const portion = taskIds.slice(from, from + lookedAtOnce)
      const done = await Promise.all(portion.map((taskId) => this.agree(taskId, [], needsNoJob)))
      mended += done.filter(Boolean).length
    }
    return mended
  }

  /** The job of one task that is, or was, at these places; whether something had to be done. */
  async agree(
    taskId: string,
    before: readonly Place[],
    needsNoJob: (record: TaskRecord) => Promise<boolean>,
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
    if (deeds.includes('add') && (await needsNoJob(newest))) return true
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
        return job.changePriority({ priority: record ? priorityOf(record) : 0 }).catch(ignoreMoved)
      case 'retry':
        return job.retry('failed').catch(ignoreMoved)
      case 'replace':
        await job.remove()
        return record && this.#addOne(queue, record)
    }
  }

  async #addOne(queue: Queue, record: TaskRecord): Promise<void> {
    const { name, data, opts } = jobOf(record, { now: this.#options.host.clock.now(), ...this.#options.options })
    await queue.add(name, data, opts)
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
