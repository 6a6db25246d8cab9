import { availableParallelism } from 'node:os'
import type { Clock } from './core/clock.ts'
import { TaskError } from './core/errors.ts'
import { flagOption, integerOption, numberOption, rejectUnknown, textOption } from './core/option.ts'
import { parseRateLimit, type RateLimitOptions } from './core/rate-limit.ts'
import type { DurableObserver } from './observe/durable-observer.ts'
import { parseObservers, type ParsedObservers } from './observe/observer-option.ts'
import type { Observer } from './observe/observer.ts'
import { ContextCarrier } from './run/carrier.ts'
import type { Limits } from './run/gate.ts'
import { local } from './queues/local/index.ts'
import type { Queue } from './queues/queue.ts'
import { Keyring, parseEncryption, type EncryptionOptions } from './privacy/keyring.ts'
import { systemClock } from './system-clock.ts'
import { memory } from './stores/index.ts'
import { storeAt } from './stores/store-at.ts'
import type { Store } from './stores/store.ts'

/** What a queue lets through in this process, whichever functions its tasks are of. */
export interface QueueOptions {
  /** How many of its tasks run at once; unlimited by default. */
  readonly concurrency?: number
  /** How often attempts start; unlimited by default. */
  readonly rateLimit?: RateLimitOptions
}

/** What may be said of a manager. Options that are unknown or out of range are refused with `bad_option`. */
export interface TaskManagerOptions {
  /**
   * The path of a SQLite file, the address of a server (`postgres://`, `mysql://`, `redis://` and so on), or a store. Without
   * one everything is kept in memory and lost with the process.
   */
  readonly store?: string | Store
  /** How many tasks run at once in this process; 100 by default. */
  readonly concurrency?: number
  /**
   * Where tasks wait and who takes them: `bullmq({ connection })` distributes them to workers on any machine. By default
   * they wait in the store, and each process that has it open takes what it can run.
   */
  readonly queue?: Queue
  /**
   * Whether this process runs tasks and fires schedules; on by default. Off, it only enqueues, and shows what the others do.
   */
  readonly work?: boolean
  /** Limits of queues by name, beside those of their functions; at most 1,000 queues, none limited by default. */
  readonly queues?: Readonly<Record<string, QueueOptions>>
  /** How many worker threads functions with `executor: 'thread'` share; one less than there are cores by default. */
  readonly threads?: number
  /** How many processes functions with `executor: 'process'` share; one less than there are cores by default. */
  readonly processes?: number
  /** How many MiB of long-lived objects a worker may hold before its task fails; Node's own limit by default. */
  readonly workerMemoryMb?: number
  /**
   * How many tasks may wait, delayed ones and those on their way to the store included; `enqueue` rejects with
   * `too_many_pending` beyond it. Unlimited by default.
   */
  readonly maxPending?: number
  /** How bulk actions are worked off in the background; at 1,000 tasks a second by default. */
  readonly bulk?: {
    /** How many tasks a second at most; 1,000 by default, at most 1,000,000. */
    readonly perSecond?: number
  }
  /** Ended tasks are deleted after so many days; kept for ever by default. */
  readonly retention?: {
    /** At least a minute (1/1,440), at most 36,500; fractions are understood. */
    readonly days: number
  }
  /**
   * Who hears what happens to the tasks of this process, at most 20: loggers, `recordSink`, `webhooks`, or your own.
   * None by default.
   */
  readonly observers?: readonly (Observer | DurableObserver)[]
  /** The path of a file for what tasks log and for their beginnings and ends: a `fileLogger` as it is by default; none by default. */
  readonly logFile?: string
  /** Encrypts arguments and results with AES-256-GCM before they reach the store; off by default. */
  readonly encryption?: EncryptionOptions
  /**
   * Whether a task that runs in this process sees what its caller kept in `AsyncLocalStorage`, such as the request; at
   * most the 10,000 newest that wait. Costs some microseconds for each task; off by default.
   */
  readonly carryContext?: boolean
  /**
   * Whether enqueues and attempts are OpenTelemetry spans where the host has `@opentelemetry/api` and a provider; on by
   * default. Off, it is not looked for, and a `traceparent` that is given is stored and continued as it came.
   */
  readonly openTelemetry?: boolean
  /**
   * What {@link TaskManager.publicToken} signs with, at least 32 bytes by chance: for instances with stores of their own, or
   * so that the secret is not in the store. By default one is made up and kept in the store.
   */
  readonly publicTokenSecret?: string | Uint8Array
  /** Where time comes from, for tests; the machine’s by default. */
  readonly clock?: Clock
}

/** How long a shutdown may take. */
export interface ShutdownOptions {
  /** How long running tasks may go on before they are interrupted; 10,000 by default, at most a day. */
  readonly timeoutMs?: number
}

export interface ParsedOptions {
  readonly store: Store
  readonly queue: Queue
  readonly work: boolean
  readonly concurrency: number
  readonly queues: ReadonlyMap<string, Limits>
  readonly threads: number
  readonly processes: number
  readonly workerMemoryMb: number | null
  readonly maxPending: number | null
  readonly bulkPerSecond: number
  readonly retentionDays: number | null
  readonly told: ParsedObservers
  readonly keyring: Keyring
  readonly carrier: ContextCarrier | null
  readonly openTelemetry: boolean
  readonly publicTokenSecret: Buffer | null
  readonly clock: Clock
}

const maxQueues = 1_000
const names = [
  'store',
  'queue',
  'work',
  'concurrency',
  'queues',
  'maxPending',
  'threads',
  'processes',
  'workerMemoryMb',
  'bulk',
  'retention',
  'observers',
  'logFile',
  'encryption',
  'carryContext',
  'openTelemetry',
  'publicTokenSecret',
  'clock',
] as const

/** Throws `bad_option` that names the option at fault; there are none that are taken and ignored. */
export function parseManagerOptions(options: TaskManagerOptions): ParsedOptions {
  rejectUnknown(options, names)
  const {
    store,
    queue,
    work = true,
    concurrency = 100,
    queues = {},
    maxPending,
    threads = spareCores(),
    processes = spareCores(),
    workerMemoryMb,
    bulk = {},
    retention,
    observers = [],
    logFile,
    encryption,
    carryContext = false,
    openTelemetry = true,
    publicTokenSecret,
    clock = systemClock,
  } = options
  return {
    store: parseStore(store),
    queue: parseQueue(queue),
    work: flagOption(work, 'work'),
    concurrency: integerOption(concurrency, 'concurrency', 1, 100_000),
    queues: parseQueues(queues),
    threads: integerOption(threads, 'threads', 1, 1_000),
    processes: integerOption(processes, 'processes', 1, 1_000),
    workerMemoryMb: workerMemoryMb === undefined ? null : integerOption(workerMemoryMb, 'workerMemoryMb', 8, 1_048_576),
    maxPending: maxPending === undefined ? null : integerOption(maxPending, 'maxPending', 1, 1e9),
    bulkPerSecond: parseBulk(bulk),
    retentionDays: retention === undefined ? null : parseRetention(retention),
    told: parseObservers(observers, logFile),
    keyring: encryption === undefined ? new Keyring() : parseEncryption(encryption),
    carrier: flagOption(carryContext, 'carryContext') ? new ContextCarrier() : null,
    openTelemetry: flagOption(openTelemetry, 'openTelemetry'),
    publicTokenSecret: publicTokenSecret === undefined ? null : parseSecret(publicTokenSecret),
    clock,
  }
}

/** The host needs one for itself. */
function spareCores(): number {
  return Math.max(1, availableParallelism() - 1)
}

/** How long to wait, in milliseconds. Throws `bad_option`. */
export function parseShutdown(options: ShutdownOptions): number {
  rejectUnknown(options, ['timeoutMs'])
  const { timeoutMs = 10_000 } = options
  return numberOption(timeoutMs, 'timeoutMs', 0, 86_400_000)
}

function parseStore(store: unknown): Store {
  if (store === undefined) return memory()
  if (typeof store === 'string') return storeAt(textOption(store, 'store', 4_096))
  if (typeof store === 'object' && store !== null && 'tasks' in store && 'views' in store) return store as Store
  throw new TaskError('bad_option', {
    message: 'store: expected the path of a SQLite file, the address of a server or a store',
    option: 'store',
  })
}

function parseQueue(queue: unknown): Queue {
  if (queue === undefined) return local()
  if (typeof queue === 'object' && queue !== null && 'connect' in queue && 'supports' in queue) return queue as Queue
  throw new TaskError('bad_option', {
    message: 'queue: expected a queue, such as bullmq({ connection })',
    option: 'queue',
  })
}

function parseQueues(queues: unknown): ReadonlyMap<string, Limits> {
  const isObject = typeof queues === 'object' && queues !== null && !Array.isArray(queues)
  if (!isObject || Object.keys(queues).length > maxQueues) {
    const message = `queues: expected an object of at most ${maxQueues} queues by name`
    throw new TaskError('bad_option', { message, option: 'queues' })
  }
  return new Map(
    Object.entries(queues).map(([name, limits]) => [textOption(name, 'queues', 100), parseLimits(name, limits)]),
  )
}

function parseLimits(name: string, limits: unknown): Limits {
  rejectUnknown(limits, ['concurrency', 'rateLimit'])
  const { concurrency, rateLimit } = limits as { readonly concurrency?: unknown; readonly rateLimit?: unknown }
  const option = `queues.${name}`
  return {
    concurrency: concurrency === undefined ? null : integerOption(concurrency, `${option}.concurrency`, 1, 100_000),
    rateLimit: rateLimit === undefined ? null : parseRateLimit(rateLimit, `${option}.rateLimit`),
  }
}

function parseBulk(bulk: unknown): number {
  rejectUnknown(bulk, ['perSecond'])
  const { perSecond = 1_000 } = bulk as { readonly perSecond?: unknown }
  return integerOption(perSecond, 'bulk.perSecond', 1, 1_000_000)
}

function parseSecret(secret: unknown): Buffer {
  const option = 'publicTokenSecret'
  const isText = typeof secret === 'string'
  if (!isText && !(secret instanceof Uint8Array))
    throw new TaskError('bad_option', { message: `${option}: expected a text or bytes`, option })
  const bytes = isText ? Buffer.from(secret) : Buffer.from(secret)
  if (bytes.length >= 32 && new Set(bytes).size >= 10) return bytes
  throw new TaskError('bad_option', { message: `${option}: expected at least 32 bytes by chance`, option })
}

function parseRetention(retention: unknown): number {
  rejectUnknown(retention, ['days'])
  return numberOption((retention as { days?: unknown }).days, 'retention.days', 1 / 1_440, 36_500)
}
