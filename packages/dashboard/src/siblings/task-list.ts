import { isTerminal, ProtocolError, type TaskSummary } from '@taskloom/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { property, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { directionOf } from '../host/language.ts'
import { icon, type IconName } from '../icons.ts'
import { ClockController } from '../ticker.ts'
import type { LinkSettings, Place } from './link.ts'
import { unseenRows, watchList, type RowsView } from './list-watch.ts'
import { Sibling } from './sibling.ts'
import { listStyles } from './list-styles.ts'
import type { TaskNews } from './task-element.ts'

const maxTextLength = 200

/**
 * `<task-list src="/tasks" status="failed" limit="5">`: the rows of a question, as they stand now.
 *
 * @fires {CustomEvent} task-change - a row that was shown already is in another state
 * @fires {CustomEvent} task-end - the task of a row that was shown has ended
 * @fires {CustomEvent} task-error - the server refuses or is not there
 * @fires {CustomEvent} task-select - a row was opened; cancelable where it is a link
 * @slot heading - above the rows
 * @slot empty - instead of the words where there are no rows
 * @slot footer - below the rows
 * @csspart root - everything
 * @csspart list - the rows
 * @csspart row - one row
 * @csspart function - the name of a row's function
 * @csspart error - why the task of a row failed, or what it says
 * @csspart time - when the task of a row was enqueued
 * @csspart total - how many there are beyond the rows
 * @csspart empty - the words where there are no rows
 * @csspart problem - the words where the rows cannot be shown
 * @csspart stale - the mark that what is shown may be old
 */
export class TaskListElement extends Sibling {
  /** Statuses, separated by spaces or commas; any by default. */
  @property() status: string | null = null
  /** Names of functions, separated by spaces or commas; any by default. */
  @property({ attribute: 'func-name' }) funcName: string | null = null
  /** Queues, separated by spaces or commas; any by default. */
  @property() queue: string | null = null
  /** Tags as `key:value`, separated by commas; all must hold. None by default. */
  @property() tag: string | null = null
  /** Created within this time, such as `24h`; ever by default. */
  @property() window: string | null = null
  /** Words and qualifiers as in the search box; none by default. */
  @property() search: string | null = null
  /** By what rows are sorted, such as `end_time`; `created_at` by default. */
  @property() sort: string | null = null
  /** `asc` or `desc`, which is the default. */
  @property() order: string | null = null
  /** Rows at most, 1–100; default 5. */
  @property({ type: Number }) limit: number | null = null
  /** Where a row leads, with `{task_id}` in it; rows are buttons that fire `task-select` with `#`, and text by default. */
  @property() href: string | null = null
  /** What the list is called by screen readers; `Tasks` by default. */
  @property() label = ''

  @state() private view: RowsView = unseenRows

  #place: Place | null = null
  #toldProblem: string | null = null
  readonly #clock = new ClockController(this, () => this.view.tasks.length > 0)

  static override styles = [Sibling.styles, listStyles]

  /** The rows that are shown. */
  get tasks(): readonly TaskNews[] {
    return this.view.tasks.map(newsOf)
  }

  override refresh(): void {
    if (this.#place && this.view.phase === 'known') this.#place.reload()
    else super.refresh()
  }

  protected readonly question: readonly string[] = [
    'status',
    'funcName',
    'queue',
    'tag',
    'window',
    'search',
    'sort',
    'order',
    'limit',
  ]

  protected follow(settings: LinkSettings, pollIntervalMs: number): (() => void) | null {
    this.view = unseenRows
    try {
      const place = watchList(settings, { params: this.#params(), pollIntervalMs }, (view) => this.#show(view))
      this.#place = place
      return () => {
        this.#place = null
        place.leave()
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      const { code, message } = error
      this.#show({
        ...unseenRows,
        phase: 'failed',
        problem: { type: 'about:blank', title: message, status: 400, code },
      })
      return null
    }
  }

  override updated(changed: Map<PropertyKey, unknown>): void {
    super.updated(changed)
    const { phase, tasks } = this.view
    this.showState(phase === 'failed' ? 'failed-to-load' : phase === 'known' && tasks.length === 0 ? 'empty' : phase)
  }

  override render() {
    const name = this.label || this.formats.say('Tasks')
    const { language } = this.formats
    return html`<div class="root" part="root" lang=${language} dir=${directionOf(language)}>
      <slot name="heading"></slot>
      ${this.#renderRows(name)}
      <div class="foot">${this.#renderTotal()}${this.#renderStale()}</div>
      <slot name="footer"></slot>
    </div>`
  }

  #renderRows(name: string): TemplateResult {
    const { phase, tasks, problem } = this.view
    const { say } = this.formats
    if (phase === 'refused') {
      return problem?.status === 401 ? notice('lock', say('Signed out')) : notice('ban', say('No access'))
    }
    if (phase === 'failed')
      return notice('alert', problem?.status === 400 ? problem.title : say('Cannot be loaded'), 'bad')
    if (phase === 'loading') {
      return html`<div class="rows" role="status" aria-label=${say('Loading tasks')}>
        ${Array.from({ length: this.#limit }, () => html`<div class="row" aria-hidden="true"><i class="skeleton"></i></div>`)}
      </div>`
    }
    if (tasks.length === 0) {
      return html`<p class="empty" part="empty"><slot name="empty">${say('No tasks')}</slot></p>`
    }
    return html`<ul class="rows" part="list" role="list" aria-label=${name}>
      ${repeat(
        tasks,
        ({ taskId }) => taskId,
        (task) => html`<li part="row" class=${task.status === 'failed' ? 'failed' : ''}>${this.#renderRow(task)}</li>`,
      )}
    </ul>`
  }

  #renderRow(task: TaskSummary): TemplateResult {
    const { formats } = this
    const cells = html`<task-status-badge status=${task.status}></task-status-badge
      ><span class="name" part="function" title=${clip(task.funcName)}>${clip(task.funcName)}</span
      ><span class="note" part="error">${noteOf(task, (share) => formats.percent(share))}</span
      ><time part="time" datetime=${isoOf(task.createdAt)} title=${formats.instant(task.createdAt)}
        >${formats.relative(Math.min(task.createdAt, this.#clock.now), this.#clock.now)}</time
      >`
    const open = (event: Event) => {
      if (!this.report('task-select', { taskId: task.taskId })) event.preventDefault()
    }
    if (this.href === null) return html`<div class="row">${cells}</div>`
    if (this.href === '#') return html`<button class="row" type="button" @click=${open}>${cells}</button>`
    const address = this.href.replaceAll('{task_id}', encodeURIComponent(task.taskId))
    return html`<a class="row" href=${address} @click=${open}>${cells}</a>`
  }

  #renderTotal(): TemplateResult | typeof nothing {
    const { tasks, total, totalIsCapped, phase } = this.view
    if (phase !== 'known' || total <= tasks.length) return nothing
    const { say, count } = this.formats
    const values = { shown: count(tasks.length), total: count(total) }
    return html`<span part="total"
      >${totalIsCapped ? say('{shown} of more than {total}', values) : say('{shown} of {total}', values)}</span
    >`
  }

  #renderStale(): TemplateResult | typeof nothing {
    const { connection, heardAt, phase } = this.view
    if (phase !== 'known' || heardAt === null || (connection !== 'offline' && connection !== 'reconnecting'))
      return nothing
    const { say, time } = this.formats
    return html`<span class="stale" part="stale" title=${say('Last heard at {time}', { time: time(heardAt) })}
      ><i></i>${connection === 'offline' ? say('Offline') : say('Reconnecting')}</span
    >`
  }

  #show(view: RowsView): void {
    const before = new Map(this.view.tasks.map((task) => [task.taskId, task]))
    this.view = view
    for (const task of view.tasks) {
      const known = before.get(task.taskId)
      if (!known || known.version >= task.version) continue
      this.report('task-change', newsOf(task))
      if (isTerminal(task.status) && !isTerminal(known.status)) this.report('task-end', newsOf(task))
    }
    const code = view.problem?.code ?? null
    if (view.problem && code !== this.#toldProblem) {
      this.report('task-error', { code, message: view.problem.detail ?? view.problem.title })
    }
    this.#toldProblem = code
  }

  get #limit(): number {
    return Math.max(1, Math.min(100, Math.trunc(this.limit ?? 5) || 5))
  }

  /** The attributes as the list's own query. */
  #params(): URLSearchParams {
    const params = new URLSearchParams()
    const add = (name: string, values: readonly string[]) => {
      for (const value of values) if (value !== '') params.append(name, value)
    }
    add('status', wordsOf(this.status))
    add('func_name', wordsOf(this.funcName))
    add('queue', wordsOf(this.queue))
    add(
      'tag',
      (this.tag ?? '').split(',').map((text) => text.trim()),
    )
    add('window', [this.window ?? ''])
    add('q', [this.search ?? ''])
    add('sort', [this.sort ?? ''])
    add('order', [this.order ?? ''])
    add('limit', [String(this.#limit)])
    return params
  }
}

function wordsOf(text: string | null): readonly string[] {
  return (text ?? '').split(/[\s,]+/)
}

function newsOf({ taskId, status, progress, error }: TaskSummary): TaskNews {
  return { taskId, status, percent: progress?.percent ?? null, message: progress?.message ?? null, error }
}

function noteOf({ status, error, progress }: TaskSummary, percent: (share: number) => string): string {
  if (isTerminal(status)) return clip(error ?? '')
  const share = progress?.percent ?? null
  return clip(
    [share === null ? '' : percent(Math.floor(share) / 100), progress?.message ?? ''].filter(Boolean).join(' · '),
  )
}

function notice(name: IconName, words: string, tone = ''): TemplateResult {
  return html`<p class="problem ${tone}" part="problem" role="status">${icon(name)}<span>${words}</span></p>`
}

function clip(text: string): string {
  return text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text
}

function isoOf(at: number): string {
  return Number.isFinite(at) && Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : ''
}

declare global {
  interface HTMLElementTagNameMap {
    'task-list': TaskListElement
  }
}
