import { isHeld, type TaskSummary } from '@taskloom/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { shortId, type Formats } from '../format.ts'

/** What a row is drawn with, besides its task. */
export interface RowLook {
  readonly formats: Formats
  readonly now: number
  /** The function's p95, milliseconds; null when it is not known. */
  readonly p95Ms: number | null
  readonly isSelected: boolean
  readonly isOpen: boolean
  readonly isBusy: boolean
  /** Whether this row is the one in the page's tab order. */
  readonly isCurrent: boolean
  readonly canSelect: boolean
}

/** A task as a table row. All its words come from the server and are text. */
export function taskRow(task: TaskSummary, look: RowLook): TemplateResult {
  const marks = [task.status === 'failed' || task.status === 'running' ? task.status : '']
  if (look.isOpen) marks.push('open')
  if (look.isSelected) marks.push('selected')
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
      aria-busy=${look.isBusy ? 'true' : nothing}
    >
      <td role="gridcell" data-column="check" ?hidden=${!look.canSelect}>
        <input
          type="checkbox"
          tabindex="-1"
          aria-label="Select task ${shortId(task.taskId)}"
          .checked=${look.isSelected}
        />
      </td>
      <td role="gridcell" data-column="status">
        <task-status-badge status=${task.status}></task-status-badge>
      </td>
      <td role="gridcell" data-column="function" class="function"><div>${functionCell(task, look)}</div></td>
      <td role="gridcell" data-column="id" class="id mono faint" title=${task.taskId}>
        ${shortId(task.taskId)}<task-copy-button text=${task.taskId} label="Copy id"></task-copy-button>
      </td>
      <td role="gridcell" data-column="queue" class="muted" title=${task.queue}>${clip(task.queue)}</td>
      <td role="gridcell" data-column="retries">${retries(task)}</td>
      <td role="gridcell" data-column="duration" class="num">${duration(task, look)}</td>
      <td role="gridcell" data-column="created" class="num muted">
        <time datetime=${iso(task.createdAt)} title=${look.formats.instant(task.createdAt)}
          >${look.formats.relative(Math.min(task.createdAt, look.now), look.now)}</time
        >
      </td>
      <td role="gridcell" data-column="error" class="error-cell" title=${task.error ?? ''}>${task.error ?? ''}</td>
    </tr>
  `
}

function functionCell(task: TaskSummary, look: RowLook) {
  const note = noteOf(task, look)
  return html`
    <span class="name" title=${task.funcName}>${clip(task.funcName)}</span>
    ${task.source === 'scheduled' ? html`<span class="tag fixed">scheduled</span>` : nothing}
    ${task.retriedFrom ? html`<span class="tag fixed" title="Retry of ${task.retriedFrom}">retry</span>` : nothing}
    ${progressBar(task)} ${note ? html`<span class="note">${note}</span>` : nothing}
    ${stopsAtError(task) ? html`<span class="note error-note">${task.error}</span>` : nothing}
    ${tagChips(Object.entries(task.tags))}
  `
}

const mostTags = 2

function tagChips(tags: readonly (readonly [string, string])[]) {
  if (tags.length === 0) return nothing
  const rest = tags.slice(mostTags).map(([key, value]) => `${key}: ${value}`)
  return html`<span class="tags"
    >${tags
      .slice(0, mostTags)
      .map(([key, value]) => html`<span class="tag" title="${key}: ${value}">${clip(key)}: ${clip(value)}</span>`)}${
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
    const when = isHeld(task) ? 'after the response' : formats.relative(task.runAt, now)
    parts.push(`${task.retriesUsed > 0 ? 'retry' : 'starts'} ${when}`)
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

const barWidth = 56

/** A running task counts; a finished one is measured against what is usual for its function. */
function duration(task: TaskSummary, look: RowLook) {
  const isRunning = task.status === 'running' && task.startTime !== null
  const spanMs = isRunning ? Math.max(0, look.now - (task.startTime ?? 0)) : task.durationMs
  if (spanMs === null) return html`<span class="span">—</span>`
  const share = look.p95Ms === null || look.p95Ms === 0 ? 0 : Math.min(1, spanMs / look.p95Ms)
  const words = look.formats.duration(isRunning ? Math.floor(spanMs / 1_000) * 1_000 : spanMs)
  const title =
    look.p95Ms === null ? '' : `95 % of ${clip(task.funcName)} take at most ${look.formats.duration(look.p95Ms)}`
  return html`<span class="span" title=${title}
    >${words}<i .style=${`inline-size:${Math.round(share * barWidth)}px`}></i
  ></span>`
}

/** Names are the host's own and may be of any length; a row shows their beginning. */
function clip(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

function iso(at: number): string {
  return Number.isFinite(at) && Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : ''
}
