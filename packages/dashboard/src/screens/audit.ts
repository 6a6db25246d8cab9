import { routes, type AuditLogEntry, type AuditLogPage } from '@taskloom/protocol'
import { css, html, nothing } from 'lit'
import { state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { request } from '../events.ts'
import { problemWords, shortId } from '../format.ts'
import { icon } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { ClockController } from '../ticker.ts'
import { renderAnswer } from './answers.ts'
import { AuditCheck } from './audit-check.ts'
import { auditStyles } from './audit-styles.ts'
import { deedNames, deedWords, entryWords, operationOf, tasksOf } from './audit-words.ts'
import { renderPaging, type Trail } from './paging.ts'
import { Reading } from './reading.ts'
import { screenStyles } from './screen-styles.ts'

const pageSize = 50
const typedMs = 300
const namedTasks = 20
const hourMs = 3_600_000
const spans: Readonly<Record<string, number>> = { '24h': 24 * hourMs, '7d': 168 * hourMs, '30d': 720 * hourMs }

interface Filters {
  readonly actor: string
  readonly action: string
  readonly outcome: string
  readonly span: string
  readonly task_id: string
}

const noFilters: Filters = { actor: '', action: '', outcome: '', span: '', task_id: '' }

/** Who did what, when, to what and why, newest first; and whether the log is as it was written. */
export class Audit extends PartElement {
  @state() private filters: Filters = noFilters
  /** Where the pages before this one began; empty on the first. */
  @state() private trail: Trail = []
  readonly #clock = new ClockController(this, () => !this.state.isPaused)
  readonly #check = new AuditCheck(this)
  #typed: ReturnType<typeof setTimeout> | undefined
  readonly #page: Reading<AuditLogPage> = new Reading(this, {
    hints: ['audit'],
    about: () => [JSON.stringify(this.filters), this.trail.at(-1)],
    ask: ({ client }, signal) => client.ask(routes.audit, { params: this.#params(), signal }),
  })

  static override styles = [
    ...screenStyles,
    auditStyles,
    css`
      td {
        border-block-end-color: var(--td-line-2);
      }
    `,
  ]

  override disconnectedCallback() {
    super.disconnectedCallback()
    clearTimeout(this.#typed)
  }

  override render() {
    const { say } = this.formats
    const words = { icon: 'lock', failed: say('The audit log could not be loaded') } as const
    return html`
      ${this.#renderBar()} ${this.#renderCheck()}
      ${renderAnswer(this.#page, this.formats, words, (page) => this.#renderPage(page))}
    `
  }

  #renderBar() {
    const { say } = this.formats
    const { filters } = this
    const option = (value: string, word: string, chosen: string) =>
      html`<option value=${value} ?selected=${value === chosen}>${word}</option>`
    return html`<div class="bar">
      <input
        class="text find"
        type="search"
        aria-label=${say('Who')}
        placeholder=${say('Who')}
        .value=${filters.actor}
        @input=${(event: Event) => this.#type('actor', event)}
      />
      <select class="text" aria-label=${say('What')} @change=${(event: Event) => this.#choose('action', event)}>
        ${option('', say('Anything'), filters.action)}
        ${deedNames.map((name) => option(name, deedWords(name, this.formats), filters.action))}
      </select>
      <select class="text" aria-label=${say('Outcome')} @change=${(event: Event) => this.#choose('outcome', event)}>
        ${option('', say('Any outcome'), filters.outcome)} ${option('ok', say('done'), filters.outcome)}
        ${option('failed', say('failed'), filters.outcome)} ${option('denied', say('denied'), filters.outcome)}
      </select>
      <select class="text" aria-label=${say('When')} @change=${(event: Event) => this.#choose('span', event)}>
        ${option('', say('Any time'), filters.span)} ${option('24h', say('Last 24 hours'), filters.span)}
        ${option('7d', say('Last 7 days'), filters.span)} ${option('30d', say('Last 30 days'), filters.span)}
      </select>
      <input
        class="text find"
        type="search"
        aria-label=${say('Id of a task')}
        placeholder=${say('Id of a task')}
        .value=${filters.task_id}
        @input=${(event: Event) => this.#type('task_id', event)}
      />
      ${
        filters === noFilters
          ? nothing
          : html`<button class="btn tall ghost" type="button" @click=${() => this.#filter(noFilters)}>
              ${say('Clear')}
            </button>`
      }
      <span class="spacer"></span>
      <button
        class="btn tall"
        type="button"
        ?disabled=${this.#check.state.kind === 'running'}
        @click=${() => void this.#check.run(this.context.client)}
      >
        ${icon('check')}${say('Check integrity')}
      </button>
    </div>`
  }

  #renderCheck() {
    const { say, sayCount } = this.formats
    const check = this.#check.state
    switch (check.kind) {
      case 'none':
        return nothing
      case 'running':
        return html`<p class="result" role="status">
          ${sayCount(check.checked, 'Checking: {n} entry so far', 'Checking: {n} entries so far')}
        </p>`
      case 'whole':
        return html`<p class="result whole" role="status">
          ${icon('check')}<span
            >${sayCount(check.checked, 'The {n} entry is as it was written.', 'All {n} entries are as they were written.')}
            ${check.hash === '' ? nothing : html`<span class="mono faint" title=${check.hash}>${check.hash.slice(0, 16)}…</span>`}</span
          >
        </p>`
      case 'broken': {
        const values = { n: check.seq }
        const words: Readonly<Record<string, string>> = {
          changed: say('Entry {n} was changed after it was written.', values),
          missing: say('Entry {n} is missing.', values),
          reordered: say('Entry {n} is not in its place.', values),
          tail_cut: say('The log was cut off: entry {n} is missing.', values),
        }
        return html`<p class="error result" role="alert">
          ${icon('alert')}<span>${words[check.why] ?? `${check.seq}: ${check.why}`}</span>
        </p>`
      }
      case 'failed':
        return html`<p class="warn result" role="status">
          ${icon('alert')}<span
            >${say('The check could not be made: {problem}', { problem: problemWords(check.problem) })}</span
          >
        </p>`
    }
  }

  #renderPage({ entries, nextCursor }: AuditLogPage) {
    const { say } = this.formats
    if (entries.length === 0 && this.trail.length === 0) {
      const isAll = this.filters === noFilters
      return html`<div class="card">
        <task-notice
          icon=${isAll ? 'lock' : 'search'}
          heading=${isAll ? say('Nothing was done yet') : say('No entry fits')}
          text=${isAll ? say('Whoever retries, cancels, deletes or pauses something appears here.') : ''}
        ></task-notice>
      </div>`
    }
    return html`<div class="card">
        <table class="audit" aria-label=${say('Audit log')}>
          <thead>
            <tr>
              <th scope="col" data-column="when">${say('When')}</th>
              <th scope="col">${say('What')}</th>
              <th scope="col" data-column="from">${say('From')}</th>
              <th scope="col" class="num" data-column="seq">${say('No.')}</th>
            </tr>
          </thead>
          <tbody>
            ${repeat(
              entries,
              ({ seq }) => seq,
              (entry) => this.#renderEntry(entry),
            )}
          </tbody>
        </table>
      </div>
      ${renderPaging(this.trail, nextCursor, { first: say('Newest'), back: say('Newer'), on: say('Older') }, (trail) => (this.trail = trail))}`
  }

  #renderEntry(entry: AuditLogEntry) {
    const { say, relative, instant } = this.formats
    const { seq, at, outcome, code, reason, role, address } = entry
    return html`<tr class=${outcome}>
      <td class="muted" data-column="when">
        <time title=${instant(at)}>${relative(Math.min(at, this.#clock.now), this.#clock.now)}</time>
      </td>
      <td>
        <p>
          ${entryWords(entry, this.formats)}
          ${outcome === 'denied' ? html`<span class="tag late">${say('denied')}</span>` : nothing}
          ${outcome === 'failed' ? html`<span class="tag bad">${say('failed')}</span>` : nothing}
          ${code === null ? nothing : html`<span class="mono faint">${code.slice(0, 60)}</span>`}
        </p>
        ${reason === null ? nothing : html`<p class="why">${say('“{reason}”', { reason: reason.slice(0, 500) })}</p>`}
        ${this.#renderLinks(entry)}
      </td>
      <td class="muted small" data-column="from">
        ${role === null ? nothing : html`<span class="role">${role.slice(0, 60)}</span>`}
        ${address === null ? nothing : html`<span class="mono">${address.slice(0, 60)}</span>`}
      </td>
      <td class="num faint mono" data-column="seq">${seq}</td>
    </tr>`
  }

  #renderLinks(entry: AuditLogEntry) {
    const { say, sayCount } = this.formats
    const operation = operationOf(entry)
    const tasks = tasksOf(entry)
    const left = Math.max(0, Math.max(entry.affectedCount, tasks.length) - namedTasks)
    const link = (taskId: string) =>
      html`<button
        class="link mono"
        type="button"
        aria-label=${say('Open task {id}', { id: shortId(taskId) })}
        @click=${() => request(this, 'request-open', { taskId })}
      >
        ${shortId(taskId)}
      </button>`
    if (tasks.length === 0 && operation === null) return nothing
    return html`<div class="links">
      ${
        operation === null
          ? nothing
          : html`<button
              class="link small"
              type="button"
              title=${operation}
              @click=${() => request(this, 'request-tab', { tab: 'operations' })}
            >
              ${say('Operation {id}', { id: shortId(operation) })}
            </button>`
      }
      ${
        tasks.length <= 3
          ? tasks.map(link)
          : html`<details>
              <summary>${sayCount(entry.affectedCount, '{n} task', '{n} tasks')}</summary>
              ${tasks.slice(0, namedTasks).map(link)}
              ${left > 0 ? html`<span class="faint">${say('{n} more', { n: left })}</span>` : nothing}
            </details>`
      }
    </div>`
  }

  #type(name: keyof Filters, event: Event): void {
    const { value } = event.target as HTMLInputElement
    clearTimeout(this.#typed)
    this.#typed = setTimeout(() => this.#filter({ ...this.filters, [name]: value.trim() }), typedMs)
  }

  #choose(name: keyof Filters, event: Event): void {
    this.#filter({ ...this.filters, [name]: (event.target as HTMLSelectElement).value })
  }

  #filter(filters: Filters): void {
    clearTimeout(this.#typed)
    this.trail = []
    this.filters = Object.values(filters).every((value) => value === '') ? noFilters : filters
  }

  #params(): URLSearchParams {
    const { span, ...others } = this.filters
    const params = new URLSearchParams({ limit: String(pageSize) })
    for (const [name, value] of Object.entries(others)) if (value !== '') params.set(name, value)
    const spanMs = spans[span]
    if (spanMs !== undefined) params.set('since', new Date(Date.now() - spanMs).toISOString())
    const cursor = this.trail.at(-1)
    if (cursor !== undefined) params.set('cursor', cursor)
    return params
  }
}

export const elements = { 'task-audit': Audit }

declare global {
  interface HTMLElementTagNameMap {
    'task-audit': Audit
  }
}
