import type { ListState, ViewQuery } from '@taskloom/client'
import { css, html, LitElement, nothing } from 'lit'
import { property, state } from 'lit/decorators.js'
import type { ConfirmQuestion, ConfirmResult } from '../elements/confirm-dialog.ts'
import { request } from '../events.ts'
import { problemWords, type Formats } from '../format.ts'
import { icon } from '../icons.ts'
import { base, buttons, inputs, tables } from '../styles/controls.ts'

const windows = [
  ['1h', 'Last hour'],
  ['6h', 'Last 6 hours'],
  ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days'],
  ['all', 'All time'],
] as const

/**
 * Tasks that gave up, newest first: choose a window, look, replay what was selected or all of the window.
 *
 * @slot - the rows and their foot
 */
export class DeadLetters extends LitElement {
  @property({ attribute: false }) list!: ListState
  @property({ attribute: false }) view!: ViewQuery
  @property({ attribute: false }) busyActions: ReadonlySet<string> = new Set()
  /** Dead letters of all time and every function. */
  @property({ type: Number }) failedTotal = 0
  @property({ attribute: false }) actions: ReadonlySet<string> = new Set()
  @property({ attribute: false }) formats!: Formats
  @state() private question: ConfirmQuestion | null = null

  static override styles = [
    base,
    buttons,
    inputs,
    tables,
    css`
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
        padding-block: 12px;
      }
      .bar .text {
        min-inline-size: 140px;
      }
      .skeleton {
        min-block-size: 240px;
        background: repeating-linear-gradient(var(--td-surface) 0 37px, var(--td-line-2) 37px 38px);
      }
      @container (max-width: 700px) {
        .bar > .text,
        .bar > .btn {
          flex: 1 1 140px;
        }
      }
    `,
  ]

  override render() {
    return html`
      <div class="bar">
        <select class="text" aria-label="Window" @change=${this.#onWindow}>
          ${windows.map(([value, word]) => html`<option value=${value} ?selected=${value === this.#window}>${word}</option>`)}
          ${this.#window === null ? html`<option value="" selected>Chosen times</option>` : nothing}
        </select>
        ${this.#canReplay && this.#window !== null && !this.#isNarrowed ? this.#renderReplay() : nothing}
        ${this.#isNarrowed ? this.#renderNarrowed() : nothing}
        <span class="muted" role="status">${this.#countWords}</span>
      </div>
      ${this.list.tasks.length > 0 ? html`<slot></slot>` : html`<div class="card">${this.#renderNothing()}</div>`}
      <task-confirm-dialog .question=${this.question} @confirm-result=${this.#onAnswer}></task-confirm-dialog>
    `
  }

  /** The window as the protocol writes it; null for fixed instants or a window that is not among ours. */
  get #window(): string | null {
    const { range } = this.view
    if (range.kind === 'all') return 'all'
    return range.kind === 'window' && windows.some(([value]) => value === range.window) ? range.window : null
  }

  /** A replay takes every dead letter of the window; rows narrowed further would promise less. */
  get #isNarrowed(): boolean {
    const { funcNames, queues, search } = this.view
    return funcNames.length > 0 || queues.length > 0 || search.trim() !== ''
  }

  get #canReplay(): boolean {
    return this.actions.has('bulk_retry')
  }

  get #isReplaying(): boolean {
    return [...this.busyActions].some((name) => name.startsWith('retry-failed') || name.startsWith('bulk-retry'))
  }

  get #total(): string {
    return this.formats.count(this.list.total) + (this.list.totalIsCapped ? '+' : '')
  }

  get #countWords(): string {
    if (this.list.phase === 'loading' && this.list.tasks.length === 0) return ''
    return `${this.#total} dead ${this.list.total === 1 ? 'letter' : 'letters'}`
  }

  #renderReplay() {
    return html`<button
      class="btn tall ink"
      type="button"
      ?disabled=${this.list.total === 0 || this.#isReplaying}
      @click=${this.#ask}
    >
      ${icon('retry')}Replay window…
    </button>`
  }

  #renderNarrowed() {
    return html`<button class="btn tall" type="button" @click=${() => request(this, 'request-clear-filters')}>
      Clear the other filters
    </button>`
  }

  #renderNothing() {
    const { phase, problem } = this.list
    if (phase === 'loading') return html`<div class="skeleton" role="status" aria-label="Loading dead letters"></div>`
    if (phase === 'failed') {
      return html`<task-notice
        icon="alert"
        tone="bad"
        heading="The dead letters could not be loaded"
        text=${problemWords(problem)}
      >
        <button class="btn" type="button" @click=${() => request(this, 'request-refresh')}>Try again</button>
      </task-notice>`
    }
    const isAll = this.#window === 'all' && !this.#isNarrowed
    return html`<task-notice
      icon=${isAll ? 'check' : 'search'}
      heading=${isAll ? 'No dead letters' : 'None in this window'}
      text=${isAll ? 'Everything that failed was retried or went through.' : `${this.formats.count(this.failedTotal)} of all time.`}
    ></task-notice>`
  }

  readonly #onWindow = (event: Event): void => {
    const window = (event.target as HTMLSelectElement).value
    if (window === '') return
    request(this, 'request-view', { range: window === 'all' ? { kind: 'all' } : { kind: 'window', window } })
  }

  readonly #ask = (): void => {
    const word = windows.find(([value]) => value === this.#window)?.[1] ?? ''
    this.question = {
      heading: `Replay ${this.#total} ${this.list.total === 1 ? 'task' : 'tasks'}?`,
      text: `Every dead letter of “${word}” is enqueued again as a new task. Those that were already retried are left out.`,
      warning: this.list.total > 100 ? 'So many at once may strain what they depend on.' : null,
      word: 'Replay',
      isDanger: false,
      asksReason: false,
    }
  }

  readonly #onAnswer = (event: CustomEvent<ConfirmResult>): void => {
    event.stopPropagation()
    this.question = null
    if (event.detail.isConfirmed && this.#window !== null)
      request(this, 'request-retry-failed', { since: this.#window })
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'task-dead-letters': DeadLetters
  }
}
