import type { Definition } from '../../core/definition.ts'
import type { TaskRecord } from '../../core/record.ts'
import type { OutboxEntry } from '../../stores/outbox.ts'
import type { Write } from '../../stores/store.ts'
import type { Dispatcher, Ending, QueueHost } from '../queue.ts'
import { Crew } from './crew.ts'
import { Driver } from './driver.ts'
import { Feeder } from './feeder.ts'
import { Mender } from './mender.ts'
import { Newcomers } from './newcomers.ts'
import type { ParsedBullmq } from './options.ts'
import { Pauses } from './pauses.ts'
import { Places } from './places.ts'
import { Recent } from './recent.ts'
import { Relay } from './relay.ts'
import { Sweep } from './sweep.ts'
import { Turns } from './turn.ts'

/** How long is waited for the ends of jobs to be told when the process stops. */
const closeWithinMs = 1_000
/** How often is looked whether nothing waits any more, while somebody wants to know. */
const idlePollMs = 50

/** What makes a process part of a fleet: BullMQ hands out, the store says what is true. */
export class BullmqDispatcher implements Dispatcher {
  readonly concurrency: number
  readonly #places: Places
  readonly #recent = new Recent()
  readonly #mender: Mender
  readonly #feeder: Feeder
  readonly #relay: Relay
  readonly #pauses: Pauses
  readonly #sweep: Sweep
  readonly #idle = new Set<() => void>()
  #loading: Promise<Driver> | null = null
  #turns: Turns | null = null
  #crew: Crew | null = null
  #isWorking = false
  #isOver = false
  #isLooking = false
  #closing: Promise<void> = Promise.resolve()

  constructor(
    private readonly host: QueueHost,
    private readonly options: ParsedBullmq,
  ) {
    const { registry, queues: limits } = host
    this.concurrency = host.concurrency
    this.#places = new Places({ registry, limits, globalConcurrency: options.globalConcurrency })
    const driver = (): Promise<Driver> => this.#driver()
    const ways = { host, places: this.#places, options, driver }
    this.#mender = new Mender(ways)
    const mender = this.#mender
    this.#feeder = new Feeder({ host, newcomers: new Newcomers(ways), mender, onQuiet: () => this.settle() })
    this.#relay = new Relay(host, (taskIds) => mender.mend(taskIds, () => Promise.resolve(false)))
    this.#pauses = new Pauses({ host, places: this.#places, driver })
    this.#sweep = new Sweep({ host, places: this.#places, mender, driver, everyMs: options.sweepEvery })
  }

  get running(): number {
    return this.#turns?.running ?? 0
  }

  messages(write: Write): readonly OutboxEntry[] {
    return this.#relay.messages(write)
  }

  knows(taskId: string): boolean {
    return this.#turns?.has(taskId) === true
  }

  add(definition: Definition): void {
    this.#places.add(definition)
    if (this.#isWorking) this.#cover()
  }

  /** Also of a process that takes nothing: what others have left is brought to BullMQ. */
  async join(): Promise<void> {
    this.#relay.open()
  }

  async open(): Promise<void> {
    const { host, options } = this
    const driver = await this.#driver()
    this.#turns = new Turns({
      host,
      driver,
      places: this.#places,
      recent: this.#recent,
      isPaused: (queue) => this.#pauses.has(queue),
      mender: this.#mender,
    })
    const { lockDuration, tasksPerJob } = options
    this.#crew = new Crew({ host, driver, places: this.#places, turns: this.#turns, lockDuration, tasksPerJob })
    this.#isWorking = true
    this.#cover()
    this.#sweep.open()
  }

  close(): void {
    this.#isWorking = false
    this.#relay.close()
    this.#sweep.close()
    this.#turns?.close()
    // Waits for what runs: who ends the process lets that end, or interrupts it.
    this.#closing = (this.#crew?.close() ?? Promise.resolve()).catch((error: unknown) => this.#fault(error))
  }

  told(): Promise<void> {
    return this.#feeder.close()
  }

  async end(): Promise<void> {
    this.#isOver = true
    this.settle()
    await this.#within(this.#closing)
    await this.#within(this.#crew?.abandon() ?? Promise.resolve())
    await this.#within(this.#feeder.close())
    await this.#within(this.#places.close())
    const driver = await this.#loading?.catch(() => null)
    driver?.close()
  }

  /** Never here: it waits in BullMQ first. */
  reserve(): boolean {
    return false
  }

  vacate(): void {
    this.settle()
  }

  offer(record: TaskRecord): void {
    const cover = this.#relay.coverOf(record)
    if (cover === null) return this.withdraw(record)
    if (this.#isWorking) this.#recent.put(record)
    this.#feeder.add(record, cover)
  }

  withdraw(record: Pick<TaskRecord, 'taskId' | 'funcName' | 'queue'>): void {
    this.#recent.drop(record.taskId)
    this.#feeder.change(record.taskId, this.#places.of(record))
  }

  ending(record: TaskRecord, how: Ending): void {
    this.#turns?.ending(record, how)
  }

  settled(taskId: string, next: TaskRecord | null): void {
    this.#turns?.settled(taskId, next)
    this.settle()
  }

  /** BullMQ wakes its workers itself. */
  wake(): void {
    if (this.#isWorking) void this.#pauses.look()
  }

  goOn(): void {
    this.#turns?.goOn()
  }

  pause(queues: ReadonlySet<string>): Promise<void> {
    return this.#within(this.#pauses.set(queues))
  }

  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.add(resolve)
      this.settle()
    })
  }

  settle(): void {
    if (this.#idle.size === 0 || this.#isLooking) return
    this.#isLooking = true
    void this.#lookForIdle()
  }

  async #lookForIdle(): Promise<void> {
    const isIdle = this.#isOver || (await this.#isIdle())
    this.#isLooking = false
    if (isIdle) {
      for (const resolve of this.#idle) resolve()
      this.#idle.clear()
    } else this.host.clock.after(idlePollMs, () => this.settle())
  }

  async #isIdle(): Promise<boolean> {
    if (this.#feeder.isBusy || (this.#turns?.open ?? 0) + this.host.backlog.arriving > 0) return false
    // What waits is not waited for where nothing runs.
    if (!this.#isWorking) return true
    try {
      const driver = await this.#driver()
      const places = this.#places.all().filter(({ queue }) => !this.#pauses.has(queue))
      const queues = places.map((place) => this.#places.queue(driver, place))
      const busy = await Promise.all(
        queues.map(async (queue) => queue.getJobCountByTypes('waiting', 'prioritized', 'active')),
      )
      return busy.every((count) => count === 0)
    } catch (error) {
      this.#fault(error)
      return false
    }
  }

  #cover(): void {
    this.#crew?.cover().catch((error: unknown) => this.#fault(error))
  }

  #driver(): Promise<Driver> {
    this.#loading ??= Driver.load(this.options, (error) => this.#fault(error))
    return this.#loading
  }

  #fault(error: unknown): void {
    if (!this.#isOver) this.host.announcer.events.fault('BullMQ', error)
  }

  #within(step: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const callOff = this.host.clock.after(closeWithinMs, () => resolve())
      const done = (): void => {
        callOff()
        resolve()
      }
      step.then(done, done)
    })
  }
}
