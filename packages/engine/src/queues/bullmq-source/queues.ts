import type { Job, Queue, QueueEvents } from 'bullmq'
import type { Clock } from '../../core/clock.ts'
import { TaskError } from '../../core/errors.ts'
import { Driver } from '../bullmq/driver.ts'
import type { JobPlace } from './job-id.ts'
import type { ParsedSource } from './options.ts'

/** What is asked of Redis or PostgreSQL is answered within so long, or counts as failed. */
const patienceMs = 10_000

/** The queues of somebody else's BullMQ, opened when they are first asked for. */
export class Queues {
  /** What keys of jobs begin with. */
  readonly prefix: string
  readonly names: readonly string[]
  readonly #options: ParsedSource
  readonly #clock: Clock
  #opening: Promise<ReadonlyMap<string, Queue>> | null = null
  #driver: Driver | null = null
  #events: readonly QueueEvents[] = []
  #isClosed = false

  constructor(options: ParsedSource, clock: Clock) {
    this.#options = options
    this.#clock = clock
    this.names = options.queues
    // In PostgreSQL they begin with the queue.
    this.prefix = options.driver.backend === 'redis' ? `${options.driver.prefix}:` : ''
  }

  get isRedis(): boolean {
    return this.#options.driver.backend === 'redis'
  }

  get backendName(): string {
    return this.isRedis ? 'Redis' : 'PostgreSQL'
  }

  /** Asks every queue, by name, and rejects with `store_failed` when one does not answer. */
  each<T>(ask: (queue: Queue, name: string) => Promise<T>): Promise<ReadonlyMap<string, T>> {
    return this.within(() => this.all(ask))
  }

  /** The same for what takes as long as it takes, and looks itself to it that it ends. */
  async all<T>(ask: (queue: Queue, name: string) => Promise<T>): Promise<ReadonlyMap<string, T>> {
    const opened = await this.within(() => this.#open())
    return new Map(await Promise.all([...opened].map(async ([name, queue]) => [name, await ask(queue, name)] as const)))
  }

  /** Null for a queue that is not shown here. */
  async find(name: string): Promise<Queue | null> {
    if (!this.names.includes(name)) return null
    return (await this.within(() => this.#open())).get(name) ?? null
  }

  async job({ queue, jobId }: JobPlace): Promise<Job | null> {
    const found = await this.find(queue)
    return found === null ? null : this.within(async () => (await found.getJob(jobId)) ?? null)
  }

  /** Rejects with `store_failed` when it does not come in time, or fails at the connection. */
  async within<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new TaskError('shut_down', { message: 'The source has been closed' })
    let callOff: () => void = () => undefined
    const silence = new Promise<never>((_, reject) => {
      callOff = this.#clock.after(patienceMs, () => reject(this.#failed(undefined)))
    })
    try {
      return await Promise.race([ask(), silence])
    } catch (error) {
      throw error instanceof TaskError ? error : this.#failed(error)
    } finally {
      callOff()
    }
  }

  /** Listens to what happens in the queues: `hear` is told the queue, and the job where one is meant. */
  async listen(hear: (queue: string, jobId: string | null) => void): Promise<void> {
    await this.#open()
    const driver = this.#driver
    if (driver === null || this.#isClosed) return
    this.#events = this.names.map((name) => driver.events({ name }, (jobId) => hear(name, jobId)))
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    const opened = await this.#opening?.catch(() => null)
    const open = [...this.#events, ...(opened?.values() ?? [])]
    await Promise.all(open.map((one) => one.close().catch(this.#options.onError)))
    this.#driver?.close()
  }

  #open(): Promise<ReadonlyMap<string, Queue>> {
    this.#opening ??= this.#openAll().catch((error: unknown) => {
      this.#opening = null
      throw error
    })
    return this.#opening
  }

  async #openAll(): Promise<ReadonlyMap<string, Queue>> {
    const driver = (this.#driver ??= await Driver.load(this.#options.driver, this.#options.onError))
    return new Map(this.names.map((name) => [name, driver.reader({ name })]))
  }

  #failed(cause: unknown): TaskError {
    if (cause !== undefined) this.#options.onError(cause)
    return new TaskError('store_failed', { message: `${this.backendName} does not answer` }, { cause })
  }
}
