import type { Job } from 'bullmq'
import type { Definition } from '../../core/definition.ts'
import { TaskError } from '../../core/errors.ts'
import { take } from '../../core/lifecycle.ts'
import type { TaskRecord } from '../../core/record.ts'
import { isDoubtful } from '../../run/doubts.ts'
import type { Door } from '../../run/gate.ts'
import type { Ending, QueueHost } from '../queue.ts'
import { Answers } from './answers.ts'
import type { Driver } from './driver.ts'
import type { Mender } from './mender.ts'
import type { Place } from './place.ts'
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
  readonly mender: Mender
}

/** A task of a job that a worker has. */
export interface Member {
  readonly taskId: string
  readonly seat: Seat
}

/** The same, with what BullMQ says of the job. */
interface Given extends Member {
  readonly place: string
  readonly attemptsMade: number
  /** Whether BullMQ makes no further attempt by itself. */
  readonly isLast: boolean
}

/** Works off one job: asks the store, marks its tasks as running, has them run, and tells BullMQ what became of them. */
export class Turns {
  readonly #options: TurnsOptions
  readonly #reads: Reads
  readonly #answers: Answers
  /** Who waits for the end of an attempt here, by task. */
  readonly #waiting = new Map<string, ((next: TaskRecord | null) => void)[]>()
  /** The seats of those whose functions run here, by task. */
  readonly #seats = new Map<string, Seat>()
  /** Functions that were over when they returned, the last time. */
  readonly #prompt = new Set<string>()
  #isClosing = false
  /** Who waits for room in a pool of workers. */
  readonly #atDoor: (() => void)[] = []

  constructor(options: TurnsOptions) {
    this.#options = options
    this.#reads = new Reads(options.host.store)
    this.#answers = new Answers(options.driver, options.host)
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
  ending({ taskId, funcName }: TaskRecord, how: Ending): void {
    const isPrompt = how === 'prompt'
    if (isPrompt) this.#prompt.add(funcName)
    else this.#prompt.delete(funcName)
    this.#seats.get(taskId)?.ran(isPrompt)
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
  async process(job: Job, token: string, place: Place, members: readonly Member[]): Promise<null> {
    const [first, ...others] = members
    const told =
      first !== undefined && others.length === 0
        ? await this.#alone(job, place, first)
        : await this.#share(place, members)
    return this.#answers.give(told, job, token)
  }

  #alone({ attemptsMade, opts }: Job, { name }: Place, member: Member): Promise<Told> {
    return this.#surely({ ...member, place: name, attemptsMade, isLast: attemptsMade + 1 >= (opts.attempts ?? 1) })
  }

  /** Each task by itself: what is not over after one attempt goes on with a job of its own. */
  async #share(place: Place, members: readonly Member[]): Promise<Told> {
    const isLimited = this.#options.places.isLimited(place)
    const isDone = await Promise.all(
      members.map(async (member) => {
        // BullMQ has counted one job: as many as may run at once, it does not know.
        if (isLimited) return this.#partWith(member)
        const told = await this.#surely({ ...member, place: place.name, attemptsMade: 0, isLast: true })
        member.seat.close()
        if (told.kind === 'completed' || told.kind === 'ended') return true
        return !this.#isClosing && this.#partWith(member)
      }),
    )
    return isDone.includes(false) ? { kind: 'waiting' } : { kind: 'completed' }
  }

  /** Gives the task a job of its own if it waits; false when that cannot be done now. */
  async #partWith({ taskId }: Member): Promise<boolean> {
    try {
      await this.#options.mender.mend([taskId], () => Promise.resolve(false))
      return true
    } catch (error) {
      this.#options.host.announcer.events.fault('giving a task a job of its own', error, taskId)
      return false
    }
  }

  /** Never rejects: what goes wrong here is tried again. */
  async #surely(given: Given): Promise<Told> {
    try {
      return await this.#work(given)
    } catch (error) {
      const { announcer, clock } = this.#options.host
      announcer.events.fault('working on a job', error, given.taskId)
      return { kind: 'delayed', at: clock.now() + pauseMs }
    }
  }

  async #work(given: Given): Promise<Told> {
    const { host, recent } = this.#options
    const { taskId } = given
    for (let tries = 0; tries < maxTries; tries += 1) {
      // What was not begun is somebody else's.
      if (this.#isClosing) return { kind: 'waiting' }
      const known = recent.take(taskId)
      // What is remembered may have changed elsewhere: it is good for a start alone, which the store refuses then.
      const isGood = known !== undefined && this.#decide(given, known).kind === 'take'
      const told = await this.#act(given, isGood ? known : await this.#reads.get(taskId))
      if (told) return told
    }
    return { kind: 'delayed', at: host.clock.now() + pauseMs }
  }

  #decide({ place, attemptsMade }: Given, record: TaskRecord, isHeld = false): Take {
    const { host, places } = this.#options
    const now = host.clock.now()
    const circumstances = { now, isHere: host.runs(record.taskId), isHeld, place: places.of(record).name }
    return decideTake(record, { place, attemptsMade }, circumstances)
  }

  /** Null when the task has changed meanwhile. */
  async #act(given: Given, record: TaskRecord | undefined): Promise<Told | null> {
    const { host } = this.#options
    const { taskId } = given
    if (!record) return { kind: 'completed' }
    const decided = this.#decide(given, record, record.status === 'running' && (await this.#isHeld(record)))
    switch (decided.kind) {
      case 'take':
        return this.#take(given, record)
      case 'join':
        return this.#ended(given, record, await this.#end(taskId))
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

  async #take(given: Given, record: TaskRecord): Promise<Told | null> {
    const { host } = this.#options
    const { seat } = given
    const isPrompt = this.#prompt.has(record.funcName) && !host.isBehind()
    if (this.#isClosing || !(await seat.enter(isPrompt))) return { kind: 'waiting' }
    const definition = this.#options.places.find(record.funcName)
    // BullMQ may not have heard of it yet.
    if (this.#options.isPaused(record.queue)) return { kind: 'delayed', at: host.clock.now() + pauseMs }
    if (!definition) return { kind: 'delayed', at: host.clock.now() + strangerPause(record, host.clock.now()) }
    const door = host.doorOf(definition)
    if (this.#isFull(door)) await this.#room(door)
    if (this.#isClosing) return { kind: 'waiting' }
    const next = await this.#runThrough(door, record, definition, seat)
    return next && this.#ended(given, next.running, next.ended)
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

  async #ended({ isLast }: Given, running: TaskRecord, next: TaskRecord | null): Promise<Told> {
    // Somebody took the task for lost and made of it what the store says now.
    const now = next ?? (await this.#options.host.store.tasks.get(running.taskId)) ?? null
    return tell(running, now?.status === 'running' ? null : now, isLast)
  }
}
