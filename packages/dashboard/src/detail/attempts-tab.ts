import type { OpenTask } from '@taskloom/client'
import type { Attempt, TaskDetail } from '@taskloom/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { request } from '../events.ts'
import { shortId, type Formats } from '../format.ts'
import { linkTo } from '../host/address.ts'
import { plainText } from './ansi.ts'
import { attemptMs, outcomeWords } from './lifecycle.ts'
import { clip, stackBlock } from './text-block.ts'
import { waterfall, type WaterfallBar, type WaterfallRow } from './waterfall.ts'

/** Of the newest attempts so many are drawn. */
const mostRows = 60
const mostLines = 5
const isUuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** The attempts on one axis of time, then a card for each, the newest first. */
export function attemptsTab(
  open: OpenTask,
  task: TaskDetail,
  { formats, now }: { readonly formats: Formats; readonly now: number },
): TemplateResult {
  const attempts = [...task.attempts].sort((a, b) => b.attempt - a.attempt).slice(0, mostRows)
  const total = Math.max(task.attempt, attempts[0]?.attempt ?? 0)
  const hidden = task.attempts.length - attempts.length
  return html`${waterfallSection(task, formats, now)}
    <section class="sec" aria-label=${formats.say('Attempts')}>
      <h4>${formats.say('Attempts')} <small>${formats.say('newest first')}</small></h4>
      ${repeat(
        attempts,
        ({ attempt }) => attempt,
        (attempt, index) => attemptCard(attempt, total, attempts[index - 1], open, formats),
      )}
      ${hidden > 0 ? html`<p class="note">${formats.sayCount(hidden, '{n} earlier attempt', '{n} earlier attempts')}</p>` : nothing}
    </section>`
}

/** How a task went, drawn: nothing while it has not begun to wait for anything. */
export function waterfallSection(task: TaskDetail, formats: Formats, now: number) {
  const drawn = waterfall(task, now)
  if (!drawn) return nothing
  const rows = drawn.rows.slice(-mostRows)
  return html`<section class="sec">
    <h4>
      ${formats.say('Waterfall')}
      <small
        >${formats.say('{duration} in all', { duration: formats.duration(drawn.spanMs) })}${
          drawn.isCollapsed ? html` · ${formats.say('long waits are shortened')}` : nothing
        }</small
      >
    </h4>
    <div class="waterfall">
      <div class="axis" aria-hidden="true">
        ${drawn.ticks.map(
          ({ at, ms }) =>
            html`<span class="${at === 1 ? 'last' : ''}" .style=${`inset-inline-start:${at * 100}%`}
              >${at === 0 ? '0' : formats.duration(ms)}</span
            >`,
        )}
      </div>
      <ol>
        ${rows.map((row) => waterfallRow(row, formats))}
      </ol>
    </div>
  </section>`
}

function waterfallRow({ attempt, wait, run }: WaterfallRow, formats: Formats) {
  const spans = [
    wait && formats.say('waited {duration}', { duration: spanOf(wait, formats) }),
    run &&
      (run.isLive ? formats.say('runs for {duration}', { duration: spanOf(run, formats) }) : outcomeOf(run, formats)),
  ]
  const words = spans.filter(Boolean).join(', ')
  const open = (event: Event) => toAttempt((event.currentTarget as HTMLElement).getRootNode() as ShadowRoot, attempt)
  return html`<li>
    ${
      run
        ? html`<button class="link" type="button" @click=${open}>
            <span aria-hidden="true">${formats.count(attempt)}</span
            ><span class="unseen">${formats.say('Attempt {number}', { number: attempt })}: ${words}</span>
          </button>`
        : html`<span class="faint"
            ><span aria-hidden="true">${formats.count(attempt)}</span
            ><span class="unseen">${formats.say('Attempt {number}', { number: attempt })}: ${words}</span></span
          >`
    }
    <span class="lane" aria-hidden="true" title=${words}>
      ${wait ? bar(wait, `wait${wait.isLive ? ' live' : ''}${wait.isCollapsed ? ' short' : ''}`) : nothing}
      ${run ? bar(run, `run ${toneOf(run.outcome)}${run.isLive ? ' live' : ''}`) : nothing}
    </span>
    <span class="span" aria-hidden="true">${spanOf(run ?? (wait as WaterfallBar), formats)}</span>
  </li>`
}

function bar({ start, end }: WaterfallBar, classes: string) {
  return html`<i
    class=${classes}
    .style=${`inset-inline-start:${start * 100}%;inline-size:${(end - start) * 100}%`}
  ></i>`
}

function spanOf({ from, until, isLive }: WaterfallBar, formats: Formats): string {
  const ms = until - from
  return formats.duration(isLive && ms >= 1_000 ? Math.floor(ms / 1_000) * 1_000 : ms)
}

function outcomeOf({ outcome, from, until }: WaterfallBar, formats: Formats): string {
  const words = outcomeWords(outcome ?? '', formats)
  return formats.say('{outcome} after {duration}', { outcome: words, duration: formats.duration(until - from) })
}

/** Brings the card of an attempt into sight and gives it the focus. */
export function toAttempt(root: ShadowRoot, attempt: number): void {
  const card = root.getElementById(`attempt-${attempt}`)
  card?.scrollIntoView({ block: 'nearest' })
  card?.focus({ preventScroll: true })
}

function attemptCard(attempt: Attempt, total: number, newer: Attempt | undefined, open: OpenTask, formats: Formats) {
  const { say } = formats
  const took = attemptMs(attempt)
  const isSame = isSameError(attempt, newer)
  const number = attempt.attempt
  const name = say('Attempt {number} of {total}', { number, total })
  const note = noteOf(attempt.outcome, formats)
  return html`<article class="attempt" id="attempt-${number}" tabindex="-1" aria-label=${name}>
    <header>
      <task-status-badge status=${badgeOf(attempt.outcome)}></task-status-badge>
      <span>${name}${note === '' ? nothing : html` · ${note}`}</span>
      <span class="faint"
        >${
          took === null ? say('since {time}', { time: formats.time(attempt.startedAt) }) : formats.duration(took)
        }${isSame ? html` · ${say('same error')}` : workerOf(attempt, formats)}</span
      >
      <task-copy-button
        icon="link"
        text=${linkTo(open.taskId, 'attempts', number)}
        label=${say('Copy the link to attempt {number}', { number })}
      ></task-copy-button>
    </header>
    ${isSame || attempt.error === null ? nothing : stackBlock(attempt.error, attempt.stacktrace, formats)}
    ${linesOf(open, number, formats)}
  </article>`
}

function workerOf({ workerId }: Attempt, { say }: Formats) {
  return workerId
    ? html` · <span title=${workerId}>${say('worker {name}', { name: nameOf(workerId) })}</span>`
    : nothing
}

/** Names that a host gave are read; of an id the end tells it from others, as everywhere. */
function nameOf(workerId: string): string {
  return isUuid.test(workerId) ? shortId(workerId) : clip(workerId, 40)
}

/** The last lines that an attempt wrote, of those that are here. */
function linesOf({ taskId, logs }: OpenTask, attempt: number, formats: Formats) {
  const lines = logs.filter((entry) => entry.attempt === attempt)
  if (lines.length === 0) return nothing
  const { say, sayCount } = formats
  return html`<details class="lines">
    <summary>${sayCount(lines.length, '{n} log line', '{n} log lines')}</summary>
    <ol>
      ${lines.slice(-mostLines).map(
        ({ at, level, message }) =>
          html`<li class="level-${level}">
            <time title=${formats.instant(at)}>${formats.time(at, 'millisecond')}</time>
            <span><span class="unseen">${level} </span><bdi>${clip(plainText(message), 400)}</bdi></span>
          </li>`,
      )}
    </ol>
    ${
      lines.length > mostLines
        ? html`<button
            class="link"
            type="button"
            @click=${(event: Event) => request(event.currentTarget as EventTarget, 'request-open', { taskId, tab: 'logs', attempt })}
          >
            ${say('All of them in Logs')}
          </button>`
        : nothing
    }
  </details>`
}

function toneOf(outcome: string | null): string {
  return outcome === null ? 'running' : badgeOf(outcome)
}

function badgeOf(outcome: string | null): string {
  if (outcome === null) return 'running'
  if (outcome === 'snoozed') return 'pending'
  return outcome === 'timed_out' ? 'failed' : outcome
}

function noteOf(outcome: string | null, { say }: Formats): string {
  if (outcome === 'snoozed') return say('snoozed')
  return outcome === 'timed_out' ? say('timed out') : ''
}

function isSameError(attempt: Attempt, newer: Attempt | undefined): boolean {
  return attempt.error !== null && attempt.error === newer?.error && attempt.outcome === newer.outcome
}
