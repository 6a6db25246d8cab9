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
  return [originStep(task), ...delaySteps(task, formats), ...attemptSteps(task, attempts, formats), ...endSteps(task)]
}

/** How long an attempt took; null while it runs. */
export function attemptMs({ startedAt, endedAt }: Attempt): number | null {
  return endedAt === null ? null : Math.max(0, endedAt - startedAt)
}

function originStep(task: TaskDetail): LifecycleStep {
  const at = task.createdAt
  if (task.retriedFrom) return step('quiet', 'Enqueued as a retry', at, task.retriedFrom)
  if (task.schedule) return step('quiet', `Enqueued by schedule ${task.schedule}`, at)
  return step('quiet', task.userLabel ? `Enqueued by ${task.userLabel}` : 'Enqueued', at)
}

function delaySteps(task: TaskDetail, formats: Formats): readonly LifecycleStep[] {
  if (task.startTime === null) {
    if (task.runAt === null || task.attempt > 0) return []
    return [aside(isHeld(task) ? 'starts after the response' : `starts at ${formats.time(task.runAt)}`)]
  }
  const gapMs = task.startTime - task.createdAt
  return gapMs >= 1_000 ? [aside(`waited ${formats.duration(gapMs)}`)] : []
}

function attemptSteps(task: TaskDetail, attempts: readonly Attempt[], formats: Formats): readonly LifecycleStep[] {
  if (collapses(attempts)) {
    const last = attempts.at(-1) as Attempt
    const middle = attempts.slice(1, -1).map(({ attempt }) => String(attempt))
    const waits = list(
      waitsBetween(attempts).map((ms) => formats.duration(ms)),
      ', then ',
    )
    const alike = `attempt${middle.length > 1 ? 's' : ''} ${list(middle, ', ', ' and ')} failed alike`
    return [
      attemptStep(attempts[0] as Attempt, task, formats),
      aside(`waited ${waits} — ${alike}`),
      attemptStep(last, task, formats),
    ]
  }
  return attempts.flatMap((attempt, index) => {
    const before = attempts[index - 1]
    const waitMs = before?.endedAt == null ? null : attempt.startedAt - before.endedAt
    const wait = waitMs === null ? [] : [aside(`waited ${formats.duration(Math.max(0, waitMs))}`)]
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

const outcomes: Readonly<Record<string, readonly [LifecycleStep['tone'], string]>> = {
  success: ['success', 'succeeded'],
  failed: ['failed', 'failed'],
  timed_out: ['failed', 'timed out'],
  cancelled: ['cancelled', 'was cancelled'],
  interrupted: ['interrupted', 'was interrupted'],
  snoozed: ['quiet', 'was snoozed'],
}

function attemptStep(attempt: Attempt, task: TaskDetail, formats: Formats): LifecycleStep {
  const name = `Attempt ${attempt.attempt}`
  if (attempt.outcome === null) return step('running', `${name} is running`, attempt.startedAt)
  const known = Object.hasOwn(outcomes, attempt.outcome) ? outcomes[attempt.outcome] : undefined
  const [tone, verb] = known ?? ['quiet', attempt.outcome.slice(0, 40)]
  const isLast = attempt.attempt === task.attempt
  const gaveUp =
    isLast && task.status === 'failed' ? ' · gave up → dead letter' : ` · ${formats.duration(attemptMs(attempt))}`
  return step(tone, `${name} ${verb}${gaveUp}`, attempt.endedAt ?? attempt.startedAt)
}

function endSteps(task: TaskDetail): readonly LifecycleStep[] {
  const ends: LifecycleStep[] = []
  if (task.status === 'pending' && task.attempt > 0) ends.push(aside('waits for its next attempt'))
  if (task.status === 'cancelled' && task.attempts.at(-1)?.outcome !== 'cancelled') {
    ends.push(step('cancelled', 'Cancelled', task.endTime))
  }
  const retried = task.timeline.filter(({ event }) => event === 'retried')
  return [...ends, ...retried.map(({ at, detail }) => step('quiet', 'Retried as a new task', at, detail))]
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

function list(words: readonly string[], between: string, last = between): string {
  return words.length < 2 ? words.join('') : words.slice(0, -1).join(between) + last + (words.at(-1) ?? '')
}
