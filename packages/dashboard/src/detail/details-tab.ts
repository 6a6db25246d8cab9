import { isHeld, type Metrics, type TaskDetail, type TaskSummary } from '@taskloom/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { request } from '../events.ts'
import { shortId, type Formats } from '../format.ts'
import { lifecycle, type LifecycleStep } from './lifecycle.ts'
import { clip, jsonBlock } from './text-block.ts'

type Fact = readonly [name: string, value: unknown]

/** Everything about an open task that is not an attempt, a log line or its error. */
export function detailsTab(task: TaskDetail, formats: Formats, now: number): TemplateResult {
  return html`
    <dl class="kv">
      ${facts(task, formats, now).map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    ${progressSection(task, formats)}
    <section class="sec">
      <h4>Lifecycle</h4>
      <ol class="lifecycle">
        ${lifecycle(task, formats).map((step) => lifecycleItem(step, formats))}
      </ol>
    </section>
    ${task.args === undefined ? nothing : jsonBlock('Arguments', task.args, task.truncated.includes('args'))}
    ${task.result === null ? nothing : jsonBlock('Result', task.result, task.truncated.includes('result'))}
    ${wordsSection(
      'Tags',
      Object.entries(task.tags).map(([key, value]) => `${key}: ${value}`),
    )}
    ${wordsSection('Affected', task.affected)} ${lineage(task)} ${analytics(task, formats)}
    ${recentRuns(task, formats, now)}
  `
}

/** A button that reads as a link, for a task the panel can go to. */
export function taskLink(taskId: string): TemplateResult {
  return html`<button
    class="link mono"
    type="button"
    title=${taskId}
    @click=${(event: Event) => request(event.target as EventTarget, 'request-open', { taskId })}
  >
    ${shortId(taskId)}
  </button>`
}

function facts(task: TaskDetail, formats: Formats, now: number): readonly Fact[] {
  const all: readonly Fact[] = [
    ['Status', html`<task-status-badge status=${task.status}></task-status-badge>`],
    ['Created', instant(task.createdAt, formats)],
    ['Started', instant(task.startTime, formats)],
    ['Ended', instant(task.endTime, formats)],
    [isHeld(task) ? 'Due at the latest' : 'Due', task.status === 'pending' ? instant(task.runAt, formats) : null],
    ['Waited', task.waitMs === null ? null : formats.duration(task.waitMs)],
    ['Duration', durationFact(task, formats, now)],
    ['Retries', `${task.retriesUsed}/${task.maxRetries}`],
    ['Priority', task.priority === null ? null : String(task.priority)],
    ['Queue', clip(task.queue)],
    ['Executor', task.executor],
    ['Source', task.source],
    ['Worker', task.workerId && mono(task.workerId)],
    ['User', task.userLabel && clip(task.userLabel)],
    ['Schedule', task.schedule && clip(task.schedule)],
    ['Idempotency key', task.idempotencyKey && mono(task.idempotencyKey)],
    ['Locks', task.locks.length > 0 ? clip(task.locks.join(', ')) : null],
    ['Trace', task.traceId && mono(task.traceId)],
  ]
  return all.filter(([, value]) => value !== null && value !== '')
}

/** Names that machines gave; long ones take the place of two facts. */
function mono(name: string) {
  return html`<span class="mono ${name.length > 16 ? 'wide' : ''}">${clip(name)}</span>`
}

function instant(at: number | null, formats: Formats) {
  if (at === null) return null
  return html`<time title=${formats.instant(at)}>${formats.time(at, 'millisecond')}</time>`
}

function durationFact(task: TaskDetail, formats: Formats, now: number) {
  const isRunning = task.status === 'running' && task.startTime !== null
  const spanMs = isRunning ? Math.floor(Math.max(0, now - (task.startTime ?? 0)) / 1_000) * 1_000 : task.durationMs
  if (spanMs === null) return null
  const p95Ms = task.functionStats?.p95DurationMs ?? null
  const beside = p95Ms === null ? nothing : html` <span class="faint">p95 ${formats.duration(p95Ms)}</span>`
  return html`${formats.duration(spanMs)}${beside}`
}

function progressSection({ status, progress }: TaskDetail, formats: Formats) {
  if (status !== 'running' || !progress) return nothing
  const percent = progress.percent === null ? null : Math.max(0, Math.min(100, progress.percent))
  const words = [
    percent === null ? null : formats.percent(Math.round(percent) / 100),
    progress.message && clip(progress.message),
  ]
  return html`<section class="sec">
    <h4>Progress <small>${words.filter(Boolean).join(' · ')}</small></h4>
    ${
      percent === null
        ? nothing
        : html`<span
            class="progress"
            role="progressbar"
            aria-label="Progress"
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=${Math.round(percent)}
            ><i .style=${`inline-size:${percent}%`}></i
          ></span>`
    }
  </section>`
}

function lifecycleItem({ tone, words, isAside, at, taskId }: LifecycleStep, formats: Formats) {
  return html`<li class="${tone} ${isAside ? 'aside' : ''}">
    <span>${clip(words, 400)} ${taskId ? taskLink(taskId) : nothing}</span>
    ${at === null ? nothing : html`<time title=${formats.instant(at)}>${formats.time(at)}</time>`}
  </li>`
}

function wordsSection(heading: string, words: readonly string[]) {
  if (words.length === 0) return nothing
  return html`<section class="sec">
    <h4>${heading}</h4>
    <div class="words">
      ${words.slice(0, 100).map((word) => html`<span class="tag" title=${clip(word, 1_000)}>${clip(word)}</span>`)}
    </div>
  </section>`
}

function lineage({ retriedFrom, retries }: TaskDetail) {
  if (!retriedFrom && retries.length === 0) return nothing
  return html`<section class="sec">
    <h4>Lineage</h4>
    ${retriedFrom ? html`<p>Retried from ${taskLink(retriedFrom)}</p>` : nothing}
    ${retries.length > 0 ? html`<p class="words">Retried as ${retries.slice(0, 50).map(taskLink)}</p>` : nothing}
  </section>`
}

function analytics({ funcName, functionStats }: TaskDetail, formats: Formats) {
  if (!functionStats) return nothing
  const entries: readonly Fact[] = [
    ['Runs', formats.count(functionStats.total)],
    ['OK', formats.percent(functionStats.successRate)],
    ['Average', formats.duration(functionStats.avgDurationMs)],
    ['P95', formats.duration(functionStats.p95DurationMs)],
  ]
  return html`<section class="sec">
    <h4>${clip(funcName, 80)} <small>${capNote(functionStats)}</small></h4>
    <dl class="kv figures">
      ${entries.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
  </section>`
}

function capNote({ isCapped }: Metrics): string {
  return isCapped ? 'of the newest runs' : 'all runs'
}

/** The five latest runs: a bar each, as high as it was long, then a line each. */
function recentRuns(task: TaskDetail, formats: Formats, now: number) {
  const runs = task.recentRuns
  if (runs.length === 0) return nothing
  const longestMs = Math.max(1, ...runs.map(({ durationMs }) => durationMs ?? 0))
  const bar = (run: TaskSummary) =>
    html`<i
      class="${run.status === 'failed' ? 'failed' : ''} ${run.taskId === task.taskId ? 'this' : ''}"
      .style=${`block-size:${Math.round(((run.durationMs ?? 0) / longestMs) * 100)}%`}
    ></i>`
  return html`<section class="sec">
    <h4>Recent runs</h4>
    <div class="spark" aria-hidden="true">${[...runs].reverse().map(bar)}</div>
    <ul class="runs">
      ${runs.map(
        (run) =>
          html`<li>
            <task-status-badge status=${run.status}></task-status-badge>
            <span
              >${run.taskId === task.taskId ? html`<span class="muted">this one</span>` : taskLink(run.taskId)}</span
            >
            <span class="muted">${formats.duration(run.durationMs)}</span>
            <time class="faint" title=${formats.instant(run.createdAt)}
              >${formats.relative(Math.min(run.createdAt, now), now)}</time
            >
          </li>`,
      )}
    </ul>
  </section>`
}
