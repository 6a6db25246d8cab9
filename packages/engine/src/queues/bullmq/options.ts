import type { ConnectionOptions } from 'bullmq'
import { TaskError } from '../../core/errors.ts'
import { integerOption, rejectUnknown, textOption } from '../../core/option.ts'
import { maxTasksPerJob } from './job.ts'

/** A pool of pg, by its shape. */
export interface PoolLike {
  /** Lends a connection. */
  connect(): Promise<unknown>
  /** Asks one statement. */
  query(...args: never[]): unknown
  /** How it reaches the server. */
  readonly options: object
}

/** Where BullMQ keeps its jobs in PostgreSQL. */
export interface PostgresConnectionLike {
  /** Such as `postgres://user:password@host/database`. */
  readonly connectionString: string
  /** The schema that its tables are in; `bullmq` by default. */
  readonly schema?: string
  /**
   * How many connections each of its queues, and each worker of one, has at most in a process; 2 and 4 by default. A worker
   * has one more that listens.
   */
  readonly max?: number
}

/** What BullMQ is told of one queue, for all processes together. */
export interface BullmqQueueOptions {
  /** How many of its tasks run at once in the whole fleet; unlimited by default. */
  readonly globalConcurrency?: number
}

/** How tasks are distributed by BullMQ. */
export interface BullmqOptions {
  /**
   * Where its jobs are. Redis: an address such as `redis://localhost:6379`, options of ioredis, or a client of yours, which
   * is never closed. PostgreSQL: an address such as `postgres://…`, a {@link PostgresConnectionLike}, or a pool of yours, the
   * settings of which are taken: BullMQ's connections look for their tables in a schema of their own, `bullmq`.
   */
  readonly connection: string | object
  /** What all keys in Redis begin with; `taskloom` by default. Of no meaning in PostgreSQL, which has schemas. */
  readonly prefix?: string
  /** Queues by name; none with settings of its own by default. */
  readonly queues?: Readonly<Record<string, BullmqQueueOptions>>
  /**
   * How long a worker may be silent before BullMQ hands its job to another, milliseconds, from 1,000 to 3,600,000; 30,000
   * by default. That one leaves the task alone as long as the process that runs it beats in the store.
   */
  readonly lockDuration?: number
  /**
   * How often waiting tasks are compared with their jobs, 300 for each second of it, by one process of the fleet at a time:
   * milliseconds, from 1,000 to 60,000; 15,000 by default. A task whose job is missing is found so, unless it is younger than twice that.
   */
  readonly sweepEvery?: number
  /**
   * How many new tasks share one job at most, from 1 to 500; 1 by default. For many tasks that take a few milliseconds each,
   * enqueued many at once: BullMQ has one job where it would have so many. Tasks share one that are of one function, have the
   * same priority, wait for no instant, and are held by no limit of concurrency or rate. Each is started, ends, fails, is retried
   * and cancelled by itself; other tools show their one job. One that is removed there comes again as jobs of its tasks.
   */
  readonly tasksPerJob?: number
  /** How many jobs of tasks that succeeded BullMQ keeps for other tools, by queue; none by default, at most 1,000,000. */
  readonly keepCompleted?: number
  /** The same of tasks that have failed; 1,000 by default. */
  readonly keepFailed?: number
}

export interface ParsedBullmq {
  readonly backend: 'redis' | 'postgres'
  readonly connection: ConnectionOptions | string | object
  readonly prefix: string
  readonly globalConcurrency: ReadonlyMap<string, number>
  readonly lockDuration: number
  readonly sweepEvery: number
  readonly tasksPerJob: number
  readonly keepCompleted: number
  readonly keepFailed: number
}

const names = [
  'connection',
  'prefix',
  'queues',
  'lockDuration',
  'sweepEvery',
  'tasksPerJob',
  'keepCompleted',
  'keepFailed',
] as const
const maxQueues = 1_000

/** Throws `bad_option` that names the option at fault. */
export function parseBullmq(options: BullmqOptions): ParsedBullmq {
  rejectUnknown(options, names)
  const { prefix = 'taskloom', queues = {}, keepCompleted = 0, keepFailed = 1_000 } = options
  const { lockDuration = 30_000, sweepEvery = 15_000, tasksPerJob = 1 } = options
  const { backend, connection } = parseConnection(options.connection)
  return {
    backend,
    connection: isPool(connection) ? settingsOf(connection) : connection,
    prefix: parsePrefix(prefix),
    globalConcurrency: parseQueues(queues),
    lockDuration: integerOption(lockDuration, 'lockDuration', 1_000, 3_600_000),
    sweepEvery: integerOption(sweepEvery, 'sweepEvery', 1_000, 60_000),
    tasksPerJob: integerOption(tasksPerJob, 'tasksPerJob', 1, maxTasksPerJob),
    keepCompleted: integerOption(keepCompleted, 'keepCompleted', 0, 1_000_000),
    keepFailed: integerOption(keepFailed, 'keepFailed', 0, 1_000_000),
  }
}

/** Which backend it is for is told by its scheme or its shape. */
export function parseConnection(connection: unknown): Pick<ParsedBullmq, 'backend' | 'connection'> {
  if (typeof connection === 'string') return parseAddress(textOption(connection, 'connection', 4_096))
  if (typeof connection !== 'object' || connection === null) throw badConnection()
  if ('connectionString' in connection) return { backend: 'postgres', connection }
  return { backend: isPool(connection) ? 'postgres' : 'redis', connection }
}

/** Whether it is a pool of pg; a client of ioredis has a status, too. */
export function isPool(connection: unknown): connection is PoolLike {
  if (typeof connection !== 'object' || connection === null) return false
  const { connect, query } = connection as Partial<PoolLike>
  return typeof connect === 'function' && typeof query === 'function' && !('status' in connection)
}

/** What reaches the server of a pool; how many connections there are is said by us. */
function settingsOf({ options }: Partial<PoolLike>): object {
  if (typeof options !== 'object' || options === null) throw badConnection()
  const { max: _max, min: _min, ...settings } = options as Readonly<Record<string, unknown>>
  const { password } = options as { readonly password?: unknown }
  // pg hides the password from whoever lists the options.
  return password === undefined ? settings : { ...settings, password }
}

function parseAddress(address: string): Pick<ParsedBullmq, 'backend' | 'connection'> {
  const scheme = /^([a-z]+):\/\//.exec(address)?.[1]
  if (scheme === 'redis' || scheme === 'rediss') return { backend: 'redis', connection: address }
  if (scheme === 'postgres' || scheme === 'postgresql') {
    return { backend: 'postgres', connection: { connectionString: address } }
  }
  throw badConnection()
}

function badConnection(): TaskError {
  return new TaskError('bad_option', {
    message: 'connection: expected an address of Redis or PostgreSQL, options, or a client or pool of yours',
    option: 'connection',
  })
}

function parsePrefix(prefix: unknown): string {
  const text = textOption(prefix, 'prefix', 100)
  if (!/[:{}\s]/.test(text)) return text
  throw new TaskError('bad_option', {
    message: 'prefix: expected a word without blanks, colons and braces',
    option: 'prefix',
  })
}

function parseQueues(queues: unknown): ReadonlyMap<string, number> {
  const isObject = typeof queues === 'object' && queues !== null && !Array.isArray(queues)
  if (!isObject || Object.keys(queues).length > maxQueues) {
    const message = `queues: expected an object of at most ${maxQueues} queues by name`
    throw new TaskError('bad_option', { message, option: 'queues' })
  }
  const limits = new Map<string, number>()
  for (const [name, settings] of Object.entries(queues)) {
    rejectUnknown(settings, ['globalConcurrency'])
    const { globalConcurrency } = settings as BullmqQueueOptions
    const option = `queues.${name}.globalConcurrency`
    if (globalConcurrency !== undefined) limits.set(name, integerOption(globalConcurrency, option, 1, 1_000_000))
  }
  return limits
}
