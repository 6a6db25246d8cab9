import { isRetryable, type Attempt, type TaskStatus } from '@taskloom/protocol'
import { nameCutErrors, withName } from './cut.ts'
import { formatDuration } from './duration.ts'
import { TaskError } from './errors.ts'
import { describeError, type ErrorText } from './error-text.ts'
import { createRecord, noLines, transition, type Birth, type Creation, type TaskRequest } from './record.ts'
import type { LogLine, TaskRecord, Transition } from './record.ts'
import { retryDelay, type RetryPolicy } from './retry.ts'
import { packResult } from './serialize.ts'
import type { Verdict } from './verdict.ts'

/** What became of one attempt. */
export type Outcome =
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }
  /** The stored arguments cannot be read: the function was not called, and trying again would not help. */
  | { readonly kind: 'unreadable'; readonly error: unknown }
  | { readonly kind: 'snoozed'; readonly delayMs: number }
  | { readonly kind: 'timed_out'; readonly timeoutMs: number }
  | { readonly kind: 'cancelled'; readonly reason: string }
  | { readonly kind: 'interrupted'; readonly reason: string }
  /** The function was not called, and no worker has it any more. */
  | { readonly kind: 'not_begun' }

/** What a function says about the ends of its attempts. */
export interface SettlePolicy extends RetryPolicy {
  /** Whether an interrupted task waits again instead of ending. */
  readonly requeueOnInterrupt: boolean
  /** A task that was interrupted this often is not started again by itself. */
  readonly maxInterruptions: number
}

export interface Taker {
  readonly workerId: string
  readonly now: number
}

/** pending → running. */
export function take(record: TaskRecord, taker: Taker): Transition {
  const { changes, attempt } = begin(record, taker)
  return transition(record, changes, { attempt })
}

/** A new task that runs from the beginning. */
export function createRunning(request: TaskRequest, birth: Birth, taker: Taker): Creation {
  const { workerId, now } = taker
  const waitMs = Math.max(0, now - birth.createdAt)
  const begun = { status: 'running', attempt: 1, workerId, startTime: now, waitMs } as const
  const next = Object.assign(createRecord(request, birth), begun)
  return { previous: null, next, attempt: openAttempt(1, taker), logs: noLines }
}

function openAttempt(attempt: number, { workerId, now }: Taker): Attempt {
  return { attempt, startedAt: now, endedAt: null, outcome: null, error: null, stacktrace: null, workerId }
}

function begin(record: TaskRecord, taker: Taker) {
  const { workerId, now } = taker
  const attempt = openAttempt(record.attempt + 1, taker)
  const changes = {
    status: 'running',
    attempt: attempt.attempt,
    workerId,
    runAt: null,
    startTime: record.startTime ?? now,
    endTime: null,
    durationMs: null,
    waitMs: record.waitMs ?? Math.max(0, now - Math.max(record.runAt ?? 0, record.createdAt)),
    error: null,
    stacktrace: null,
    errorCode: null,
    progress: null,
    progressPayload: null,
  } as const
  return { changes, attempt }
}

export interface Settling {
  readonly policy: SettlePolicy
  readonly now: number
  /** When the attempt started; not kept in the record. */
  readonly startedAt: number
  /** 0–1, for the jitter. */
  readonly random: number
  /** What the function's own rules say of a failed attempt; null where they say nothing. */
  readonly verdict?: Verdict | null
}

/** running → success, failed, pending again, cancelled or interrupted: the whole meaning of an outcome. */
export function settle(record: TaskRecord, outcome: Outcome, settling: Settling): Transition {
  return nameCutErrors(decide(record, outcome, settling))
}

function decide(record: TaskRecord, outcome: Outcome, settling: Settling): Transition {
  switch (outcome.kind) {
    case 'returned':
      return succeed(record, outcome.value, settling)
    case 'threw':
      return fail(record, 'failed', describeError(outcome.error), settling)
    case 'unreadable':
      return end(record, 'failed', describeError(outcome.error), settling)
    case 'snoozed':
      return snooze(record, outcome.delayMs, settling)
    case 'timed_out':
      return fail(record, 'timed_out', timeoutText(outcome.timeoutMs), settling)
    case 'cancelled':
      return end(record, 'cancelled', { error: outcome.reason, stacktrace: null, errorCode: 'cancelled' }, settling)
    case 'interrupted':
      return interrupt(record, outcome.reason, settling)
    case 'not_begun':
      return giveBack(record, settling)
  }
}

/** Another place for a waiting task. */
export interface Move {
  /** Higher first; null for none. */
  readonly priority?: number | null
  readonly queue?: string
}

/** pending → cancelled: it never runs. */
export function cancelPending(record: TaskRecord, now: number, words: string): Transition {
  requireStatus(record, ['pending'], 'cancelled')
  const changes: Partial<TaskRecord> = {
    status: 'cancelled',
    endTime: now,
    runAt: null,
    durationMs: record.startTime === null ? null : Math.max(0, now - record.startTime),
    cancelRequestedAt: now,
    hasLogs: true,
  }
  return transition(record, changes, { logs: [operatorLine(record, now, words)] })
}

/** running → running, with the wish kept: whoever runs it gets an abort signal. */
export function requestCancel(record: TaskRecord, now: number, words: string): Transition {
  requireStatus(record, ['running'], 'cancelled')
  const changes = { cancelRequestedAt: record.cancelRequestedAt ?? now, hasLogs: true }
  return transition(record, changes, { logs: [operatorLine(record, now, words)] })
}

/** A delayed task becomes due; one that is due already stays as it is but for the note. */
export function runNow(record: TaskRecord, now: number, words: string): Transition {
  requireStatus(record, ['pending'], 'run now')
  return transition(record, { runAt: null, hasLogs: true }, { logs: [operatorLine(record, now, words)] })
}

/** A waiting task gets another place: what is left out stays as it is. */
export function move(record: TaskRecord, to: Move, now: number, words: string): Transition {
  requireStatus(record, ['pending'], 'moved')
  return transition(record, { ...to, hasLogs: true }, { logs: [operatorLine(record, now, words)] })
}

/** The original of a retry: unchanged but for its count and the note. */
export function markRetried(record: TaskRecord, now: number, words: string): Transition {
  requireRetryable(record)
  return transition(
    record,
    { retryCount: record.retryCount + 1, hasLogs: true },
    { logs: [operatorLine(record, now, words)] },
  )
}

export function requireRetryable(record: TaskRecord): void {
  if (!isRetryable(record.status)) requireStatus(record, ['failed', 'interrupted'], 'retried')
}

export function requireStatus(record: TaskRecord, allowed: readonly TaskStatus[], deed: string): void {
  if (allowed.includes(record.status)) return
  throw new TaskError('wrong_status', {
    message: `Only ${allowed.join(' or ')} tasks can be ${deed}; this one is ${record.status}`,
    taskId: record.taskId,
    status: record.status,
  })
}

function succeed(record: TaskRecord, value: unknown, settling: Settling): Transition {
  const { text, loss } = packResult(value)
  const { now } = settling
  const changes = { status: 'success', result: text, endTime: now, durationMs: lasted(record, now) } as const
  const attempt = endedAttempt(record, 'success', null, settling)
  if (loss === null) return transition(record, changes, { attempt })
  const logs = [line(record, now, 'warning', loss)]
  return transition(
    record,
    { ...changes, hasLogs: true, truncated: withName(record.truncated, 'result') },
    { attempt, logs },
  )
}

function fail(record: TaskRecord, outcome: 'failed' | 'timed_out', why: ErrorText, settling: Settling): Transition {
  if (record.cancelRequestedAt !== null) return end(record, 'cancelled', why, settling)
  const { policy, now, random, verdict = null } = settling
  if (record.retriesUsed >= record.maxRetries) return end(record, 'failed', why, settling, outcome)
  if (verdict?.kind === 'fail') return noted(end(record, 'failed', why, settling, outcome), now, verdict.note)
  const retry = record.retriesUsed + 1
  const delayMs = verdict?.delayMs ?? retryDelay(policy, retry, random)
  const words = `Attempt ${record.attempt} failed: ${why.error}. Retry ${retry} of ${record.maxRetries} in ${formatDuration(delayMs)}`
  const changes: Partial<TaskRecord> = {
    status: 'pending',
    runAt: now + delayMs,
    retriesUsed: retry,
    workerId: null,
    hasLogs: true,
    ...why,
  }
  const attempt = endedAttempt(record, outcome, why, settling)
  const retried = transition(record, changes, { attempt, logs: [line(record, now, 'warning', words)] })
  return verdict?.note ? noted(retried, now, verdict.note) : retried
}

/** A line before those that are there already. */
function noted(step: Transition, now: number, words: string): Transition {
  const { previous, next, logs } = step
  return { ...step, next: { ...next, hasLogs: true }, logs: [line(previous, now, 'warning', words), ...logs] }
}

/** The function asked to be called again later: no retry is used up. */
function snooze(record: TaskRecord, delayMs: number, settling: Settling): Transition {
  if (record.cancelRequestedAt !== null) {
    return end(record, 'cancelled', { error: 'Cancelled', stacktrace: null, errorCode: 'cancelled' }, settling)
  }
  const words = `Attempt ${record.attempt} was snoozed for ${formatDuration(delayMs)}`
  const changes = { status: 'pending', runAt: settling.now + delayMs, workerId: null, hasLogs: true } as const
  const attempt = endedAttempt(record, 'snoozed', null, settling)
  return transition(record, changes, { attempt, logs: [line(record, settling.now, 'info', words)] })
}

/** running → pending, as if it had never been taken: the attempt is none. */
function giveBack(record: TaskRecord, settling: Settling): Transition {
  if (record.cancelRequestedAt !== null) {
    return end(record, 'cancelled', { error: 'Cancelled', stacktrace: null, errorCode: 'cancelled' }, settling)
  }
  const isFirst = record.attempt === 1
  return transition(record, {
    status: 'pending',
    attempt: record.attempt - 1,
    workerId: null,
    startTime: isFirst ? null : record.startTime,
    waitMs: isFirst ? null : record.waitMs,
  })
}

function interrupt(record: TaskRecord, reason: string, settling: Settling): Transition {
  const interruptions = record.interruptions + 1
  const { requeueOnInterrupt, maxInterruptions } = settling.policy
  const isCrashLoop = requeueOnInterrupt && interruptions >= maxInterruptions
  const why: ErrorText = isCrashLoop ? crashLoopText(reason, interruptions) : interruptedText(reason)
  const mayWaitAgain = requeueOnInterrupt && !isCrashLoop
  if (!mayWaitAgain || record.cancelRequestedAt !== null) {
    const ending = end(record, 'interrupted', why, settling)
    return { ...ending, next: { ...ending.next, interruptions } }
  }
  const words = `Attempt ${record.attempt} was interrupted: ${reason}. It waits again`
  const changes: Partial<TaskRecord> = {
    status: 'pending',
    runAt: null,
    workerId: null,
    interruptions,
    hasLogs: true,
    ...why,
  }
  const attempt = endedAttempt(record, 'interrupted', why, settling)
  return transition(record, changes, { attempt, logs: [line(record, settling.now, 'warning', words)] })
}

function end(
  record: TaskRecord,
  status: 'failed' | 'cancelled' | 'interrupted',
  why: ErrorText,
  settling: Settling,
  outcome: string = status,
): Transition {
  const changes: Partial<TaskRecord> = { status, ...ended(record, settling.now), ...why }
  return transition(record, changes, { attempt: endedAttempt(record, outcome, why, settling) })
}

function ended(record: TaskRecord, now: number): Pick<TaskRecord, 'endTime' | 'durationMs'> {
  return { endTime: now, durationMs: lasted(record, now) }
}

function lasted({ startTime }: TaskRecord, now: number): number {
  return Math.max(0, now - (startTime ?? now))
}

function endedAttempt(
  record: TaskRecord,
  outcome: string,
  why: ErrorText | null,
  { now, startedAt }: Settling,
): Attempt {
  return {
    attempt: record.attempt,
    startedAt,
    endedAt: Math.max(startedAt, now),
    outcome,
    error: why?.error ?? null,
    stacktrace: why?.stacktrace ?? null,
    workerId: record.workerId,
  }
}

function timeoutText(timeoutMs: number): ErrorText {
  return { error: `Timed out after ${formatDuration(timeoutMs)}`, stacktrace: null, errorCode: 'timed_out' }
}

function interruptedText(reason: string): ErrorText {
  return { error: reason, stacktrace: null, errorCode: 'interrupted' }
}

function crashLoopText(reason: string, interruptions: number): ErrorText {
  const times = interruptions === 1 ? 'once' : `${interruptions} times`
  const error = `${reason}. It was interrupted ${times} and is not queued again by itself`
  return { error, stacktrace: null, errorCode: 'crash_loop' }
}

function operatorLine(record: TaskRecord, now: number, words: string): LogLine {
  return line(record, now, 'info', words)
}

function line(record: TaskRecord, now: number, level: LogLine['level'], message: string): LogLine {
  return { at: now, level, message, attempt: record.attempt, extra: null }
}
