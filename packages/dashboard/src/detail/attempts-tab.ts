import type { Attempt, TaskDetail } from '@taskloom/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { Formats } from '../format.ts'
import { attemptMs } from './lifecycle.ts'
import { clip, stackBlock } from './text-block.ts'

/** A card per attempt, newest first; an attempt that failed as the one after it did is one line. */
export function attemptsTab(task: TaskDetail, formats: Formats): TemplateResult {
  const attempts = [...task.attempts].sort((a, b) => b.attempt - a.attempt)
  const total = Math.max(task.attempt, attempts[0]?.attempt ?? 0)
  return html`${repeat(
    attempts,
    ({ attempt }) => attempt,
    (attempt, index) => attemptCard(attempt, total, isSameError(attempt, attempts[index - 1]), formats),
  )}`
}

function attemptCard(attempt: Attempt, total: number, isSame: boolean, formats: Formats) {
  const took = attemptMs(attempt)
  const notes = [
    took === null ? `since ${formats.time(attempt.startedAt)}` : formats.duration(took),
    isSame ? 'same error' : attempt.workerId && `worker ${clip(attempt.workerId, 60)}`,
  ]
  return html`<article class="attempt">
    <header>
      <task-status-badge status=${badgeOf(attempt.outcome)}></task-status-badge>
      <span>Attempt ${attempt.attempt} of ${total}${noteOf(attempt.outcome)}</span>
      <span class="spacer"></span>
      <span class="faint">${notes.filter(Boolean).join(' · ')}</span>
    </header>
    ${isSame || attempt.error === null ? nothing : stackBlock(attempt.error, attempt.stacktrace)}
  </article>`
}

function badgeOf(outcome: string | null): string {
  if (outcome === null) return 'running'
  if (outcome === 'snoozed') return 'pending'
  return outcome === 'timed_out' ? 'failed' : outcome
}

function noteOf(outcome: string | null): string {
  if (outcome === 'snoozed') return ' · snoozed'
  return outcome === 'timed_out' ? ' · timed out' : ''
}

function isSameError(attempt: Attempt, newer: Attempt | undefined): boolean {
  return attempt.error !== null && attempt.error === newer?.error && attempt.outcome === newer.outcome
}
