import type { Conflict, WordTable } from '@taskloom/client'
import { isHeld, patternFields, type TaskSummary } from '@taskloom/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { shortId, type Formats } from '../format.ts'
import { termOf } from '../search/terms.ts'
import type { Column } from './columns.ts'

/** What a row is drawn with, besides its task. */
export interface RowLook {
  readonly columns: readonly Column[]
  readonly formats: Formats
  readonly now: number
  /** The function's p95, milliseconds; null when it is not known. */
  readonly p95Ms: number | null
  readonly isSelected: boolean
  /** Whether it is about to be deleted or called off. */
  readonly isGoing: boolean
  /** What was in the way of the last command on it. */
  readonly conflict: Conflict | null
  readonly isOpen: boolean
  readonly isBusy: boolean
  /** Whether this row is the one in the page's tab order. */
  readonly isCurrent: boolean
  /** Whether the pointer is on it. */
  readonly isPointedAt: boolean
  readonly canSelect: boolean
  /** What the page says beside the name of a function. */
  readonly note: RowNote | null
}

/** What the page says of a task beside the name of its function. */
export type RowNote = (task: TaskSummary) => unknown

/** A task as a table row. All its words come from the server and are text. */
export function taskRow(task: TaskSummary, look: RowLook): TemplateResult {
  const marks = [task.status === 'failed' || task.status === 'running' ? task.status : '']
  if (look.isOpen) marks.push('open')
  if (look.isSelected) marks.push('selected')
  if (look.isGoing) marks.push('going')
  if (stopsAtError(task)) marks.push('has-error')
  return html`
    <tr
      class=${marks.join(' ')}
      part="row"
      role="row"
      data-task-id=${task.taskId}
      tabindex=${look.isCurrent ? 0 : -1}
      aria-selected=${look.isSelected ? 'true' : 'false'}
      aria-current=${look.isOpen ? 'true' : nothing}
      aria-busy=${look.isBusy || look.isGoing ? 'true' : nothing}
    >
      <td role="gridcell" data-column="check" ?hidden=${!look.canSelect}>
        <input
          type="checkbox"
          tabindex="-1"
          aria-label=${look.formats.say('Select task {id}', { id: shortId(task.taskId) })}
          .checked=${look.isSelected}
        />
      </td>
      ${look.columns.map((column) => cell(column, task, look))}
    </tr>
  `
}

function cell({ name, isNumber, render }: Column, task: TaskSummary, look: RowLook) {
  if (render) return html`<td role="gridcell" data-column=${name}>${render(task)}</td>`
  const { formats } = look
  switch (name) {
    case 'status':
      return html`<td role="gridcell" data-column="status">
        <task-status-badge status=${task.status}></task-status-badge>
      </td>`
    case 'function':
      return html`<td role="gridcell" data-column="function" class="function">
        <div>${functionCell(task, look)}</div>
      </td>`
    case 'id':
      return html`<td role="gridcell" data-column="id" class="id mono faint" title=${task.taskId}>
        ${shortId(task.taskId)}${copyButton(task, look)}
      </td>`
    case 'retries':
      return html`<td role="gridcell" data-column="retries">${retries(task)}</td>`
    case 'duration':
      return html`<td role="gridcell" data-column="duration" class="num">${duration(task, look)}</td>`
    case 'tags':
      return html`<td role="gridcell" data-column="tags" class="function">
        <div>${tagChips(Object.entries(task.tags), look)}</div>
      </td>`
    case 'created':
      return moment(name, Math.min(task.createdAt, look.now), look)
    case 'started':
      return moment(name, task.startTime, look)
    case 'ended':
      return moment(name, task.endTime, look)
    case 'error':
      return html`<td role="gridcell" data-column="error" class="error-cell" title=${task.error ?? ''}>
        ${task.error ?? ''}
      </td>`
    default: {
      const words = plainWords(name, task, formats)
      const value = task[patternFields[name as keyof typeof patternFields]]
      return html`<td role="gridcell" data-column=${name} class=${isNumber ? 'num muted' : 'muted'} title=${words}>
        ${value ? narrower(name, value, look, clip(words)) : clip(words) || html`<span class="faint">—</span>`}
      </td>`
    }
  }
}

/** One where the pointer is, and one for the keyboard: a button in each row is much to draw. */
function copyButton({ taskId }: TaskSummary, { isPointedAt, isCurrent, formats }: RowLook) {
  if (!isPointedAt && !isCurrent) return nothing
  return html`<task-copy-button text=${taskId} label=${formats.say('Copy id')}></task-copy-button>`
}

function plainWords(name: string, task: TaskSummary, { count, duration, say }: Formats): string {
  switch (name) {
    case 'priority':
      return task.priority === null ? '' : count(task.priority)
    case 'user':
      return task.userLabel ?? ''
    case 'source':
      return say(sourceWords[task.source as keyof typeof sourceWords] ?? task.source)
    case 'worker':
      return task.workerId ?? ''
    case 'queue':
    case 'executor':
      return task[name]
    case 'wait':
      return task.waitMs === null ? '' : duration(task.waitMs)
    default:
      return ''
  }
}

const sourceWords = { manual: 'manual', scheduled: 'scheduled', retry: 'retry', api: 'API' } satisfies WordTable

/** The other way to say it stands where the pointer is: the first look into the data of time zones is dear. */
function moment(name: string, at: number | null, { formats, now, isPointedAt }: RowLook) {
  return html`<td role="gridcell" data-column=${name} class="num muted">
    ${
      at === null
        ? html`<span class="faint">—</span>`
        : html`<time datetime=${iso(at)} title=${isPointedAt ? formats.momentElse(at, now) : nothing}
            >${formats.moment(at, now)}</time
          >`
    }
  </td>`
}

/** A word that shows only what shares it; a name that the search cannot say is a text. */
function narrower(qualifier: string, value: string, { formats }: RowLook, words = clip(value), look = '') {
  const term = termOf(qualifier, value)
  if (term === null) return html`<span class=${look} title=${value}>${words}</span>`
  const title = formats.say('Show only {term}', { term })
  return html`<button class="narrower ${look}" type="button" tabindex="-1" data-term=${term} title=${title}>
    ${words}
  </button>`
}

function functionCell(task: TaskSummary, look: RowLook) {
  const note = noteOf(task, look)
  const { say } = look.formats
  const hasTagColumn = look.columns.some(({ name }) => name === 'tags')
  return html`
    <span class="name" title=${task.funcName}>${clip(task.funcName)}</span>
    ${task.source === 'scheduled' ? html`<span class="tag fixed">${say('scheduled')}</span>` : nothing}
    ${
      task.retriedFrom
        ? html`<span class="tag fixed" title=${say('Retry of {id}', { id: task.retriedFrom })}>${say('retry')}</span>`
        : nothing
    }
    ${conflictNote(look)} ${look.note ? html`<span class="note">${look.note(task)}</span>` : nothing}
    ${progressBar(task)} ${note ? html`<span class="note">${note}</span>` : nothing}
    ${stopsAtError(task) ? html`<span class="note error-note">${task.error}</span>` : nothing}
    ${hasTagColumn ? nothing : tagChips(Object.entries(task.tags), look)}
  `
}

/** Until it is dismissed in the panel, or the task is acted upon again. */
function conflictNote({ conflict, formats }: RowLook) {
  if (!conflict) return nothing
  const words = clip(formats.tell(conflict))
  return html`<span class="note refused" title=${words}>${words}</span>`
}

const mostTags = 2

function tagChips(tags: readonly (readonly [string, string])[], look: RowLook) {
  if (tags.length === 0) return nothing
  const rest = tags.slice(mostTags).map(([key, value]) => `${key}: ${value}`)
  return html`<span class="tags"
    >${tags
      .slice(0, mostTags)
      .map(([key, value]) => narrower(`tag.${key}`, value, look, `${clip(key)}: ${clip(value)}`, 'tag'))}${
      rest.length > 0 ? html`<span class="tag" title=${clip(rest.join('\n'))}>+${rest.length}</span>` : nothing
    }</span
  >`
}

/** A task that waits for its next attempt has an error too, but its note says more. */
function stopsAtError({ status, error }: TaskSummary): boolean {
  return error !== null && (status === 'failed' || status === 'interrupted')
}

/** The one thing worth knowing beside the name: how far it is, or when it goes on. */
function noteOf(task: TaskSummary, { formats, now }: RowLook): string {
  const parts: string[] = []
  if (task.status === 'pending' && task.runAt !== null && task.runAt > now) {
    const time = formats.relative(task.runAt, now)
    parts.push(
      isHeld(task)
        ? formats.say('starts after the response')
        : task.retriesUsed > 0
          ? formats.say('retry {time}', { time })
          : formats.say('starts {time}', { time }),
    )
  }
  if (task.status === 'running' && task.progress) {
    if (task.progress.percent !== null) parts.push(formats.percent(Math.round(task.progress.percent) / 100))
    if (task.progress.message) parts.push(clip(task.progress.message))
  }
  if (task.userLabel) parts.unshift(clip(task.userLabel))
  return parts.join(' · ')
}

function progressBar(task: TaskSummary) {
  const percent = task.status === 'running' ? (task.progress?.percent ?? null) : null
  if (percent === null) return nothing
  const share = Math.max(0, Math.min(100, percent))
  return html`<span class="progress" aria-hidden="true"><i .style=${`inline-size:${share}%`}></i></span>`
}

const mostPips = 6

function retries({ retriesUsed, maxRetries }: TaskSummary) {
  if (maxRetries === 0 && retriesUsed === 0) return html`<span class="faint">—</span>`
  const pips = maxRetries > mostPips ? [] : Array.from({ length: maxRetries }, (_, index) => index < retriesUsed)
  return html`
    ${
      pips.length > 0
        ? html`<span class="pips" aria-hidden="true"
            >${pips.map((used) => html`<i class=${used ? 'used' : ''}></i>`)}</span
          >`
        : nothing
    }<span class="muted">${retriesUsed}/${maxRetries}</span>
  `
}

/** A running task counts; a finished one is measured against what is usual for its function, in steps: a speck says nothing. */
function duration(task: TaskSummary, look: RowLook) {
  const isRunning = task.status === 'running' && task.startTime !== null
  const spanMs = isRunning ? Math.max(0, look.now - (task.startTime ?? 0)) : task.durationMs
  if (spanMs === null) return html`<span class="span">—</span>`
  const share = look.p95Ms === null || look.p95Ms === 0 ? 0 : Math.min(1, spanMs / look.p95Ms)
  const words = look.formats.duration(isRunning ? Math.floor(spanMs / 1_000) * 1_000 : spanMs)
  const title =
    look.p95Ms === null
      ? ''
      : look.formats.say('95 % of {function} take at most {time}', {
          function: clip(task.funcName),
          time: look.formats.duration(look.p95Ms),
        })
  return html`<span class="span" title=${title}
    >${words}<i .style=${`inline-size:${Math.round(share * 14) * 4}px`}></i
  ></span>`
}

/** Names are the host's own and may be of any length; a row shows their beginning. */
function clip(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

function iso(at: number): string {
  return Number.isFinite(at) && Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : ''
}
