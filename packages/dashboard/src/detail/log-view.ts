import type { WordTable } from '@taskloom/client'
import type { LogEntry } from '@taskloom/protocol'
import { html, LitElement, nothing } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import type { Menu } from '../elements/menu.ts'
import { request } from '../events.ts'
import type { Formats } from '../format.ts'
import { saveFile } from '../host/save-file.ts'
import { icon } from '../icons.ts'
import { seldom } from '../seldom.ts'
import { base, buttons, inputs, menus } from '../styles/controls.ts'
import { linePieces } from './ansi.ts'
import { logNdjson, logRows, logText, windowOf, type LogRow } from './log-lines.ts'
import { logStyles } from './log-styles.ts'

const rowHeight = 20
const levelWords = {
  '': 'All levels',
  info: 'Info and worse',
  warning: 'Warnings and errors',
  error: 'Errors',
} as const satisfies WordTable
const shownLength = 1_000
/** Under this width the level is a letter and the time has no milliseconds, px. */
const narrowWidth = 560
/** What a row needs beside its message, and about as much as a letter takes, px. */
const aroundMessage = { wide: 216, narrow: 136 } as const
const letterWidth = 7

/**
 * The log of a task. Only the rows that can be seen are in the page, so that 20,000 lines scroll as ten do. While it
 * follows, new lines keep the end in sight; scrolling up stops that. `/` searches, End follows.
 */
export class LogView extends LitElement {
  @property({ attribute: false }) logs: readonly LogEntry[] = []
  @property({ type: Boolean }) hasMore = false
  @property() taskId = ''
  /** Where it begins to be read, as a link may ask; absent for the end. */
  @property({ attribute: false }) attempt: number | undefined
  @property({ attribute: false }) formats!: Formats
  @state() private isFollowing = true
  @state() private level = ''
  @state() private search = ''
  @state() private chosen: LogEntry | null = null
  @state() private isFull = false
  @state() private place: readonly [top: number, height: number, width: number] = [0, 400, 400]
  @query('.lines') private readonly lines!: HTMLElement
  @query('input') private readonly searchField!: HTMLInputElement
  #rows: readonly LogRow[] = []
  #sizes: ResizeObserver | null = null
  /** The attempt that it went to, once. */
  #wentTo: number | undefined

  static override styles = [base, buttons, inputs, menus, logStyles]

  constructor() {
    super()
    this.addEventListener('keydown', this.#onKey)
    this.addEventListener('fullscreenchange', () => (this.isFull = this.matches(':fullscreen')))
  }

  override disconnectedCallback() {
    super.disconnectedCallback()
    this.#sizes?.disconnect()
    this.#sizes = null
  }

  override willUpdate(changed: Map<PropertyKey, unknown>) {
    if (changed.has('taskId')) this.chosen = null
    if (changed.has('logs') || changed.has('level') || changed.has('search')) {
      this.#rows = logRows(this.logs, { level: this.level, search: this.search })
    }
  }

  override updated(changed: Map<PropertyKey, unknown>) {
    if (!this.#sizes) {
      this.#sizes = new ResizeObserver(() => this.#measure())
      this.#sizes.observe(this.lines)
    }
    if (changed.has('chosen') && this.chosen) {
      this.renderRoot.querySelector('.chosen')?.scrollIntoView({ block: 'nearest' })
    }
    this.#goToAttempt()
    if (this.isFollowing) this.lines.scrollTop = this.lines.scrollHeight
  }

  /** To the head of the attempt, as soon as its lines are here. */
  #goToAttempt(): void {
    if (this.attempt === this.#wentTo) return
    const at = this.#rows.findIndex((row) => row.kind === 'attempt' && row.attempt === this.attempt)
    if (this.attempt !== undefined && at < 0) return
    this.#wentTo = this.attempt
    if (at < 0) return
    this.isFollowing = false
    this.lines.scrollTop = at * rowHeight
  }

  override render() {
    const [first, last] = windowOf(this.place[0], this.place[1], rowHeight, this.#rows.length)
    const { say } = this.formats
    return html`
      <div class="bar">${this.#renderFind()} ${this.#renderTools()}</div>
      <div
        class="lines ${this.#isNarrow ? 'narrow' : ''}"
        role="region"
        aria-label=${say('Log lines')}
        tabindex="0"
        @scroll=${this.#measure}
      >
        ${this.#rows.length === 0 ? html`<p class="none">${this.#emptyWords}</p>` : nothing}
        <div class="all" .style=${`block-size:${this.#rows.length * rowHeight}px`}>
          <div class="seen" .style=${`transform:translateY(${first * rowHeight}px)`}>
            ${repeat(
              this.#rows.slice(first, last),
              ({ key }) => key,
              (row) => this.#renderRow(row),
            )}
          </div>
        </div>
      </div>
      ${this.chosen ? this.#renderChosen(this.chosen) : nothing}
    `
  }

  get #emptyWords(): string {
    const { say } = this.formats
    return this.logs.length === 0 ? say('Nothing is logged yet.') : say('No line fits.')
  }

  get #isNarrow(): boolean {
    return this.place[2] < narrowWidth
  }

  #renderFind() {
    const { say } = this.formats
    return html`<div class="find">
      <input
        class="text"
        type="search"
        placeholder=${say('Search')}
        aria-label=${say('Search the log')}
        aria-keyshortcuts="/"
        .value=${this.search}
        @input=${(event: Event) => (this.search = (event.target as HTMLInputElement).value)}
      />
      <select
        class="text"
        aria-label=${say('Level')}
        @change=${(event: Event) => (this.level = (event.target as HTMLSelectElement).value)}
      >
        ${Object.entries(levelWords).map(
          ([level, word]) => html`<option value=${level} ?selected=${level === this.level}>${say(word)}</option>`,
        )}
      </select>
    </div>`
  }

  #renderRow(row: LogRow) {
    const { say, instant, time } = this.formats
    if (row.kind === 'attempt') {
      return html`<div class="row head">${say('Attempt {number}', { number: row.attempt })}</div>`
    }
    const { entry } = row
    const isNarrow = this.#isNarrow
    const fitting = (this.place[2] - aroundMessage[isNarrow ? 'narrow' : 'wide']) / letterWidth
    const isLong = entry.extra !== null || entry.message.length > fitting || entry.message.includes('\n')
    const pieces = linePieces(entry.message.slice(0, shownLength), this.search)
    return html`<div class="row level-${entry.level}" data-line=${entry.line}>
      <span class="number" aria-hidden="true">${entry.line}</span>
      <time title=${instant(entry.at)}>${time(entry.at, isNarrow ? 'second' : 'millisecond')}</time>
      <span class="level" title=${entry.level.slice(0, 40)}>${entry.level.slice(0, 7)}</span>
      <span class="message"
        ><bdi
          >${pieces.map(({ text, look, isMarked }) =>
            isMarked
              ? html`<mark class=${look}>${text}</mark>`
              : look === ''
                ? text
                : html`<span class=${look}>${text}</span>`,
          )}</bdi
        ></span
      >
      ${
        isLong
          ? html`<button
              type="button"
              aria-label=${say('All of line {line}', { line: entry.line })}
              @click=${() => (this.chosen = entry)}
            >
              …
            </button>`
          : nothing
      }
    </div>`
  }

  #renderChosen({ line, message, extra }: LogEntry) {
    const { say } = this.formats
    const whole = extra === null ? message : `${message}\n${JSON.stringify(extra, null, 2)}`
    const name = say('Line {line}', { line })
    return html`<div class="chosen">
      <header>
        ${name}<span class="spacer"></span
        ><task-copy-button .text=${whole} label=${say('Copy the line')}></task-copy-button>
        <button
          class="btn ghost icon"
          type="button"
          aria-label=${say('Close the line')}
          @click=${() => (this.chosen = null)}
        >
          ${icon('close')}
        </button>
      </header>
      <pre tabindex="0" role="group" aria-label=${name}>
${linePieces(whole.slice(0, 50_000)).map(({ text, look }) =>
          look === '' ? text : html`<span class=${look}>${text}</span>`,
        )}</pre>
    </div>`
  }

  #renderTools() {
    const { say } = this.formats
    const fullWord = this.isFull ? say('Leave full screen') : say('Full screen')
    return html`<div class="tools">
      <span aria-hidden="true">${this.#countWords}</span>
      <span class="unseen" role="status">${seldom(this.#countWords)}</span>
      ${
        this.hasMore
          ? html`<button class="btn" type="button" @click=${() => request(this, 'request-more-logs')}>
              ${say('Load more')}
            </button>`
          : nothing
      }
      <span class="spacer"></span>
      <button
        class="btn"
        type="button"
        aria-pressed=${this.isFollowing ? 'true' : 'false'}
        @click=${() => (this.isFollowing = !this.isFollowing)}
      >
        ${icon('sortDown')}${say('Follow')}
      </button>
      <task-copy-button
        .text=${this.#rows.length > 0 ? logText(this.#rows) : ''}
        label=${say('Copy the log')}
      ></task-copy-button>
      <task-menu label=${say('Download the log')} icon-only look="ghost">
        <span slot="label">${icon('download')}</span>
        <div class="menu">
          ${this.#downloadItem('log', say('As text (.log)'))}
          ${this.#downloadItem('ndjson', say('For programs (.ndjson)'))}
        </div>
      </task-menu>
      <button class="btn ghost icon" type="button" aria-label=${fullWord} title=${fullWord} @click=${this.#fill}>
        ${icon('expand')}
      </button>
    </div>`
  }

  #downloadItem(kind: 'log' | 'ndjson', word: string) {
    return html`<button class="item" type="button" data-kind=${kind} @click=${() => this.#download(kind)}>
      <span>${word}</span>
    </button>`
  }

  get #countWords(): string {
    const { sayCount } = this.formats
    const shown = this.#rows.filter(({ kind }) => kind === 'line').length
    const total = this.logs.length
    return shown === total
      ? sayCount(total, '{n} line', '{n} lines')
      : sayCount(total, '{shown} of {n} line', '{shown} of {n} lines', { shown })
  }

  readonly #measure = (): void => {
    const { scrollTop, clientHeight, clientWidth, scrollHeight } = this.lines
    const isAtEnd = scrollTop + clientHeight >= scrollHeight - rowHeight
    if (scrollTop < this.place[0] && !isAtEnd) this.isFollowing = false
    const place = [scrollTop, clientHeight, clientWidth] as const
    if (place.some((value, index) => value !== this.place[index])) this.place = place
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const isTyping = event.composedPath()[0] instanceof HTMLInputElement
    if (event.key === 'Escape' && isTyping && this.search !== '') this.search = ''
    else if (isTyping || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    else if (event.key === '/') this.searchField.focus()
    else {
      if (event.key === 'End') this.isFollowing = true
      return
    }
    event.preventDefault()
    event.stopPropagation()
  }

  #download(kind: 'log' | 'ndjson'): void {
    this.renderRoot.querySelector<Menu>('task-menu')?.close()
    const text = kind === 'log' ? logText(this.#rows) : logNdjson(this.#rows)
    const type = kind === 'log' ? 'text/plain' : 'application/x-ndjson'
    saveFile(`${this.taskId}.${kind}`, new Blob([text], { type }))
  }

  readonly #fill = async (): Promise<void> => {
    try {
      if (document.fullscreenElement) await document.exitFullscreen()
      else await this.requestFullscreen()
    } catch {
      // The page that embeds the dashboard may forbid it; the log stays where it is.
    }
  }
}

export const elements = { 'task-log-view': LogView }

declare global {
  interface HTMLElementTagNameMap {
    'task-log-view': LogView
  }
}
