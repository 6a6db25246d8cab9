import { executorNames, type ExecutorName, type JsonSchema } from '@taskloom/protocol'
import { parseArgsSchema } from './args-schema.ts'
import { parseDuration, type Duration } from './duration.ts'
import { TaskError } from './errors.ts'
import type { SettlePolicy } from './lifecycle.ts'
import { functionOption, integerOption, numberOption, rejectUnknown, textOption, flagOption } from './option.ts'
import { parseRateLimit, type RateLimit, type RateLimitOptions } from './rate-limit.ts'
import type { TaskRequest } from './record.ts'
import { parseRedact } from './redact.ts'
import { longestDelayMs } from './retry.ts'
import { parseSchema, type StandardSchema } from './standard-schema.ts'
import { defaultCatchUp, misfirePolicies, parseTrigger, type Misfire, type Trigger } from './trigger.ts'
import type { RetryIf, RetryPolicyFunction } from './verdict.ts'

/** How a function's tasks are run. */
export interface FunctionOptions {
  /**
   * Where they run: `async` on the event loop of this process (the default), `thread` in a worker thread, `process` in a
   * process of its own. The latter two want a {@link TaskModule} instead of a function.
   */
  readonly executor?: ExecutorName
  /** Attempts beyond the first; 0 by default, and 1,000 where a `retryPolicy` decides. */
  readonly retries?: number
  /** Before the first retry; one second by default. */
  readonly delay?: Duration
  /** What each further delay is multiplied by; 1 by default. */
  readonly backoff?: number
  /** No retry waits longer; a day by default. */
  readonly maxDelay?: Duration
  /** Draws each delay from the upper half of its range; off by default. */
  readonly jitter?: boolean
  /**
   * Says after each failed attempt how long to wait before the next: milliseconds or a text such as `'2s'`; `'fail'` or
   * `false` for no further attempt. What it answers is taken as it is, without `maxDelay` and `jitter`; none by default.
   */
  readonly retryPolicy?: RetryPolicyFunction
  /** Which errors are worth another attempt; all by default. Needs `retries` or a `retryPolicy`. */
  readonly retryIf?: RetryIf
  /** An attempt that takes longer is aborted and counts as failed; none by default. */
  readonly timeout?: Duration
  /** Higher runs first; 0 by default. */
  readonly priority?: number
  /** A name to group and filter by; `default` by default. */
  readonly queue?: string
  /** How many of its tasks run at once in this process; unlimited by default. */
  readonly concurrency?: number
  /** How often its attempts start in this process, first ones and retries alike; unlimited by default. */
  readonly rateLimit?: RateLimitOptions
  /** Whether a task whose process stopped or died waits again instead of ending as interrupted; off by default. */
  readonly requeueOnInterrupt?: boolean
  /** A task that was interrupted this often is not queued again by itself, lest it take every process down; 3 by default. */
  readonly maxInterruptions?: number
  /**
   * A Standard Schema of the list of arguments: checked at every enqueue, and what it gives is stored. Arguments that do
   * not fit are refused with `bad_argument`, whose `details.issues` say where and why. None by default.
   */
  readonly args?: StandardSchema
  /**
   * A JSON Schema of the list of arguments, at most 65,536 characters as text: the dashboard makes a form of it. It
   * describes and does not check; `args` checks. By default what `args` writes of itself, if it can.
   */
  readonly argsSchema?: Readonly<Record<string, unknown>>
  /** What it does, in words for the dashboard; at most 500 characters, none by default. */
  readonly description?: string
  /**
   * Paths of arguments that nobody is shown and no search finds, such as `user.password`, `0.token` or `cards.*.number`. A
   * first step that is a number is that argument, `*` is any one step. At most 100; none by default.
   */
  readonly redact?: readonly string[]
  /**
   * Whether its tasks start at once although they are enqueued during a request, instead of after the response; off by
   * default. Without `requestScope` or `autoInstall` all of them do. Slots of a schedule always start at once.
   */
  readonly eager?: boolean
}

/** Where a function that runs in a thread or a process is found: code cannot be sent there, only the way to it. */
export interface TaskModule {
  /** Mostly `new URL('./render.js', import.meta.url)`; as text a `file:` or `data:` URL or an absolute path. */
  readonly module: URL | string
  /** The name it is exported by; `default` by default. */
  readonly export?: string
}

/** What may be said of a schedule and of the function that it enqueues: `every` or `cron`, one of them. */
export interface ScheduleOptions extends FunctionOptions {
  /** Fires at every multiple of this since 1970-01-01T00:00Z; at least one second. Without it `cron` says when. */
  readonly every?: Duration
  /** Five or six fields, or a nickname such as `@daily`. Without it `every` says when. */
  readonly cron?: string
  /** An IANA name for `cron`; `UTC` by default. */
  readonly timezone?: string
  /** What happens to slots nobody was there for: one task for all, none, or one each; `once` by default. */
  readonly misfire?: Misfire
  /** With `misfire: 'all'` so many of the newest missed slots are run, the others are counted as missed; 100 by default. */
  readonly misfireMax?: number
  /** `skip` lets a slot pass while the schedule's last task still waits or runs; `allow` by default. */
  readonly overlap?: 'allow' | 'skip'
  /** Also runs once at each start, unless it is paused then, or `overlap` forbids it; off by default. */
  readonly runOnStartup?: boolean
}

export type PlainFunction = (...args: never[]) => unknown

/** A {@link TaskModule} as it was understood. */
export interface ModuleTarget {
  readonly url: string
  readonly exportName: string
}

/** A function as it was defined, with every default filled in. */
export interface Definition {
  readonly name: string
  readonly executor: ExecutorName
  /** Null for a function that is found in `module`. */
  readonly run: PlainFunction | null
  readonly module: ModuleTarget | null
  readonly policy: SettlePolicy
  readonly retryPolicy: RetryPolicyFunction | null
  readonly retryIf: RetryIf | null
  readonly args: StandardSchema | null
  /** As it was given; what `args` writes of itself is not in it. */
  readonly argsSchema: JsonSchema | null
  /** In words, for people; null without. */
  readonly description: string | null
  readonly timeoutMs: number | null
  readonly concurrency: number | null
  readonly rateLimit: RateLimit | null
  /** Whether its tasks do not wait for the end of the request that enqueues them. */
  readonly eager: boolean
  /** What is asked for when nothing else is said. */
  readonly request: TaskRequest
}

export interface ScheduleDefinition {
  readonly name: string
  readonly trigger: Trigger
  readonly misfire: Misfire
  readonly misfireMax: number
  readonly overlap: 'allow' | 'skip'
  readonly runOnStartup: boolean
}

const functionOptionNames = [
  'retries',
  'delay',
  'backoff',
  'maxDelay',
  'jitter',
  'retryPolicy',
  'retryIf',
  'timeout',
  'priority',
  'queue',
  'concurrency',
  'rateLimit',
  'requeueOnInterrupt',
  'executor',
  'maxInterruptions',
  'args',
  'argsSchema',
  'description',
  'redact',
  'eager',
] as const
const scheduleOptionNames = ['every', 'cron', 'timezone', 'misfire', 'misfireMax', 'overlap', 'runOnStartup'] as const

/** Reads what `define` was given; throws `bad_option` that names the option at fault. */
export function parseDefinition(name: unknown, options: FunctionOptions, task: unknown): Definition {
  rejectUnknown(options, functionOptionNames)
  const { executor = 'async' } = options
  if (!executorNames.includes(executor)) throw badWord('executor', executorNames)
  const policy = parsePolicy(options)
  const request = {
    funcName: textOption(name, 'name', 200),
    queue: options.queue === undefined ? 'default' : textOption(options.queue, 'queue', 100),
    priority: options.priority === undefined ? null : integerOption(options.priority, 'priority', -1e9, 1e9),
    maxRetries: policy.retries,
    ...(executor === 'async' ? {} : { executor }),
    ...(options.redact === undefined ? {} : { redact: parseRedact(options.redact) }),
  }
  return {
    name: request.funcName,
    executor,
    run: executor === 'async' ? parseFunction(task) : null,
    module: executor === 'async' ? null : parseModule(task, executor),
    policy,
    ...parseRules(options),
    timeoutMs: options.timeout === undefined ? null : positive(parseDuration(options.timeout, 'timeout'), 'timeout'),
    concurrency: options.concurrency === undefined ? null : integerOption(options.concurrency, 'concurrency', 1, 1e6),
    rateLimit: options.rateLimit === undefined ? null : parseRateLimit(options.rateLimit, 'rateLimit'),
    eager: options.eager !== undefined && flagOption(options.eager, 'eager'),
    ...parseWords(options),
    request,
  }
}

export function parseSchedule(name: string, options: ScheduleOptions): ScheduleDefinition {
  rejectUnknown(options, [...functionOptionNames, ...scheduleOptionNames])
  const { misfire = 'once', misfireMax = defaultCatchUp, overlap = 'allow', runOnStartup = false } = options
  if (!misfirePolicies.includes(misfire)) throw badWord('misfire', misfirePolicies)
  if (overlap !== 'allow' && overlap !== 'skip') throw badWord('overlap', ['allow', 'skip'])
  return {
    name,
    trigger: parseTrigger(options),
    misfire,
    misfireMax: integerOption(misfireMax, 'misfireMax', 1, 1_000),
    overlap,
    runOnStartup: flagOption(runOnStartup, 'runOnStartup'),
  }
}

/** The options of a schedule that belong to its function. */
export function functionPart(options: ScheduleOptions): FunctionOptions {
  const entries = Object.entries(options).filter(([key]) => (functionOptionNames as readonly string[]).includes(key))
  return Object.fromEntries(entries)
}

function parseFunction(task: unknown): PlainFunction {
  if (typeof task === 'function') return task as PlainFunction
  const message = isModule(task)
    ? "executor: a module needs 'thread' or 'process'"
    : 'A function is needed to define a task'
  throw new TaskError('bad_option', { message, option: isModule(task) ? 'executor' : 'fn' })
}

function parseModule(task: unknown, executor: ExecutorName): ModuleTarget {
  if (!isModule(task)) {
    const message = `executor: a ${executor} cannot be given a function; pass { module: new URL('./file.js', import.meta.url), export: 'name' }`
    throw new TaskError('bad_option', { message, option: 'fn' })
  }
  rejectUnknown(task, ['module', 'export'])
  const url = task.module instanceof URL ? task.module.href : textOption(task.module, 'module', 65_536)
  if (!/^(file:|data:|\/|[a-z]:[\\/])/i.test(url)) {
    const message = 'module: expected new URL(…, import.meta.url), a file: or data: URL, or an absolute path'
    throw new TaskError('bad_option', { message, option: 'module' })
  }
  return { url, exportName: task.export === undefined ? 'default' : textOption(task.export, 'export', 200) }
}

function isModule(task: unknown): task is TaskModule {
  return typeof task === 'object' && task !== null && 'module' in task
}

/** Also what a `retryPolicy` has where nothing else is said. */
const maxRetries = 1_000

function parseRules({ retries, retryPolicy, retryIf, args }: FunctionOptions) {
  if (retryIf !== undefined && retries === undefined && retryPolicy === undefined) {
    throw new TaskError('bad_option', { message: 'retryIf: has no effect without retries', option: 'retryIf' })
  }
  return {
    retryPolicy: retryPolicy === undefined ? null : functionOption(retryPolicy, 'retryPolicy'),
    retryIf: retryIf === undefined ? null : functionOption(retryIf, 'retryIf'),
    args: args === undefined ? null : parseSchema(args),
  }
}

function parseWords({ argsSchema, description }: FunctionOptions) {
  return {
    argsSchema: argsSchema === undefined ? null : parseArgsSchema(argsSchema),
    description: description === undefined ? null : textOption(description, 'description', 500),
  }
}

function parsePolicy({
  retryPolicy,
  retries = retryPolicy === undefined ? 0 : maxRetries,
  delay = 1_000,
  backoff = 1,
  maxDelay,
  jitter = false,
  ...rest
}: FunctionOptions): SettlePolicy {
  return {
    retries: integerOption(retries, 'retries', 0, maxRetries),
    delayMs: parseDuration(delay, 'delay'),
    backoff: numberOption(backoff, 'backoff', 1, 100),
    maxDelayMs: maxDelay === undefined ? longestDelayMs : parseDuration(maxDelay, 'maxDelay'),
    jitter: flagOption(jitter, 'jitter'),
    requeueOnInterrupt: flagOption(rest.requeueOnInterrupt ?? false, 'requeueOnInterrupt'),
    maxInterruptions: integerOption(rest.maxInterruptions ?? 3, 'maxInterruptions', 1, 1_000),
  }
}

function positive(ms: number, option: string): number {
  if (ms > 0) return ms
  throw new TaskError('bad_option', { message: `${option}: expected more than zero`, option })
}

function badWord(option: string, words: readonly string[]): TaskError {
  return new TaskError('bad_option', { message: `${option}: expected one of ${words.join(', ')}`, option })
}
