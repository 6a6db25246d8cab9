import { DescribedError } from '../../core/error-text.ts'
import { PackedElsewhere } from '../../core/serialize.ts'
import { Snooze } from '../../core/snooze.ts'
import type { LogExtra } from '../context.ts'
import { maxCells, nextNumber } from './claims.ts'
import { deathError } from './death.ts'
import type { Job } from './job.ts'
import { readFromWorker, type Answer, type FromWorker } from './messages.ts'
import { whole } from './pace.ts'
import type { Death, OpenWorker, WorkerLimits, WorkerPort } from './worker-port.ts'

export interface SlotHost {
  /** It has started, or can take more than before. */
  onRoom(slot: WorkerSlot): void
  /** It is of no use any more, though it may not be gone yet. `unbegun` were given to it and are for another. */
  onSpent(slot: WorkerSlot, unbegun: readonly Job[]): void
  /** It is gone. */
  onGone(slot: WorkerSlot): void
}

/** One worker as the host sees it: makes one call after the other, in the order they were given, and tells how each went. */
export class WorkerSlot {
  /** Whether it has said anything yet. */
  isReady = false
  /** How many tasks it has done. */
  answers = 0
  /** The parts of it that are taken. */
  load = 0
  readonly #port: WorkerPort
  /** Given and not answered; the first is the one it does now, as far as is known. */
  readonly #inbox: Job[] = []
  /** Given, but not told it yet. */
  #unposted: Job[] = []
  readonly #freeCells = Array.from({ length: maxCells }, (_, cell) => cell)
  #lastId = 0
  #crash: Death | null = null
  #isSpent = false

  constructor(
    open: OpenWorker,
    limits: WorkerLimits,
    private readonly host: SlotHost,
  ) {
    this.#port = open(limits, {
      onMessage: (message) => this.#hear(readFromWorker(message)),
      onDeath: (death) => this.#die(death),
    })
  }

  /** Tasks it was given and has not answered. */
  get size(): number {
    return this.#inbox.length
  }

  /** What it was given and has not answered. */
  jobs(): readonly Job[] {
    return [...this.#inbox]
  }

  hasRoom(cost: number): boolean {
    return this.isReady && this.load + cost <= whole && this.#freeCells.length > 0
  }

  /** The task it does now; undefined while it does none. */
  current(): Job | undefined {
    const { claims } = this.#port
    return claims ? this.#inbox.findLast(({ cell, id }) => claims.hasBegun(cell, id)) : this.#inbox[0]
  }

  /** Everything it is given in one turn goes to it as one message. */
  give(job: Job): void {
    this.#lastId = nextNumber(this.#lastId)
    job.slot = this
    job.id = this.#lastId
    job.cell = this.#freeCells.pop() ?? 0
    job.cost = job.pace.cost
    this.load += job.cost
    this.#port.claims?.offer(job.cell, job.id)
    if (this.#inbox.push(job) === 1) job.call.stop.begin()
    if (this.#unposted.push(job) === 1) queueMicrotask(() => this.#post())
  }

  /** Takes a job back that was not begun; false when it was. */
  withdraw(job: Job): boolean {
    if (job.slot !== this || !this.#port.claims?.withdraw(job.cell, job.id)) return false
    this.#release(job)
    return true
  }

  /** Takes back all that were not begun. */
  withdrawAll(): readonly Job[] {
    if (!this.#port.claims) return []
    return [...this.#inbox].filter((job) => this.withdraw(job))
  }

  abort(job: Job, { name, message }: DOMException): void {
    this.#post()
    this.#port.post({ kind: 'abort', id: job.id, name, message })
  }

  /** Ends the worker because this job does not end, unless it has: then its answer is on its way. */
  killUnder(job: Job): void {
    if (this.current() === job) this.kill()
  }

  /** Ends the worker, and with it whatever it runs. */
  kill(): void {
    this.#spend()
    this.#port.kill()
  }

  #post(): void {
    // Some may have been taken back, or given to another.
    const jobs = this.#unposted.filter(({ slot }) => slot === this)
    this.#unposted = []
    if (jobs.length > 0) this.#port.post({ kind: 'run', orders: jobs.map((job) => job.toOrder()) })
  }

  #hear(message: FromWorker | undefined): void {
    if (!message) return
    if (message.kind === 'crashed') {
      this.#crash = message
      return this.#spend()
    }
    if (message.kind === 'ready') return this.#begin()
    const job = this.#inbox[0]?.id === message.id ? this.#inbox[0] : this.#inbox.find(({ id }) => id === message.id)
    if (!job) return
    const { desk } = job.call
    if (message.kind === 'log') desk.log(message.message, { ...message.extra, level: message.level } as LogExtra)
    else if (message.kind === 'progress') desk.progress(message.report)
    else this.#conclude(job, message)
  }

  #begin(): void {
    this.isReady = true
    if (!this.#isSpent) this.host.onRoom(this)
  }

  #conclude(job: Job, answer: Answer): void {
    this.answers += 1
    this.#release(job)
    if (answer.tookMs !== null) job.pace.took(answer.tookMs)
    if (answer.kind === 'failed' && answer.isSpent) this.kill()
    else if (!this.#isSpent) this.host.onRoom(this)
    if (answer.kind === 'done') job.resolve(new PackedElsewhere(answer.result, answer.loss))
    else job.reject(answer.kind === 'snoozed' ? new Snooze(answer.delayMs) : new DescribedError(answer.thrown))
  }

  #release(job: Job): void {
    const index = this.#inbox.indexOf(job)
    this.#inbox.splice(index, 1)
    this.#freeCells.push(job.cell)
    this.load -= job.cost
    job.slot = null
    if (index === 0) this.#inbox[0]?.call.stop.begin()
  }

  /** A worker that dies before it has said anything takes one task with it: another would die the same way. */
  #die(death: Death): void {
    const isStillborn = !this.isReady && this.current() === undefined
    const dead = isStillborn ? this.#inbox.slice(0, 1) : []
    for (const job of dead) this.#release(job)
    this.#spend()
    dead.push(...this.#inbox)
    for (const job of this.#inbox.slice()) this.#release(job)
    this.host.onGone(this)
    for (const job of dead) job.reject(deathError(this.#crash ?? death))
  }

  #spend(): void {
    if (this.#isSpent) return
    this.#isSpent = true
    this.host.onSpent(this, this.withdrawAll())
  }
}
