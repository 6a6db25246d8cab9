import { isRetryable, isTerminal } from '@taskloom/protocol'
import type { TaskRecord } from '../../core/record.ts'

/** A job that a worker was given, as far as it matters here. */
export interface GivenJob {
  /** The name of the queue of BullMQ that it is in. */
  readonly place: string
  /** How many attempts BullMQ has seen end. */
  readonly attemptsMade: number
}

/** What is done with a job that a worker was given. */
export type Take =
  /** Its task is marked as running here and run. */
  | { readonly kind: 'take' }
  /** The worker that had it is gone: that attempt is interrupted first. */
  | { readonly kind: 'interrupt' }
  /** It runs in this very process, which has lost its lock and got it again: its end is waited for. */
  | { readonly kind: 'join' }
  /** It is not due yet: BullMQ keeps it until `at`. */
  | { readonly kind: 'later'; readonly at: number }
  /** Somebody asked BullMQ itself to run an ended task again: that is a new task. */
  | { readonly kind: 'retry' }
  /** There is nothing to run. */
  | { readonly kind: 'discard' }

/** What it was decided upon. */
export interface Circumstances {
  readonly now: number
  /** Whether the task runs in this process. */
  readonly isHere: boolean
  /** Whether the process that runs it lives: it has only lost its lock. */
  readonly isHeld: boolean
  /** The name of the queue of BullMQ in which the task belongs. */
  readonly place: string
}

/** Clocks of machines differ: a job that comes so much too early is run. */
const earlyMs = 1_000
/** A task whose process has only lost its lock is looked at again after so long. */
const heldMs = 1_000

/** The store says what a task is; a job is only a reminder of it. */
export function decideTake(record: TaskRecord, job: GivenJob, circumstances: Circumstances): Take {
  const { now, isHere, isHeld, place } = circumstances
  if (record.status === 'running') {
    if (isHere) return { kind: 'join' }
    return isHeld ? { kind: 'later', at: now + heldMs } : { kind: 'interrupt' }
  }
  if (isTerminal(record.status)) return isAskedAgain(record, job) ? { kind: 'retry' } : { kind: 'discard' }
  // It was moved: the job in its new queue runs it.
  if (job.place !== place) return { kind: 'discard' }
  if (record.runAt !== null && record.runAt > now + earlyMs) return { kind: 'later', at: record.runAt }
  return { kind: 'take' }
}

/**
 * BullMQ counts an attempt when it hears of its end. A job that comes again because its worker died before it could tell
 * has one less than one whose end was told and that was retried by hand. What has succeeded is not run again.
 */
function isAskedAgain({ status, retriesUsed }: TaskRecord, { attemptsMade }: GivenJob): boolean {
  return isRetryable(status) && attemptsMade > retriesUsed
}

const shortestStrangerMs = 1_000
const longestStrangerMs = 15_000

/**
 * How long a task rests whose function this process does not know: others may know it, or will when they start. The longer
 * it has waited, the longer.
 */
export function strangerPause({ createdAt, runAt }: TaskRecord, now: number): number {
  const waitedMs = now - (runAt ?? createdAt)
  return Math.min(longestStrangerMs, Math.max(shortestStrangerMs, waitedMs / 4))
}

/** What BullMQ is told of an attempt. */
export type Told =
  | { readonly kind: 'completed' }
  /** It has failed, and is tried again after its back-off. */
  | { readonly kind: 'failed'; readonly why: string; readonly retryAt: number }
  /** It has failed for good. */
  | { readonly kind: 'ended'; readonly why: string }
  /** It waits until then, and no attempt is counted. */
  | { readonly kind: 'delayed'; readonly at: number }
  /** It waits again at once. */
  | { readonly kind: 'waiting' }

/** `next` is the record as it was saved with the end of the attempt, `previous` as it ran; null when somebody else has it. */
export function tell(previous: TaskRecord, next: TaskRecord | null, isLastForBullmq: boolean): Told {
  // Whoever has it now has a job of his own.
  if (next === null || next.status === 'success') return { kind: 'completed' }
  if (next.status !== 'pending') return { kind: 'ended', why: next.error ?? next.status }
  if (next.runAt === null) return { kind: 'waiting' }
  const hasFailed = next.retriesUsed > previous.retriesUsed
  if (!hasFailed || isLastForBullmq) return { kind: 'delayed', at: next.runAt }
  return { kind: 'failed', why: next.error ?? 'failed', retryAt: next.runAt }
}
