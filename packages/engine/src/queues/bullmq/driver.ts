import type { Job, PostgresConnectionOptions, Queue, QueueEvents, Worker, WorkerOptions } from 'bullmq'
import type * as bullmqModule from 'bullmq'
import type { Writable } from 'node:stream'
import { TaskError } from '../../core/errors.ts'
import { isPool, type ParsedBullmq } from './options.ts'
import { guardedBackend, guardedClient } from './pg-guard.ts'
import type { Place } from './place.ts'

/** What a worker does with a job. */
export type Process = (job: Job, token: string) => Promise<unknown>

/** How a worker works. */
export type Work = Pick<WorkerOptions, 'concurrency' | 'limiter' | 'lockDuration' | 'settings' | 'name'>

/** A client that we have made ourselves, and end. */
interface OwnClient {
  /** Its connection; not there before it has the first one. */
  readonly stream?: Pick<Writable, 'cork' | 'uncork'>
  disconnect(): void
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** What BullMQ tells of a job, and of a queue. */
const jobEvents = [
  'added',
  'waiting',
  'active',
  'progress',
  'completed',
  'failed',
  'delayed',
  'stalled',
  'removed',
  'waiting-children',
] as const
const queueEvents = ['paused', 'resumed', 'cleaned'] as const

/** What keeps errors of PostgreSQL from the host. */
interface Guarded {
  readonly backend: typeof bullmqModule.createPostgresBackend
  readonly Client: object
}

/** A job that is stalled is looked for at least so often. */
const longestStalledMs = 30_000
/** BullMQ never gives a task up by itself: how often it may be interrupted is said by its function. */
const anyNumber = 1_000_000
/** PostgreSQL tells nobody of jobs that are put off: an idle worker looks itself, every second. */
const postgresDrainDelay = 1
/** Connections to PostgreSQL: a queue and a worker have pools of their own, and the server has few for all processes. */
const mostOfQueue = 2
const mostOfWorker = 4
const mostOfReader = 4
/** How long a worker waits after an error of its connection. */
const retryMs = 1_000

/** BullMQ itself, over Redis or PostgreSQL; loaded when it is needed. */
export class Driver {
  #isGathering = false

  private constructor(
    readonly bullmq: typeof bullmqModule,
    private readonly options: ParsedBullmq,
    private readonly connection: object,
    private readonly own: OwnClient | null,
    private readonly onError: (error: unknown) => void,
    private readonly postgres: Guarded | null = null,
  ) {}

  /** Rejects with `store_failed` when a package is missing. Connects in the background. */
  static async load(options: ParsedBullmq, onError: (error: unknown) => void): Promise<Driver> {
    const bullmq = await load('bullmq', () => import('bullmq'))
    if (options.backend === 'postgres') {
      const { default: pg } = await load('pg', () => import('pg'))
      const Client = guardedClient(pg)
      const backend = guardedBackend(bullmq.createPostgresBackend, pg, Client)
      return new Driver(bullmq, options, options.connection as object, null, onError, { backend, Client })
    }
    const { connection } = options
    if (typeof connection === 'object' && 'status' in connection) {
      return new Driver(bullmq, options, connection, null, onError)
    }
    const { Redis } = await load('ioredis', () => import('ioredis'))
    // Workers wait for jobs without end: a command is not given up after some tries.
    const settings = { maxRetriesPerRequest: null, enableReadyCheck: true, connectionName: 'taskloom' } as const
    const client =
      typeof connection === 'string' ? new Redis(connection, settings) : new Redis({ ...connection, ...settings })
    client.on('error', onError)
    return new Driver(bullmq, options, client, client, onError)
  }

  /** Whether what was stored stays stored: Redis may lose its last second. */
  get losesNothing(): boolean {
    return this.postgres !== null
  }

  /**
   * What is sent to Redis in this turn of the event loop goes there at once: ends of tasks come many together, and a write
   * of its own for each costs this process and Redis more than what it says. A client of the host's is let be.
   */
  gather(): void {
    const stream = this.own?.stream
    if (!stream || this.#isGathering) return
    this.#isGathering = true
    stream.cork()
    setImmediate(() => {
      this.#isGathering = false
      stream.uncork()
    })
  }

  queue({ name }: Pick<Place, 'name'>): Queue {
    const queue: Queue =
      this.postgres !== null
        ? (new this.bullmq.Queue(name, this.#postgres(mostOfQueue), this.postgres.backend) as unknown as Queue)
        : new this.bullmq.Queue(name, { connection: this.connection, prefix: this.options.prefix })
    queue.on('error', this.onError)
    return queue
  }

  /** A queue of somebody else: nothing is written that only whoever made it should say. */
  reader({ name }: Pick<Place, 'name'>): Queue {
    const settings = { skipMetasUpdate: true }
    const queue: Queue =
      this.postgres !== null
        ? (new this.bullmq.Queue(
            name,
            { ...settings, ...this.#postgres(mostOfReader, false) },
            this.postgres.backend,
          ) as unknown as Queue)
        : new this.bullmq.Queue(name, { ...settings, connection: this.connection, prefix: this.options.prefix })
    queue.on('error', this.onError)
    return queue
  }

  /** Tells what happens in a queue, with the id of the job where one is meant, until it is closed. */
  events({ name }: Pick<Place, 'name'>, hear: (jobId: string | null) => void): QueueEvents {
    const events: QueueEvents =
      this.postgres !== null
        ? (new this.bullmq.QueueEvents(
            name,
            this.#postgres(mostOfReader, false),
            this.postgres.backend,
          ) as unknown as QueueEvents)
        : new this.bullmq.QueueEvents(name, { connection: this.connection, prefix: this.options.prefix })
    events.on('error', this.onError)
    for (const event of jobEvents) events.on(event, ({ jobId }: { readonly jobId: string }) => hear(jobId))
    for (const event of queueEvents) events.on(event, () => hear(null))
    return events
  }

  /** Works as soon as it is connected. */
  worker({ name }: Pick<Place, 'name'>, process: Process, work: Work): Worker {
    const stalledInterval = Math.min(longestStalledMs, this.options.lockDuration)
    const settings = { ...work, stalledInterval, maxStalledCount: anyNumber, runRetryDelay: retryMs }
    const act = (job: Job, token?: string): Promise<unknown> => process(job, token ?? '')
    const worker: Worker =
      this.postgres !== null
        ? (new this.bullmq.Worker(
            name,
            act,
            { ...settings, ...this.#postgres(mostOfWorker), drainDelay: postgresDrainDelay },
            this.postgres.backend,
          ) as unknown as Worker)
        : new this.bullmq.Worker(name, act, { ...settings, connection: this.connection, prefix: this.options.prefix })
    worker.on('error', this.onError)
    return worker
  }

  /** Ends the connection, if it is ours. */
  close(): void {
    this.own?.disconnect()
  }

  #postgres(max: number, migrate = true): { readonly connection: PostgresConnectionOptions } {
    // Tables are made by whoever comes first, under a lock.
    return {
      connection: (isPool(this.connection)
        ? this.connection
        : { max, ...this.connection, migrate, Client: this.postgres?.Client }) as PostgresConnectionOptions,
    }
  }
}

async function load<M>(name: string, importing: () => Promise<M>): Promise<M> {
  try {
    return await importing()
  } catch (cause) {
    throw new TaskError(
      'store_failed',
      { message: `bullmq() needs the package ${name}: npm install ${name}` },
      { cause },
    )
  }
}
