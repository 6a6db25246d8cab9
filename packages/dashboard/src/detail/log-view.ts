import type { LogEntry } from '@taskloom/protocol'
import { html, LitElement, nothing } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { request } from '../events.ts'
import type { Formats } from '../format.ts'
import { icon } from '../icons.ts'
import { base, buttons, inputs } from '../styles/controls.ts'
import { logRows, logText, windowOf, type LogRow } from './log-lines.ts'
import { logStyles } from './log-styles.ts'

const rowHeight = 20
const levels = ['', 'info', 'warning', 'error'] as const
const levelWords = {
  '': 'All levels',
  info: 'Info and worse',
  warning: 'Warnings and errors',
  error: 'Errors',
} as const
const shownLength = 1_000
/** What a row needs beside its message, and about as much as a letter takes, px. */
const aroundMessage = 190
const letterWidth = 7

/**
 * The log of a task. Only the rows that can be seen are in the page, so that 100,000 lines scroll as ten do. While it
 * follows, new lines keep the end in sight; scrolling up stops that.
 */
export class LogView extends LitElement {
  @property({ attribute: false }) logs: readonly LogEntry[] = []
  @property({ type: Boolean }) hasMore = false
  @property() taskId = ''
  @property({ attribute: false }) formats!: Formats
  @state() private isFollowing = true
  @state() private level = ''
  @state() private search = ''
  @state() private chosen: LogEntry | null = null
  @state() private place: readonly [top: number, height: number, width: number] = [0, 400, 400]
  @query('.lines') private readonly lines!: HTMLElement
  #rows: readonly LogRow[] = []
  #sizes: ResizeObserver | null = null

  static override styles = [base, buttons, inputs, logStyles]

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

  override updated() {
    if (!this.#sizes) {
      this.#sizes = new ResizeObserver(() => this.#measure())
      this.#sizes.observe(this.lines)
    }
    if (this.isFollowing) this.lines.scrollTop = this.lines.scrollHeight
  }

  override render() {
    const [first, last] = windowOf(this.place[0], this.place[1], rowHeight, this.#rows.length)
    return html`
      ${this.#renderBar()}
      <div class="lines" role="region" aria-label="Log lines" tabindex="0" @scroll=${this.#measure}>
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
      ${this.chosen ? this.#renderChosen(this.chosen) : nothing} ${this.#renderFoot()}
    `
  }

  get #emptyWords(): string {
    return this.logs.length === 0 ? 'Nothing is logged yet.' : 'No line fits.'
  }

  #renderBar() {
    return html`<div class="bar">
      <input
        class="text"
        type="search"
        placeholder="Search"
        aria-label="Search the log"
        .value=${this.search}
        @input=${(event: Event) => (this.search = (event.target as HTMLInputElement).value)}
      />
      <select
        class="text"
        aria-label="Level"
        @change=${(event: Event) => (this.level = (event.target as HTMLSelectElement).value)}
      >
        ${levels.map((level) => html`<option value=${level} ?selected=${level === this.level}>${levelWords[level]}</option>`)}
      </select>
    </div>`
  }

  #renderRow(row: LogRow) {
    if (row.kind === 'attempt') return html`<div class="row head">Attempt ${row.attempt}</div>`
    const { entry } = row
    const fitting = (this.place[2] - aroundMessage) / letterWidth
    const isLong = entry.extra !== null || entry.message.length > fitting || entry.message.includes('\n')
    return html`<div class="row level-${entry.level}" data-line=${entry.line}>
      <time title=${this.formats.instant(entry.at)}>${this.formats.time(entry.at, 'millisecond')}</time>
      <span class="level">${entry.level.slice(0, 7)}</span>
      <span class="message"><bdi>${entry.message.slice(0, shownLength)}</bdi></span>
      ${
        isLong
          ? html`<button type="button" aria-label="All of line ${entry.line}" @click=${() => (this.chosen = entry)}>
              …
            </button>`
          : nothing
      }
    </div>`
  }

  #renderChosen({ line, message, extra }: LogEntry) {
    const whole = extra === null ? message : `${message}\n${JSON.stringify(extra, null, 2)}`
    return html`<div class="chosen">
      <header>
        Line ${line}<span class="spacer"></span
        ><task-copy-button .text=${whole} label="Copy the line"></task-copy-button>
        <button class="btn ghost icon" type="button" aria-label="Close the line" @click=${() => (this.chosen = null)}>
          ${icon('close')}
        </button>
      </header>
      <pre tabindex="0" role="group" aria-label="Line ${line}">${whole.slice(0, 50_000)}</pre>
    </div>`
  }

  #renderFoot() {
    const shown = this.#rows.filter(({ kind }) => kind === 'line').length
    const words = shown === this.logs.length ? '' : `${this.formats.count(shown)} of `
    return html`<div class="foot">
      <span>${words}${this.formats.count(this.logs.length)} ${this.logs.length === 1 ? 'line' : 'lines'}</span>
      ${
        this.hasMore
          ? html`<button class="btn" type="button" @click=${() => request(this, 'request-more-logs')}>
              Load more
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
        ${icon('sortDown')}Follow
      </button>
      <task-copy-button
        .text=${this.#rows.length > 0 ? logText(this.#rows) : ''}
        label="Copy the log"
      ></task-copy-button>
      <button
        class="btn ghost icon"
        type="button"
        aria-label="Download the log"
        title="Download"
        @click=${this.#download}
      >
        ${icon('download')}
      </button>
      <button class="btn ghost icon" type="button" aria-label="Full screen" title="Full screen" @click=${this.#fill}>
        ${icon('expand')}
      </button>
    </div>`
  }

  readonly #measure = (): void => {
    const { scrollTop, clientHeight, clientWidth, scrollHeight } = this.lines
    const isAtEnd = scrollTop + clientHeight >= scrollHeight - rowHeight
    if (scrollTop < this.place[0] && !isAtEnd) this.isFollowing = false
    const place = [scrollTop, clientHeight, clientWidth] as const
    if (place.some((value, index) => value !== this.place[index])) this.place = place
  }

  readonly #download = (): void => {
    const address = URL.createObjectURL(new Blob([logText(this.#rows)], { type: 'text/plain' }))
    Object.assign(document.createElement('a'), { href: address, download: `${this.taskId}.log` }).click()
    setTimeout(() => URL.revokeObjectURL(address), 10_000)
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

declare global {
  interface HTMLElementTagNameMap {
    'task-log-view': LogView
  }
}
