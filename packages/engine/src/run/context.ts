import { AsyncLocalStorage } from 'node:async_hooks'
import type { LogLevel } from '@taskloom/protocol'
import type { Duration } from '../core/duration.ts'
import type { TaskRequest } from '../core/record.ts'
import { throwSnooze } from '../core/snooze.ts'
import { parseTrace } from '../core/trace.ts'

/** What a running task knows of itself. */
export interface TaskContext {
  /** Its id. */
  readonly taskId: string
  /** The name of its function. */
  readonly funcName: string
  /** 1 for the first attempt. */
  readonly attempt: number
  /** What it was enqueued with. */
  readonly tags: Readonly<Record<string, string>>
  /** The queue it waited in. */
  readonly queue: string
  /** The task this one is a retry of. */
  readonly retriedFrom: string | null
  /**
   * The W3C trace context to be sent along as headers: that of the attempt's span, or without OpenTelemetry the one the
   * task was given; null without one.
   */
  readonly traceparent: string | null
  /** What vendors passed along with `traceparent`; null without it. */
  readonly tracestate: string | null
  /** Aborted when the task is cancelled, times out, or the process stops. */
  readonly signal: AbortSignal
  /** Ends the attempt as {@link snooze} does. */
  snooze(delay: Duration): never
}

/** The level of a log line and facts by name, which are kept as JSON. */
export interface LogExtra {
  /** `info` by default. */
  readonly level?: LogLevel
  readonly [key: string]: unknown
}

/** How far a task is; further facts are kept as JSON and shown beside it. */
export interface ProgressReport {
  /** How much is done; with `total` it gives the percentage, without it nothing. */
  readonly current?: number
  /** How much there is to do; without it the percentage is not known. */
  readonly total?: number
  /** 0 to 100, rounded into that range; by default reckoned from `current` and `total`. */
  readonly percent?: number
  /** One line for people; none by default. */
  readonly message?: string
  readonly [key: string]: unknown
}

/** What the functions below speak to; closed once its attempt has ended. */
export interface Desk {
  readonly context: TaskContext
  log(message: unknown, extra: LogExtra | undefined): void
  progress(report: number | ProgressReport): void
}

const storage = new AsyncLocalStorage<Desk>()

/** Runs user code so that the functions below find its task. */
export function runAtDesk<A extends readonly unknown[], T>(desk: Desk, run: (...args: A) => T, ...args: A): T {
  return storage.run<T, unknown[]>(desk, run as unknown as (...args: unknown[]) => T, ...args)
}

/** The same request as part of the trace of the task that runs here, unless it has one of its own. */
export function inCallersTrace(request: TaskRequest): TaskRequest {
  const desk = storage.getStore()
  if (desk === undefined || (request.traceparent ?? null) !== null) return request
  const { traceparent, tracestate } = desk.context
  if (traceparent === null) return request
  return { ...request, ...parseTrace(traceparent, tracestate ?? undefined) }
}

/** The task that is running here; undefined outside of one. */
export function taskContext(): TaskContext | undefined {
  return storage.getStore()?.context
}

/**
 * Adds a line to the log of the running task, with further facts beside it. At most 8 KiB a line and 10,000 lines a task.
 * Outside of a task it does nothing, so a function may also be called directly.
 */
export function taskLog(message: string, extra?: LogExtra): void {
  storage.getStore()?.log(message, extra)
}

/**
 * Says how far the running task is: a percentage, or `{ current, total, message }` and whatever else should be seen.
 * Written at most ten times a second. Outside of a task it does nothing.
 */
export function progress(report: number | ProgressReport): void {
  storage.getStore()?.progress(report)
}

/**
 * Ends the attempt by throwing: the task waits again for `delay` and uses up no retry, however often it does so. Its log
 * and its attempts say that it was snoozed. Throws `bad_option` when the delay is none. Whoever catches what it throws
 * throws it again; outside of a task it reaches the caller.
 */
export function snooze(delay: Duration): never {
  return throwSnooze(delay)
}
