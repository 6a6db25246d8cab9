import type { LogEntry, TaskSummary } from '@taskloom/protocol'
import type { Clock } from '../core/clock.ts'

/** A moment in a task's life. `cleanup` is always the last one. */
export const lifeMoments = ['create', 'progress', 'complete', 'fail', 'cleanup'] as const
/** One of {@link lifeMoments}. */
export type LifeMoment = (typeof lifeMoments)[number]
/** The words by which an observer says what it wants to hear of. */
export type ObserverEventKind = LifeMoment | 'log'

/** What happened to a task; told after it was stored. */
export interface LifeEvent {
  /** Which moment it is. */
  readonly kind: LifeMoment
  /** When it was told, in epoch milliseconds. */
  readonly at: number
  /** The task as it was stored then. */
  readonly task: TaskSummary
  /** Labels of what the task works on. */
  readonly affected: readonly string[]
  /** JSON text of what the function returned; null before, or when it returned nothing. */
  readonly result: string | null
  /** JSON text of what `progress()` was given beyond percent and message. */
  readonly progressPayload: string | null
}

/** Lines that were added to the log of a task. */
export interface LogEvent {
  readonly kind: 'log'
  /** When they were told, in epoch milliseconds. */
  readonly at: number
  /** The task that wrote them. */
  readonly taskId: string
  /** Its function. */
  readonly funcName: string
  /** The lines, in order. */
  readonly entries: readonly LogEntry[]
}

/** What an observer hears of. */
export type ObserverEvent = LifeEvent | LogEvent

/** What an observer gets of its manager when it is attached. */
export interface ObserverHost {
  /** The manager’s clock. */
  readonly clock: Clock
  /** Tells the manager's `error` listeners. */
  fault(error: unknown, taskId?: string | null): void
}

/**
 * Hears what happens to the tasks of its process. It is called with one event at a time, in order; the next one follows
 * when the promise it returned has settled. What it throws, rejects with, or does not end is a fault that `error`
 * listeners hear of, and hurts neither tasks nor other observers.
 */
export interface Observer {
  /** Stands in faults and figures. */
  readonly name: string
  /** What it wants to hear of; everything by default. What nobody wants to hear costs nothing. */
  readonly hears?: readonly ObserverEventKind[]
  /** Called once before the first event. */
  open?(host: ObserverHost): void
  /** Hears of one event. */
  observe(event: ObserverEvent): void | Promise<void>
  /** Called once at shutdown, after the last event; has two seconds to write what it still holds. */
  close?(): void | Promise<void>
}

/** How an observer keeps up. */
export interface ObserverState {
  /** Which observer. */
  readonly name: string
  /** Events that it has not heard yet; a log event counts as its lines. */
  readonly waiting: number
  /** Events that it never heard because it was too slow. */
  readonly dropped: number
  /** Events at which it threw, rejected, or did not answer. */
  readonly failed: number
}
