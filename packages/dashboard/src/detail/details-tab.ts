import { isHeld, type Json, type Revealed, type TaskDetail } from '@taskloom/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { request } from '../events.ts'
import { shortId, type Formats } from '../format.ts'
import type { PartContext } from '../part-element.ts'
import { factName, factValue } from './fact-words.ts'
import { lifecycle, type LifecycleStep } from './lifecycle.ts'
import { narrowTo, termOf } from './narrow.ts'
import { progressSection } from './progress-section.ts'
import { runsSection } from './runs-section.ts'
import { clip } from './text-block.ts'

/** What the details show beside the task itself. */
export interface DetailsView {
  readonly context: PartContext
  readonly now: number
  /** Arguments and result as they are, while the operator looks at them; null else. */
  readonly revealed: Revealed | null
}

/** Everything about an open task that is not an attempt, a log line or its error. */
export function detailsTab(task: TaskDetail, view: DetailsView): TemplateResult {
  const { context, now, revealed } = view
  const { formats } = context
  const { say } = formats
  const args = revealed?.args ?? task.args
  const result = revealed ? revealed.result : task.result
  return html`
    <dl class="kv">
      ${facts(task, view).map(
        ([name, value]) =>
          html`<div>
            <dt>${factName(name, formats)}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    ${progressSection(task, formats, now)}
    <section class="sec">
      <h4>${say('Lifecycle')}</h4>
      <ol class="lifecycle">
        ${lifecycle(task, formats).map((step) => lifecycleItem(step, formats))}
      </ol>
    </section>
    ${args === undefined ? nothing : valueSection('args', say('Arguments'), args, task, view)}
    ${result === null ? nothing : valueSection('result', say('Result'), result, task, view)} ${revealBar(task, view)}
    ${tagsSection(task, view)} ${wordsSection(say('Affected'), task.affected)} ${wordsSection(say('Locks'), task.locks)}
    ${lineageSection(task, view)} ${runsSection(task, formats, now)}
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

function facts(task: TaskDetail, { context, now }: DetailsView): readonly (readonly [string, unknown])[] {
  const { formats } = context
  const all: readonly (readonly [string, unknown])[] = [
    ['created', instant(task.createdAt, formats)],
    ['started', instant(task.startTime, formats)],
    ['ended', instant(task.endTime, formats)],
    [isHeld(task) ? 'held' : 'due', task.status === 'pending' ? instant(task.runAt, formats) : null],
    ['waited', task.waitMs === null ? null : formats.duration(task.waitMs)],
    ['duration', durationFact(task, formats, now)],
    ['retries', `${formats.count(task.retriesUsed)}/${formats.count(task.maxRetries)}`],
    ['priority', task.priority === null ? null : formats.count(task.priority)],
    ['queue', clip(task.queue)],
    ['executor', factValue(task.executor, formats)],
    ['source', factValue(task.source, formats)],
    ['worker', task.workerId && mono(task.workerId)],
    ['user', task.userLabel && clip(task.userLabel)],
    ['schedule', task.schedule && scheduleLink(task.schedule)],
    ['key', task.idempotencyKey && copied(task.idempotencyKey, formats.say('Copy the idempotency key'))],
    ['trace', task.traceId && copied(task.traceId, formats.say('Copy the trace id'))],
  ]
  return all.filter(([, value]) => value !== null && value !== '')
}

/** Names that machines gave; long ones take the place of two facts. */
function mono(name: string) {
  return html`<span class="mono ${name.length > 16 ? 'wide' : ''}">${clip(name)}</span>`
}

function copied(text: string, label: string) {
  return html`${mono(text)} <task-copy-button text=${text} label=${label}></task-copy-button>`
}

function scheduleLink(name: string) {
  return html`<button
    class="link"
    type="button"
    @click=${(event: Event) => request(event.target as EventTarget, 'request-tab', { tab: 'schedules' })}
  >
    ${clip(name)}
  </button>`
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

function lifecycleItem({ tone, words, isAside, at, taskId }: LifecycleStep, formats: Formats) {
  return html`<li class="${tone} ${isAside ? 'aside' : ''}">
    <span>${clip(words, 400)} ${taskId ? taskLink(taskId) : nothing}</span>
    ${at === null ? nothing : html`<time title=${formats.instant(at)}>${formats.time(at)}</time>`}
  </li>`
}

function valueSection(name: 'args' | 'result', label: string, value: Json, task: TaskDetail, view: DetailsView) {
  const { formats, given } = view.context
  const { formatters } = given
  const isCut = view.revealed === null && task.truncated.includes(name)
  const make = (formatters[task.funcName] ?? formatters['*'])?.[name]
  const drawn = view.revealed ? null : (make?.(value, task) ?? null)
  return html`<task-json-section
    class="sec"
    .label=${label}
    .value=${value}
    .drawn=${drawn}
    .isCut=${isCut}
    .isRevealed=${view.revealed !== null}
    .formats=${formats}
  ></task-json-section>`
}

function revealBar({ taskId }: TaskDetail, { context, revealed }: DetailsView) {
  if (!context.state.capabilities?.actions.includes('reveal')) return nothing
  return html`<task-reveal
    .taskId=${taskId}
    .isRevealed=${revealed !== null}
    .formats=${context.formats}
  ></task-reveal>`
}

/** Each tag shows only the tasks that carry it too. */
function tagsSection({ tags }: TaskDetail, { context }: DetailsView) {
  const { say } = context.formats
  const entries = Object.entries(tags)
  if (entries.length === 0) return nothing
  return html`<section class="sec">
    <h4>${say('Tags')}</h4>
    <div class="words">
      ${entries
        .slice(0, 100)
        .map(
          ([key, value]) =>
            html`<button
              class="tag"
              type="button"
              title=${say('Show the tasks with {tag}', { tag: `${clip(key)}: ${clip(value, 1_000)}` })}
              @click=${(event: Event) => narrowTo(event.target as EventTarget, termOf(`tag.${key}`, value), context.state)}
            >
              ${clip(key, 80)}: ${clip(value)}
            </button>`,
        )}
    </div>
  </section>`
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

function lineageSection({ taskId, retriedFrom, retries, status, version }: TaskDetail, { context }: DetailsView) {
  if (!retriedFrom && retries.length === 0) return nothing
  return html`<task-lineage
    class="sec"
    .taskId=${taskId}
    .parentId=${retriedFrom}
    .childIds=${retries}
    .news=${`${status} ${version}`}
    .context=${context}
  ></task-lineage>`
}
