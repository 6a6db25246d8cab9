import { anyTask, type TaskFilter } from '@taskloom/protocol'
import { IdSource } from '../../core/ids.ts'
import type { TaskRecord } from '../../core/record.ts'
import type { QueueHost } from '../queue.ts'
import { Batches } from './batch.ts'
import type { Driver } from './driver.ts'
import { LookBack } from './look-back.ts'
import type { Mender } from './mender.ts'
import type { Places } from './places.ts'

/** What only one process of the fleet does at a time has a place of its own among the schedules. */
const slotName = 'taskloom:bullmq-sweep'
/** A task that was stored so many rounds ago or less is still on its way. */
const youngRounds = 2
const portion = 200
/** Tasks that are looked at for each second between two rounds; the next round begins behind them. */
const perSecond = 300

export interface SweepOptions {
  readonly host: QueueHost
  readonly places: Places
  readonly mender: Mender
  readonly driver: () => Promise<Driver>
  readonly everyMs: number
}

/**
 * Compares waiting tasks with their jobs, a few thousand at a time: a Redis that lost its last second, or another tool, may
 * have made them differ. A job that somebody has removed is a task that is cancelled. Any other that is missing is added
 * again, also after a queue was obliterated: no task is lost because its job is.
 */
export class Sweep {
  readonly #options: SweepOptions
  /** Ids that say no more than when. */
  readonly #ids = new IdSource(() => undefined)
  #after: string | null = null
  #isOpen = false
  #callOff: () => void = () => undefined

  constructor(options: SweepOptions) {
    this.#options = options
  }

  open(): void {
    this.#isOpen = true
    this.#schedule()
  }

  close(): void {
    this.#isOpen = false
    this.#callOff()
  }

  #schedule(): void {
    const { host, everyMs } = this.#options
    if (this.#isOpen) this.#callOff = host.clock.after(everyMs, () => void this.#turn())
  }

  async #turn(): Promise<void> {
    const { announcer } = this.#options.host
    try {
      if (await this.#isMine()) await this.#sweep()
    } catch (error) {
      if (this.#isOpen) announcer.events.fault('comparing tasks with BullMQ', error)
    }
    this.#schedule()
  }

  /** Whether this process is the first to come at this slot. */
  async #isMine(): Promise<boolean> {
    const { host, everyMs } = this.#options
    const { store, clock } = host
    const slotAt = Math.floor(clock.now() / everyMs) * everyMs
    const state = await store.schedules.get(slotName)
    if (!state) await store.schedules.put({ name: slotName, isPaused: false, lastSlotAt: null, missed: 0 })
    return store.schedules.advance(slotName, slotAt, 0)
  }

  async #sweep(): Promise<void> {
    const { host, mender, driver, everyMs } = this.#options
    const filter: TaskFilter = { ...anyTask, statuses: ['pending'] }
    const until = this.#ids.next(host.clock.now() - youngRounds * everyMs)
    const lookBack = new LookBack((await driver()).losesNothing)
    const batches = new Batches()
    const most = (perSecond * everyMs) / 1_000
    for (let looked = 0; looked < most && this.#isOpen; looked += portion) {
      const { taskIds, next } = await host.store.views.ids({ filter, after: this.#after, until, limit: portion })
      await mender.mend(taskIds, (record) => this.#needsNoJob(record, lookBack, batches))
      this.#after = next
      if (next === null) return
    }
  }

  /** Whether a task that has no job shares one, or somebody has removed it: then the task is cancelled. */
  async #needsNoJob(record: TaskRecord, lookBack: LookBack, batches: Batches): Promise<boolean> {
    const { host, places, driver } = this.#options
    const queue = places.queue(await driver(), places.of(record))
    if (await batches.mayHold(queue, record.taskId)) return true
    if (!(await lookBack.wasRemoved(queue, record.taskId))) return false
    await host.cancel(record.taskId, 'its job was removed from BullMQ')
    return true
  }
}
