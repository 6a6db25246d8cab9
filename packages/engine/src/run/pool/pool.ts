import type { Clock } from '../../core/clock.ts'
import type { Definition, ModuleTarget } from '../../core/definition.ts'
import { describeThrown } from '../../core/error-text.ts'
import { TaskError } from '../../core/errors.ts'
import type { AttemptCall } from '../attempt.ts'
import type { Door } from '../gate.ts'
import { deathError } from './death.ts'
import { Job, type JobHost } from './job.ts'
import { Load, Pace, whole } from './pace.ts'
import { StallWatch } from './stall-watch.ts'
import { WorkerSlot, type SlotHost } from './worker-slot.ts'
import type { OpenWorker } from './worker-port.ts'

/** A worker that had nothing to do for so long is ended. */
const idleMs = 30_000

export interface PoolOptions {
  readonly clock: Clock
  /** Calls that are made at once. */
  readonly max: number
  /** Calls that one worker may have been given at once, of which it makes one. */
  readonly maxDepth: number
  readonly memoryMb: number | null
  readonly open: OpenWorker
  /** There may be room for more although no call has ended. */
  readonly onRoom: () => void
}

/**
 * Workers of one kind: started when they are needed, kept warm for the next call, replaced when they die. The dispatcher
 * starts no more tasks than {@link doorOf} lets through. Each worker is given one, or several short ones so that it need
 * not wait for the host in between; those behind one that turns out to be long are given to others, or back.
 */
export class Pool implements SlotHost, JobHost {
  readonly #options: PoolOptions
  readonly #load: Load
  readonly #paces = new Map<Definition, Pace>()
  /** The one that was used last is used next, so that surplus ones become idle. */
  readonly #idle: { readonly slot: WorkerSlot; readonly callOff: () => void }[] = []
  readonly #usable = new Set<WorkerSlot>()
  /** Killed, but not gone: they may hang in native code. */
  readonly #going = new Set<WorkerSlot>()
  /** Calls that no worker has been given, in order. */
  readonly #waiting: Job[] = []
  readonly #stalls: StallWatch
  readonly #closing = new Set<() => void>()
  #growsAgainAt = Number.NEGATIVE_INFINITY
  #isClosed = false

  constructor(options: PoolOptions) {
    this.#options = options
    this.#load = new Load(options.max)
    this.#stalls = new StallWatch(options.clock, this.#load, options.onRoom, () => this.#look())
  }

  /** What lets the tasks of one function in. */
  doorOf(definition: Definition): Door {
    return this.#paceOf(definition)
  }

  /** Resolves with the packed result, or rejects with what was thrown there or why the worker died. */
  execute(call: AttemptCall, target: ModuleTarget): Promise<unknown> {
    const pace = this.#paceOf(call.definition)
    return new Promise((resolve, reject) => this.#assign(new Job(call, target, pace, this, resolve, reject)))
  }

  close(): Promise<void> {
    this.#isClosed = true
    this.#stalls.close()
    for (const { callOff } of this.#idle) callOff()
    for (const slot of [...this.#usable]) slot.kill()
    for (const job of this.#waiting.splice(0)) job.reject(closed())
    if (this.#going.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#closing.add(resolve))
  }

  /** Gives back what no worker has begun of these queues. */
  holdBack(queues: ReadonlySet<string>): void {
    const given = [...this.#usable].flatMap((slot) => slot.jobs())
    for (const job of [...given, ...this.#waiting]) {
      if (queues.has(job.call.record.queue) && this.withdraw(job)) job.giveBack()
    }
  }

  withdraw(job: Job): boolean {
    const { slot } = job
    if (slot) {
      if (!slot.withdraw(job)) return false
      // One that had not even begun its only task is believed to be free when it says so.
      if (slot.size === 0 && slot.isReady) this.#stalls.doubt(slot)
      else if (this.#usable.has(slot)) this.#hasLess(slot)
      return true
    }
    const index = this.#waiting.indexOf(job)
    if (index >= 0) this.#waiting.splice(index, 1)
    return index >= 0
  }

  onRoom(slot: WorkerSlot): void {
    this.#stalls.moved(slot)
    this.#hasLess(slot)
  }

  onSpent(slot: WorkerSlot, unbegun: readonly Job[]): void {
    this.#stalls.moved(slot)
    this.#usable.delete(slot)
    this.#going.add(slot)
    const index = this.#idle.findIndex((entry) => entry.slot === slot)
    if (index >= 0) this.#idle.splice(index, 1)[0]?.callOff()
    if (!slot.isReady) this.#growsAgainAt = this.#options.clock.now() + idleMs
    if (this.#isClosed) for (const job of unbegun) job.reject(closed())
    else if (unbegun.length > 0) this.#again(unbegun)
  }

  onGone(slot: WorkerSlot): void {
    this.#going.delete(slot)
    this.#deal()
    if (this.#usable.size + this.#going.size > 0) return
    for (const resolve of this.#closing) resolve()
    this.#closing.clear()
  }

  #paceOf(definition: Definition): Pace {
    const known = this.#paces.get(definition)
    if (known) return known
    const pace = new Pace(this.#load, this.#options.maxDepth)
    this.#paces.set(definition, pace)
    return pace
  }

  #assign(job: Job): void {
    if (this.#isClosed) return job.reject(closed())
    this.#waiting.push(job)
    this.#deal()
  }

  #hasLess(slot: WorkerSlot): void {
    if (
      slot.size === 0 &&
      slot.isReady &&
      !this.#stalls.has(slot) &&
      !this.#idle.some((entry) => entry.slot === slot)
    ) {
      const callOff = this.#options.clock.after(idleMs, () => slot.kill())
      this.#idle.push({ slot, callOff })
    }
    if (this.#waiting.length > 0) this.#deal()
  }

  /** Those that another worker was given before are the next. */
  #again(jobs: readonly Job[]): void {
    this.#waiting.unshift(...jobs)
    this.#deal()
  }

  /** Gives what waits to workers, in order, as far as there are any. */
  #deal(): void {
    for (let job = this.#waiting[0]; job; job = this.#waiting[0]) {
      const slot = this.#slotFor(job)
      if (slot === null) break
      this.#waiting.shift()
      slot?.give(job)
    }
    if (this.#waiting.length > 0) this.#stalls.watch()
  }

  /** Null when it has to wait; undefined when none could be started, which the job has been told. */
  #slotFor(job: Job): WorkerSlot | null | undefined {
    const { cost } = job.pace
    const idle = this.#takeIdle()
    if (idle) return idle
    const roomiest = cost < whole ? this.#roomiest(cost) : null
    if (!roomiest && !this.#mayOpen()) return null
    try {
      if (!roomiest) return this.#open()
      // Two calls at once are worth two workers, but this one need not wait for the second to start.
      if (this.#mayOpen() && this.#growsAgainAt <= this.#options.clock.now()) this.#open()
    } catch (error) {
      if (roomiest) this.#growsAgainAt = this.#options.clock.now() + idleMs
      else job.reject(deathError({ kind: 'not_started', thrown: describeThrown(error) }))
    }
    if (roomiest) this.#stalls.watch()
    return roomiest ?? undefined
  }

  #takeIdle(): WorkerSlot | undefined {
    const entry = this.#idle.pop()
    entry?.callOff()
    return entry?.slot
  }

  /** The one with the least to do that has room for so much more. */
  #roomiest(cost: number): WorkerSlot | null {
    let best: WorkerSlot | null = null
    for (const slot of this.#usable) {
      if (slot.hasRoom(cost) && !this.#stalls.has(slot) && (!best || slot.load < best.load)) best = slot
    }
    return best
  }

  #mayOpen(): boolean {
    const { max } = this.#options
    return this.#usable.size < max && this.#usable.size + this.#going.size < 2 * max
  }

  #open(): WorkerSlot {
    const { open, memoryMb } = this.#options
    const slot = new WorkerSlot(open, { memoryMb }, this)
    this.#usable.add(slot)
    return slot
  }

  /** Takes away what lies behind calls that do not end; true while there may be more to see. */
  #look(): boolean {
    const unbegun: Job[] = []
    const quiet = this.#waiting.length > 0 ? 0 : 1
    let isBusy = false
    for (const slot of [...this.#usable]) {
      if (slot.size <= quiet && (slot.size > 0 || !this.#stalls.has(slot))) continue
      isBusy = true
      if (this.#stalls.isStalled(slot)) unbegun.push(...slot.withdrawAll())
      if (this.#stalls.isLost(slot)) slot.kill()
    }
    if (unbegun.length > 0) this.#again(unbegun)
    if (this.#isHopeless()) for (const job of this.#waiting.splice(0).reverse()) job.giveBack()
    return isBusy || this.#waiting.length > 0
  }

  /** Whether no worker will have room for what waits before long. */
  #isHopeless(): boolean {
    if (this.#usable.size < this.#options.max) return false
    for (const slot of this.#usable) if (!this.#stalls.has(slot)) return false
    return true
  }
}

function closed(): TaskError {
  return new TaskError('shut_down', { message: 'The workers were ended' })
}
