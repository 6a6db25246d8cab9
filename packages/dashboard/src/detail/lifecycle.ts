import { isHeld, type Attempt, type TaskDetail } from '@taskloom/protocol'
import type { Formats } from '../format.ts'

/** A line of the lifecycle, ready to be written. */
export interface LifecycleStep {
  readonly tone: 'quiet' | 'running' | 'success' | 'failed' | 'interrupted' | 'cancelled'
  readonly words: string
  /** Something that is less than an event: a wait, a run of equal attempts. */
  readonly isAside: boolean
  readonly at: number | null
  /** A task to go to. */
  readonly taskId: string | null
}

/**
 * What happened to a task, in order: who asked, what each attempt came to, how long it waited between, how it ended.
 * Attempts in the middle that failed alike are one line. Pure.
 */
export function lifecycle(task: TaskDetail, formats: Formats): readonly LifecycleStep[] {
  const attempts = [...task.attempts].sort((a, b) => a.attempt - b.attempt)
  return [
    originStep(task, formats),
    ...delaySteps(task, formats),
    ...attemptSteps(task, attempts, formats),
    ...endSteps(task, formats),
  ]
}

/** How long an attempt took; null while it runs. */
export function attemptMs({ startedAt, endedAt }: Attempt): number | null {
  return endedAt === null ? null : Math.max(0, endedAt - startedAt)
}

/** How an attempt ended, as the end of a sentence about it; an outcome that is not known is its own word. */
export function outcomeWords(outcome: string, { say }: Formats): string {
  switch (outcome) {
    case 'success':
      return say('succeeded')
    case 'failed':
      return say('failed')
    case 'timed_out':
      return say('timed out')
    case 'cancelled':
      return say('was cancelled')
    case 'interrupted':
      return say('was interrupted')
    case 'snoozed':
      return say('was snoozed')
    default:
      return outcome.slice(0, 40)
  }
}

function originStep(task: TaskDetail, { say }: Formats): LifecycleStep {
  const at = task.createdAt
  if (task.retriedFrom) return step('quiet', say('Enqueued as a retry'), at, task.retriedFrom)
  if (task.schedule) return step('quiet', say('Enqueued by schedule {name}', { name: task.schedule }), at)
  const words = task.userLabel ? say('Enqueued by {name}', { name: task.userLabel }) : say('Enqueued')
  return step('quiet', words, at)
}

function delaySteps(task: TaskDetail, formats: Formats): readonly LifecycleStep[] {
  const { say } = formats
  if (task.startTime === null) {
    if (task.runAt === null || task.attempt > 0) return []
    const starts = say('starts at {time}', { time: formats.time(task.runAt) })
    return [aside(isHeld(task) ? say('starts after the response') : starts)]
  }
  const gapMs = task.startTime - task.createdAt
  return gapMs >= 1_000 ? [aside(say('waited {duration}', { duration: formats.duration(gapMs) }))] : []
}

function attemptSteps(task: TaskDetail, attempts: readonly Attempt[], formats: Formats): readonly LifecycleStep[] {
  const { say, sayCount } = formats
  if (collapses(attempts)) {
    const last = attempts.at(-1) as Attempt
    const middle = attempts.slice(1, -1).map(({ attempt }) => String(attempt))
    const waits = waitsBetween(attempts).map((ms) => formats.duration(ms))
    const alike = sayCount(
      middle.length,
      'waited {waits} — attempt {attempts} failed alike',
      'waited {waits} — attempts {attempts} failed alike',
      { waits: listed(waits, formats, say('then')), attempts: listed(middle, formats, say('and')) },
    )
    return [attemptStep(attempts[0] as Attempt, task, formats), aside(alike), attemptStep(last, task, formats)]
  }
  return attempts.flatMap((attempt, index) => {
    const before = attempts[index - 1]
    const waitMs = before?.endedAt == null ? null : Math.max(0, attempt.startedAt - before.endedAt)
    const wait = waitMs === null ? [] : [aside(say('waited {duration}', { duration: formats.duration(waitMs) }))]
    return [...wait, attemptStep(attempt, task, formats)]
  })
}

/** At least one attempt in the middle, all but the last failed with one error. */
function collapses(attempts: readonly Attempt[]): boolean {
  if (attempts.length < 3) return false
  return attempts.slice(0, -1).every(({ outcome, error }) => outcome === 'failed' && error === attempts[0]?.error)
}

function waitsBetween(attempts: readonly Attempt[]): readonly number[] {
  return attempts.slice(1).flatMap((attempt, index) => {
    const endedAt = attempts[index]?.endedAt ?? null
    return endedAt === null ? [] : [Math.max(0, attempt.startedAt - endedAt)]
  })
}

const tones: Readonly<Record<string, LifecycleStep['tone']>> = {
  success: 'success',
  failed: 'failed',
  timed_out: 'failed',
  cancelled: 'cancelled',
  interrupted: 'interrupted',
}

function attemptStep(attempt: Attempt, task: TaskDetail, formats: Formats): LifecycleStep {
  const { say } = formats
  const { attempt: number, outcome } = attempt
  if (outcome === null) return step('running', say('Attempt {number} is running', { number }), attempt.startedAt)
  const tone = Object.hasOwn(tones, outcome) ? (tones[outcome] ?? 'quiet') : 'quiet'
  const values = { number, outcome: outcomeWords(outcome, formats), duration: formats.duration(attemptMs(attempt)) }
  const isDeadEnd = number === task.attempt && task.status === 'failed'
  const words = isDeadEnd
    ? say('Attempt {number} {outcome} · gave up → dead letter', values)
    : say('Attempt {number} {outcome} · {duration}', values)
  return step(tone, words, attempt.endedAt ?? attempt.startedAt)
}

function endSteps(task: TaskDetail, { say }: Formats): readonly LifecycleStep[] {
  const ends: LifecycleStep[] = []
  if (task.status === 'pending' && task.attempt > 0) ends.push(aside(say('waits for its next attempt')))
  if (task.status === 'cancelled' && task.attempts.at(-1)?.outcome !== 'cancelled') {
    ends.push(step('cancelled', say('Cancelled'), task.endTime))
  }
  const retried = task.timeline.filter(({ event }) => event === 'retried')
  return [...ends, ...retried.map(({ at, detail }) => step('quiet', say('Retried as a new task'), at, detail))]
}

function step(
  tone: LifecycleStep['tone'],
  words: string,
  at: number | null,
  taskId: string | null = null,
): LifecycleStep {
  return { tone, words, isAside: false, at, taskId }
}

function aside(words: string): LifecycleStep {
  return { tone: 'quiet', words, isAside: true, at: null, taskId: null }
}

/** `1, 2 and 3`; long lists end early. */
function listed(words: readonly string[], { say }: Formats, last: string): string {
  if (words.length > 8)
    return say('{first}, … {last}', { first: words.slice(0, 4).join(', '), last: words.at(-1) ?? '' })
  if (words.length < 2) return words.join('')
  return say('{first} {and} {last}', { first: words.slice(0, -1).join(', '), and: last, last: words.at(-1) ?? '' })
}
