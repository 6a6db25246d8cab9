import type { TaskRecord } from '../core/record.ts'
import type { OutboxMessage } from '../stores/outbox.ts'
import { isTerminal } from '@taskloom/protocol'

/** What durable observers may hear of: `retry` is a failed attempt that will be repeated, `fail` the end without success. */
export const durableMoments = ['create', 'start', 'retry', 'complete', 'fail'] as const
/** One of {@link durableMoments}. */
export type DurableMoment = (typeof durableMoments)[number]

/**
 * Hears of tasks at least once, also when the process dies in between: each message is stored in the same transaction as
 * the change it tells of, and stays until `deliver` has resolved.
 */
export interface DurableObserver {
  /** Under this name its messages wait; it must be the same after a restart. */
  readonly name: string
  /** What it hears of; nothing else is stored for it. */
  readonly wants: readonly DurableMoment[]
  /** Attempts after which a message is given up. */
  readonly maxAttempts: number
  /** Milliseconds after which an attempt is aborted and counts as failed. */
  readonly timeoutMs: number
  /** Milliseconds to wait after the given failed attempt, the first being 1. */
  delayMs(attempt: number): number
  /** Rejects when it did not arrive. It may come twice, with the same `message.id`. */
  deliver(message: OutboxMessage, signal: AbortSignal): Promise<void>
}

/** How many messages of a durable observer have not arrived. */
export interface Undelivered {
  /** Whose they are. */
  readonly name: string
  /** On their way, or to be tried again. */
  readonly waiting: number
  /** Given up; a fault told of each. Deleted after a week. */
  readonly dead: number
}

/** What a change of a task is to the world outside. */
export function momentsOf(next: TaskRecord, previous: TaskRecord | null): readonly DurableMoment[] {
  const isStart = next.status === 'running' && previous?.status !== 'running'
  if (previous === null) return isStart ? ['create', 'start'] : ['create']
  if (previous.status === next.status) return []
  if (isStart) return ['start']
  if (isTerminal(next.status)) return [next.status === 'success' ? 'complete' : 'fail']
  // An attempt that was given back was none.
  return next.status === 'pending' && next.attempt === previous.attempt ? ['retry'] : []
}
