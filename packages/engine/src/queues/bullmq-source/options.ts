import { TaskError } from '../../core/errors.ts'
import { functionOption, integerOption, rejectUnknown, textOption } from '../../core/option.ts'
import { parseConnection, type ParsedBullmq } from '../bullmq/options.ts'

/** Which queues of BullMQ are shown, and how much of them. */
export interface BullmqSourceOptions {
  /**
   * Where the queues are. Redis: an address such as `redis://localhost:6379`, options of ioredis, or a client of yours, which
   * is never closed. PostgreSQL: an address such as `postgres://…`, an object with a `connectionString`, or a pool of yours.
   */
  readonly connection: string | object
  /** Their names, from 1 to 100; only these are looked at. */
  readonly queues: readonly string[]
  /** The `prefix` that they were made with; `bull` by default, as BullMQ has it. Of no meaning in PostgreSQL. */
  readonly prefix?: string
  /**
   * How many jobs of each state are looked at for lists, searches and charts, all queues together, the newest first: from 100
   * to 50,000; 5,000 by default. Counts by queue and state are of all jobs, and any job can be opened by its id.
   */
  readonly newest?: number
  /** Told of errors of the connection; they are swallowed by default, and `health` says that something is wrong. */
  readonly onError?: (error: unknown) => void
}

export interface ParsedSource {
  readonly driver: ParsedBullmq
  readonly queues: readonly string[]
  readonly newest: number
  readonly onError: (error: unknown) => void
}

const names = ['connection', 'queues', 'prefix', 'newest', 'onError'] as const
const maxQueues = 100
const maxNameLength = 200

/** Throws `bad_option` that names the option at fault. */
export function parseSource(options: BullmqSourceOptions): ParsedSource {
  rejectUnknown(options, names)
  const { connection, queues, prefix = 'bull', newest = 5_000, onError = () => undefined } = options
  return {
    driver: {
      ...parseConnection(connection),
      prefix: textOption(prefix, 'prefix', maxNameLength),
      // Of workers, of which there are none here.
      globalConcurrency: new Map(),
      tasksPerJob: 1,
      lockDuration: 30_000,
      sweepEvery: 15_000,
      keepCompleted: 0,
      keepFailed: 0,
    },
    queues: parseNames(queues),
    newest: integerOption(newest, 'newest', 100, 50_000),
    onError: functionOption(onError, 'onError'),
  }
}

function parseNames(queues: unknown): readonly string[] {
  if (!Array.isArray(queues) || queues.length === 0 || queues.length > maxQueues) {
    throw badQueues(`expected a list of 1 to ${maxQueues} names`)
  }
  const parsed = queues.map((name, index) => textOption(name, `queues[${index}]`, maxNameLength))
  const faulty = parsed.find((name) => name.includes(':'))
  if (faulty !== undefined) throw badQueues(`${faulty}: queues of BullMQ have no colon in their names`)
  return [...new Set(parsed)]
}

function badQueues(message: string): TaskError {
  return new TaskError('bad_option', { message: `queues: ${message}`, option: 'queues' })
}
