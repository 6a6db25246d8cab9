import type { Job } from 'bullmq'
import type { Definition } from '../../core/definition.ts'
import { TaskError } from '../../core/errors.ts'
import { take } from '../../core/lifecycle.ts'
import type { TaskRecord } from '../../core/record.ts'
import { isDoubtful } from '../../run/doubts.ts'
import type { Door } from '../../run/gate.ts'
import type { QueueHost } from '../queue.ts'
import type { Driver } from './driver.ts'
import { taskIdOf } from './job.ts'
import type { Places } from './places.ts'
import { Reads } from './reads.ts'
import type { Recent } from './recent.ts'
import type { Seat } from './seat.ts'
import { decideTake, strangerPause, tell, type Take, type Told } from './verdict.ts'

/** A task that others keep changing is left to them after so many tries. */
const maxTries = 10
/** A job that cannot be worked on now comes again after so long. */
const pauseMs = 1_000

export interface TurnsOptions {
  readonly host: QueueHost
  readonly driver: Driver
  readonly places: Places
  readonly recent: Recent
  readonly isPaused: (queue: string) => boolean
}

/** A job that a worker has, and what BullMQ was told when it was given. */
interface Given {
  readonly job: Job
  readonly token: string
  readonly place: string
  readonly seat: Seat
}

/** Works off one job: asks the store, marks the task as running, has it run, and tells BullMQ what became of it. */
export class Turns {
  readonly #options: TurnsOptions
  readonly #reads: Reads
  /** Who waits for the end of an attempt here, by task. */
  readonly #waiting = new Map<string, ((next: TaskRecord | null) => void)[]>()
  /** The seats of those whose functions run here, by task. */
  readonly #seats = new Map<string, Seat>()

  #isClosing = false
  /** Who waits for room in a pool of workers. */
  readonly #atDoor: (() => void)[] = []

  constructor(options: TurnsOptions) {
    this.#options = options
    this.#reads = new Reads(options.host.store)
  }

  /** How many functions run here. */
  get running(): number {
    return this.#seats.size
  }

  /** How many tasks have begun here whose ends are not saved. */
  get open(): number {
    return this.#waiting.size
  }

  has(taskId: string): boolean {
    return this.#waiting.has(taskId)
  }

  /** Begins nothing any more: what BullMQ still gives goes back to where it waits. */
  close(): void {
    this.#isClosing = true
    this.goOn()
  }

  /** There may be room in a pool of workers. */
  goOn(): void {
    for (const look of this.#atDoor.splice(0)) look()
  }

  /** The function is over, which is not saved yet. */
  ending(taskId: string): void {
    this.#seats.get(taskId)?.ran()
    this.#seats.delete(taskId)
  }

  /** The end of an attempt is saved, or given up. */
  settled(taskId: string, next: TaskRecord | null): void {
    const waiting = this.#waiting.get(taskId) ?? []
    this.#waiting.delete(taskId)
    this.#seats.delete(taskId)
    this.#options.driver.gather()
    for (const resolve of waiting) resolve(next)
  }

  /** Rejects only with what tells BullMQ what to do with the job. */
  async process(job: Job, token: string, place: string, seat: Seat): Promise<null> {
    const taskId = taskIdOf(job.data)
    if (taskId === null) throw new this.#errors.UnrecoverableError('This is no job of Taskloom')
    const told = await this.#work({ job, token, place, seat }, taskId).catch((error: unknown): Told => {
      const { announcer, clock } = this.#options.host
      announcer.events.fault('working on a job', error, taskId)
      return { kind: 'delayed', at: clock.now() + pauseMs }
    })
    return this.#answer(told, job, token)
  }

  get #errors() {
    return this.#options.driver.bullmq
  }

  async #work(given: Given, taskId: string): Promise<Told> {
    const { host, recent } = this.#options
    for (let tries = 0; tries < maxTries; tries += 1) {
      // What was not begun is somebody else's.
      if (this.#isClosing) return { kind: 'waiting' }
      const known = recent.take(taskId)
      // What is remembered may have changed elsewhere: it is good for a start alone, which the store refuses then.
      const isGood = known !== undefined && this.#decide(given, known).kind === 'take'
      const told = await this.#act(given, taskId, isGood ? known : await this.#reads.get(taskId))
      if (told) return told
    }
    return { kind: 'delayed', at: host.clock.now() + pauseMs }
  }

  #decide({ job, place }: Given, record: TaskRecord, isHeld = false): Take {
    const { host, places } = this.#options
    const now = host.clock.now()
    const circumstances = { now, isHere: host.runs(record.taskId), isHeld, place: places.of(record).name }
    return decideTake(record, { place, attemptsMade: job.attemptsMade }, circumstances)
  }

  /** Null when the task has changed meanwhile. */
  async #act(given: Given, taskId: string, record: TaskRecord | undefined): Promise<Told | null> {
    const { host } = this.#options
    const { job } = given
    if (!record) return { kind: 'completed' }
    const decided = this.#decide(given, record, record.status === 'running' && (await this.#isHeld(record)))
    switch (decided.kind) {
      case 'take':
        return this.#take(given, record)
      case 'join':
        return this.#ended(job, record, await this.#end(taskId))
      case 'interrupt':
        await host.interrupt(record, 'Its worker did not answer any more')
        return null
      case 'retry':
        await host.retry(taskId)
        return { kind: 'completed' }
      case 'later':
        return { kind: 'delayed', at: decided.at }
      case 'discard':
        return { kind: 'completed' }
    }
  }

  /** Whether another process that lives runs it, which is stored as running. */
  #isHeld({ taskId, workerId }: TaskRecord): boolean | Promise<boolean> {
    const { host } = this.#options
    return workerId !== null && !host.runs(taskId) && host.isAlive(workerId)
  }

  async #take({ job, seat }: Given, record: TaskRecord): Promise<Told | null> {
    const { host } = this.#options
    if (this.#isClosing || !(await seat.enter())) return { kind: 'waiting' }
    const definition = this.#options.places.find(record.funcName)
    // BullMQ may not have heard of it yet.
    if (this.#options.isPaused(record.queue)) return { kind: 'delayed', at: host.clock.now() + pauseMs }
    if (!definition) return { kind: 'delayed', at: host.clock.now() + strangerPause(record, host.clock.now()) }
    const door = host.doorOf(definition)
    if (this.#isFull(door)) await this.#room(door)
    if (this.#isClosing) return { kind: 'waiting' }
    const next = await this.#runThrough(door, record, definition, seat)
    return next && this.#ended(job, next.running, next.ended)
  }

  /** Null when the task was somebody else's by then. */
  async #runThrough(door: Door | null, record: TaskRecord, definition: Definition, seat: Seat) {
    door?.enter()
    try {
      const running = await this.#begin(record)
      if (running === null) return null
      const end = this.#end(record.taskId)
      this.#seats.set(record.taskId, seat)
      this.#options.host.start(running, definition)
      return { running, ended: await end }
    } finally {
      door?.leave(false)
      this.goOn()
    }
  }

  /** Waits until there is room in the function's pool of workers, and others take this process for alive. */
  async #room(door: Door | null): Promise<void> {
    while (this.#isFull(door) && !this.#isClosing) await new Promise<void>((resolve) => this.#atDoor.push(resolve))
  }

  #isFull(door: Door | null): boolean {
    return door?.isClosed === true || !this.#options.host.isPresent()
  }

  /** The task as it is stored as running here; null when it was somebody else's by then. */
  #begin(record: TaskRecord): Promise<TaskRecord | null> {
    const { writes, workerId, clock, announcer, doubt } = this.#options.host
    const taken = take(record, { workerId, now: clock.now() })
    return new Promise((resolve, reject) => {
      writes.save(taken, (written) => {
        if (written instanceof TaskError) {
          if (isDoubtful(written)) doubt(record.taskId)
          return reject(written)
        }
        if (written !== null) announcer.saved(taken.next, taken.previous)
        resolve(written === null ? null : taken.next)
      })
    })
  }

  #end(taskId: string): Promise<TaskRecord | null> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(taskId)
      if (waiting) waiting.push(resolve)
      else this.#waiting.set(taskId, [resolve])
    })
  }

  async #ended(job: Job, running: TaskRecord, next: TaskRecord | null): Promise<Told> {
    // Somebody took the task for lost and made of it what the store says now.
    const now = next ?? (await this.#options.host.store.tasks.get(running.taskId)) ?? null
    const isLast = job.attemptsMade + 1 >= (job.opts.attempts ?? 1)
    return tell(running, now?.status === 'running' ? null : now, isLast)
  }

  /** Moves the job where it belongs, by the ways of BullMQ. */
  async #answer(told: Told, job: Job, token: string): Promise<null> {
    const { UnrecoverableError, DelayedError, WaitingError } = this.#errors
    switch (told.kind) {
      case 'completed':
        return null
      case 'ended':
        throw new UnrecoverableError(told.why)
      case 'failed':
        throw new RetriedError(told.why, told.retryAt)
      case 'delayed':
        await this.#giveBack(job, () => job.moveToDelayed(told.at, token))
        throw new DelayedError()
      case 'waiting':
        await this.#giveBack(job, () => job.moveToWait(token))
        throw new WaitingError()
    }
  }

  /**
   * BullMQ would take an error for one of the job and keep that as failed, whatever becomes of its task. So the job stays
   * where it is, and comes again when its lock has run out.
   */
  async #giveBack(job: Job, move: () => Promise<unknown>): Promise<void> {
    try {
      await move()
    } catch (error) {
      this.#options.host.announcer.events.fault('giving a job back', error, taskIdOf(job.data))
    }
  }
}

/** An attempt has failed and there is another one: BullMQ counts it, and waits as long as we say. */
export class RetriedError extends Error {
  override readonly name = 'RetriedError'

  constructor(
    message: string,
    readonly retryAt: number,
  ) {
    super(message)
  }
}
