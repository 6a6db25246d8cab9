import { DescribedError } from '../../core/error-text.ts'
import { PackedElsewhere } from '../../core/serialize.ts'
import { Snooze } from '../../core/snooze.ts'
import type { LogExtra } from '../context.ts'
import { deathError } from './death.ts'
import type { Job } from './job.ts'
import { readFromWorker, type FromWorker } from './messages.ts'
import type { Death, OpenWorker, WorkerLimits, WorkerPort } from './worker-port.ts'

export interface SlotHost {
  /** Its call is over and it can take another. */
  onIdle(slot: WorkerSlot): void
  /** It is of no use any more, though it may not be gone yet. */
  onSpent(slot: WorkerSlot): void
  /** It is gone. */
  onGone(slot: WorkerSlot): void
}

/** One worker as the host sees it: makes one call at a time and tells how it went. */
export class WorkerSlot {
  readonly #port: WorkerPort
  #job: Job | null = null
  #calls = 0
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

  run(job: Job): void {
    this.#job = job
    this.#calls += 1
    const id = this.#calls
    const { url: module, exportName } = job.target
    this.#port.post({ kind: 'run', id, module, exportName, args: job.call.args, context: job.plainContext() })
    job.signal.addEventListener('abort', () => this.#abort(job, id), { once: true })
  }

  /** Ends the worker, and with it whatever it runs. */
  kill(): void {
    this.#spend()
    this.#port.kill()
  }

  #abort(job: Job, id: number): void {
    if (this.#job !== job) return
    const { name, message } = job.signal.reason as DOMException
    this.#port.post({ kind: 'abort', id, name, message })
  }

  #hear(message: FromWorker | undefined): void {
    if (!message) return
    if (message.kind === 'crashed') {
      this.#crash = message
      return this.#spend()
    }
    const job = this.#job
    if (!job || message.id !== this.#calls) return
    const { desk } = job.call
    if (message.kind === 'log') desk.log(message.message, { ...message.extra, level: message.level } as LogExtra)
    else if (message.kind === 'progress') desk.progress(message.report)
    else this.#conclude(job, message)
  }

  #conclude(job: Job, message: FromWorker & { readonly kind: 'done' | 'failed' | 'snoozed' }): void {
    this.#job = null
    if (message.kind === 'failed' && message.isSpent) this.kill()
    else if (!this.#isSpent) this.host.onIdle(this)
    if (message.kind === 'done') job.resolve(new PackedElsewhere(message.result, message.loss))
    else job.reject(message.kind === 'snoozed' ? new Snooze(message.delayMs) : new DescribedError(message.thrown))
  }

  #die(death: Death): void {
    const job = this.#job
    this.#job = null
    this.#spend()
    this.host.onGone(this)
    job?.reject(deathError(this.#crash ?? death))
  }

  #spend(): void {
    if (this.#isSpent) return
    this.#isSpent = true
    this.host.onSpent(this)
  }
}
