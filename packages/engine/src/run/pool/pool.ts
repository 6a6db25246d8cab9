import type { Clock } from '../../core/clock.ts'
import type { ModuleTarget } from '../../core/definition.ts'
import { describeThrown } from '../../core/error-text.ts'
import { TaskError } from '../../core/errors.ts'
import type { AttemptCall } from '../attempt.ts'
import { Gate } from '../gate.ts'
import { deathError } from './death.ts'
import { Job } from './job.ts'
import { WorkerSlot, type SlotHost } from './worker-slot.ts'
import type { OpenWorker } from './worker-port.ts'

/** A worker that had nothing to do for so long is ended. */
const idleMs = 30_000

export interface PoolOptions {
  readonly clock: Clock
  /** Calls that are made at once. */
  readonly max: number
  readonly memoryMb: number | null
  readonly open: OpenWorker
}

/**
 * Workers of one kind: started when they are needed, kept warm for the next call, replaced when they die. The dispatcher
 * starts no more tasks than {@link gate} lets through, so a call waits here only while killed workers take long to go.
 */
export class Pool implements SlotHost {
  readonly gate: Gate
  readonly #options: PoolOptions
  /** The one that was used last is used next, so that surplus ones become idle. */
  readonly #idle: { readonly slot: WorkerSlot; readonly callOff: () => void }[] = []
  readonly #usable = new Set<WorkerSlot>()
  /** Killed, but not gone: they may hang in native code. */
  readonly #going = new Set<WorkerSlot>()
  readonly #waiting: Job[] = []
  readonly #closing = new Set<() => void>()
  #isClosed = false

  constructor(options: PoolOptions) {
    this.#options = options
    this.gate = new Gate({ concurrency: options.max, rateLimit: null }, options.clock)
  }

  /** Resolves with the packed result, or rejects with what was thrown there or why the worker died. */
  execute(call: AttemptCall, target: ModuleTarget): Promise<unknown> {
    return new Promise((resolve, reject) => this.#assign(new Job(call, target, resolve, reject)))
  }

  close(): Promise<void> {
    this.#isClosed = true
    for (const { callOff } of this.#idle) callOff()
    for (const job of this.#waiting.splice(0)) job.reject(closed())
    for (const slot of [...this.#usable]) slot.kill()
    if (this.#going.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#closing.add(resolve))
  }

  onIdle(slot: WorkerSlot): void {
    const callOff = this.#options.clock.after(idleMs, () => slot.kill())
    this.#idle.push({ slot, callOff })
  }

  onSpent(slot: WorkerSlot): void {
    this.#usable.delete(slot)
    this.#going.add(slot)
    const index = this.#idle.findIndex((entry) => entry.slot === slot)
    if (index >= 0) this.#idle.splice(index, 1)[0]?.callOff()
  }

  onGone(slot: WorkerSlot): void {
    this.#going.delete(slot)
    const job = this.#waiting.shift()
    if (job) this.#assign(job)
    if (this.#usable.size + this.#going.size > 0) return
    for (const resolve of this.#closing) resolve()
    this.#closing.clear()
  }

  #assign(job: Job): void {
    if (this.#isClosed) return job.reject(closed())
    if (job.signal.aborted) return job.reject(job.signal.reason)
    const slot = this.#takeIdle() ?? this.#open(job)
    if (slot === null) return
    job.call.stop.onKill(() => slot.kill())
    slot.run(job)
  }

  #takeIdle(): WorkerSlot | undefined {
    const entry = this.#idle.pop()
    entry?.callOff()
    return entry?.slot
  }

  /** A new worker; null when there are as many that do not go, or none can be had. */
  #open(job: Job): WorkerSlot | null {
    const { max, open, memoryMb } = this.#options
    if (this.#usable.size + this.#going.size >= 2 * max) {
      this.#waiting.push(job)
      return null
    }
    try {
      const slot = new WorkerSlot(open, { memoryMb }, this)
      this.#usable.add(slot)
      return slot
    } catch (error) {
      job.reject(deathError({ kind: 'not_started', thrown: describeThrown(error) }))
      return null
    }
  }
}

function closed(): TaskError {
  return new TaskError('shut_down', { message: 'The workers were ended' })
}
