import { parseDuration, type Duration } from './duration.ts'
import { TaskError } from './errors.ts'
import { flagOption, integerOption, rejectUnknown, textOption } from './option.ts'
import type { TaskRequest } from './record.ts'
import type { Definition } from './definition.ts'
import { parseTrace } from './trace.ts'
import { cutText } from './text.ts'

/** What may be said of one task when it is enqueued. */
export interface EnqueueOptions {
  /**
   * While a task with this key waits, runs or has succeeded, enqueueing again gives that task. At most 200
   * characters; none by default.
   */
  readonly idempotencyKey?: string
  /** At most 32; keys up to 100 and values up to 300 characters. None by default. */
  readonly tags?: Readonly<Record<string, string | number | boolean>>
  /** Higher runs first; the function's own by default. */
  readonly priority?: number
  /** Becomes due after this; at once by default. Not together with `runAt`. */
  readonly delay?: Duration
  /** Becomes due then: a Date or epoch milliseconds; at once by default, and when it has passed. */
  readonly runAt?: Date | number
  /** The function's own by default. */
  readonly queue?: string
  /** Whom it is for, as shown on the dashboard; nobody by default. At most 300 characters. */
  readonly user?: string
  /** Labels of the things it changes, as shown on the dashboard; at most 100, none by default. */
  readonly affected?: readonly string[]
  /**
   * The W3C header of whoever asked, to be continued by the task; one that is none is ignored. A task that is enqueued by
   * a running task continues that one's by itself.
   */
  readonly traceparent?: string | undefined
  /** The header that came with it; at most 512 characters, else it is left out. */
  readonly tracestate?: string | undefined
  /**
   * Names of things nobody else may change meanwhile, such as `Book:1`: held from now until the task has ended, all of
   * them or none. Enqueueing rejects with a `ConflictError` while another task holds one. At most 100.
   */
  readonly locks?: readonly string[]
  /** Whether it starts at once although it is enqueued during a request; the function's own by default. */
  readonly eager?: boolean
}

const names = [
  'idempotencyKey',
  'tags',
  'priority',
  'delay',
  'runAt',
  'queue',
  'user',
  'affected',
  'locks',
  'traceparent',
  'tracestate',
  'eager',
] as const

const maxLocks = 100

const maxTagLength = 300

export const noOptions: EnqueueOptions = Object.freeze({})

/**
 * The fields a task starts with; `hashKey` makes what is stored of an idempotency key. Throws `bad_option` that names the
 * option at fault.
 */
export function parseRequest(
  { request }: Pick<Definition, 'request'>,
  options: EnqueueOptions,
  now: number,
  hashKey: (key: string) => string,
): TaskRequest {
  if (options === noOptions) return request
  rejectUnknown(options, names)
  if (options.eager !== undefined) flagOption(options.eager, 'eager')
  return {
    ...request,
    ...(options.queue === undefined ? {} : { queue: textOption(options.queue, 'queue', 100) }),
    ...(options.priority === undefined ? {} : { priority: integerOption(options.priority, 'priority', -1e9, 1e9) }),
    ...(options.user === undefined ? {} : { userLabel: textOption(options.user, 'user', 300) }),
    ...(options.tags === undefined ? {} : parseTags(options.tags)),
    ...(options.affected === undefined ? {} : { affected: parseAffected(options.affected) }),
    ...(options.traceparent === undefined ? {} : parseTrace(options.traceparent, options.tracestate)),
    ...(options.locks === undefined ? {} : { locks: parseLocks(options.locks) }),
    ...(options.idempotencyKey === undefined
      ? {}
      : { idempotencyKey: hashKey(textOption(options.idempotencyKey, 'idempotencyKey', 200)) }),
    runAt: parseRunAt(options, now),
  }
}

function parseRunAt({ delay, runAt }: EnqueueOptions, now: number): number | null {
  if (delay !== undefined && runAt !== undefined) throw bad('runAt', 'either delay or runAt')
  const at = delay === undefined ? readInstant(runAt) : now + parseDuration(delay, 'delay')
  return at !== null && at > now ? at : null
}

function readInstant(runAt: Date | number | undefined): number | null {
  if (runAt === undefined) return null
  const at = runAt instanceof Date ? runAt.getTime() : runAt
  if (typeof at === 'number' && at >= 0 && at <= 8.64e15) return Math.round(at)
  throw bad('runAt', 'a Date or epoch milliseconds')
}

function parseTags(tags: unknown): Partial<TaskRequest> {
  if (typeof tags !== 'object' || tags === null || Array.isArray(tags)) throw bad('tags', 'an object of texts')
  const entries = Object.entries(tags)
  if (entries.length > 32) throw bad('tags', 'at most 32')
  const kept = Object.fromEntries(entries.map(([key, value]) => [textOption(key, 'tags', 100), tagText(value)]))
  const isCut = entries.some(([, value]) => String(value).length > maxTagLength)
  return isCut ? { tags: kept, truncated: ['tags'] } : { tags: kept }
}

function tagText(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') throw bad('tags', 'texts')
  return cutText(String(value), maxTagLength)
}

function parseAffected(affected: unknown): readonly string[] {
  if (!Array.isArray(affected) || affected.length > 100) throw bad('affected', 'a list of at most 100 texts')
  return affected.map((label) => textOption(label, 'affected', 300))
}

function parseLocks(locks: unknown): readonly string[] {
  if (!Array.isArray(locks) || locks.length > maxLocks) throw bad('locks', `a list of at most ${maxLocks} texts`)
  return [...new Set(locks.map((key) => textOption(key, 'locks', 300)))]
}

function bad(option: string, expected: string): TaskError {
  return new TaskError('bad_option', { message: `${option}: expected ${expected}`, option })
}
