import type { Metrics, TaskStatus } from '@taskloom/protocol'
import { css, html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { request } from '../events.ts'
import type { Formats } from '../format.ts'
import { base } from '../styles/controls.ts'
import { statusWord } from './status-badge.ts'

const order = [
  'failed',
  'running',
  'pending',
  'success',
  'interrupted',
  'cancelled',
] as const satisfies readonly TaskStatus[]

/** One quiet row of figures for the current filter. Each status is a filter; failures weigh most. */
export class StatStrip extends LitElement {
  @property({ attribute: false }) metrics: Metrics | null = null
  @property({ attribute: false }) statuses: readonly TaskStatus[] = []
  @property({ attribute: false }) formats!: Formats

  static override styles = [
    base,
    css`
      .strip {
        display: flex;
        overflow-x: auto;
        scrollbar-width: none;
        border-start-start-radius: inherit;
        border-start-end-radius: inherit;
      }
      .cell {
        position: relative;
        flex: 1 0 96px;
        min-inline-size: max-content;
        padding: 10px 14px 9px;
        border: 0;
        border-inline-end: 1px solid var(--td-line-2);
        background: none;
        text-align: start;
      }
      .cell:last-child {
        border: 0;
      }
      button.cell {
        cursor: pointer;
      }
      button.cell:hover {
        background: var(--td-hover);
      }
      button.cell:first-child {
        border-start-start-radius: calc(var(--td-radius) - 1px);
      }
      .cell:focus-visible {
        outline-offset: -2px;
      }
      .cell[aria-pressed='true']::after {
        content: '';
        position: absolute;
        inset-inline: 10px;
        inset-block-end: 0;
        block-size: 2px;
        background: var(--td-ink);
      }
      .name {
        display: flex;
        align-items: center;
        gap: 6px;
        font-size: 11.5px;
        line-height: 16px;
        color: var(--td-text-2);
        white-space: nowrap;
      }
      i {
        inline-size: 7px;
        block-size: 7px;
        border-radius: 2px;
        flex: none;
        background: var(--td-pending);
      }
      .failed i {
        background: var(--td-failed);
      }
      .running i {
        background: var(--td-running);
      }
      .success i {
        background: var(--td-success);
      }
      .interrupted i {
        background: var(--td-interrupted);
      }
      .cancelled i {
        background: var(--td-cancelled);
      }
      .value {
        display: block;
        inline-size: max-content;
        unicode-bidi: plaintext;
        font-size: 18px;
        line-height: 26px;
        font-weight: 580;
        letter-spacing: -0.01em;
        white-space: nowrap;
      }
      .failed .value {
        color: var(--td-failed);
      }
      .zero .value {
        color: var(--td-text-3);
        font-weight: 450;
      }
      small {
        margin-inline-start: 1px;
        font-size: 12px;
        line-height: 1;
        font-weight: 450;
        letter-spacing: 0;
        color: var(--td-text-2);
      }
      .gap {
        flex: 0 0 10px;
        background: var(--td-sunken);
        border-inline-end: 1px solid var(--td-line-2);
      }
      @media (forced-colors: active) {
        .cell[aria-pressed='true']::after {
          background: Highlight;
        }
        i {
          forced-color-adjust: none;
        }
      }
    `,
  ]

  override render() {
    const metrics = this.metrics
    const { say } = this.formats
    return html`
      <div class="strip" part="stats" role="group" aria-label=${say('Figures of the current filter')} tabindex="0">
        <button
          class="cell"
          type="button"
          aria-pressed=${this.statuses.length === 0 ? 'true' : 'false'}
          @click=${() => request(this, 'request-view', { tab: 'view', statuses: [] })}
        >
          <span class="name">${say('Total')}</span>
          <span class="value">${metrics ? this.formats.count(metrics.total) : '–'}${metrics?.isCapped ? '+' : ''}</span>
        </button>
        ${order.map((status) => this.#renderStatus(status))}
        <span class="gap"></span>
        ${this.#renderFigure(say('Success rate'), this.formats.percent(metrics?.successRate ?? null))}
        ${this.#renderFigure(say('Avg'), this.formats.duration(metrics?.avgDurationMs ?? null))}
        ${this.#renderFigure(say('P95'), this.formats.duration(metrics?.p95DurationMs ?? null))}
        ${this.#renderFigure(say('Min – max'), this.#span())}
      </div>
    `
  }

  #renderStatus(status: TaskStatus) {
    const count = this.metrics?.[status] ?? null
    const word = this.formats.say(statusWord(status))
    return html`
      <button
        class="cell ${status} ${count ? '' : 'zero'}"
        type="button"
        aria-pressed=${this.statuses.includes(status) ? 'true' : 'false'}
        title=${this.formats.say('Show only {status}; with Ctrl, too', { status: word })}
        @click=${(event: MouseEvent) => this.#choose(status, event)}
      >
        <span class="name"><i></i>${word}</span>
        <span class="value">${count === null ? '–' : this.formats.count(count)}</span>
      </button>
    `
  }

  #renderFigure(name: string, text: string) {
    return html`<div class="cell ${text === '–' ? 'zero' : ''}">
      <span class="name">${name}</span><span class="value">${figure(text)}</span>
    </div>`
  }

  #span(): string {
    const { minDurationMs = null, maxDurationMs = null } = this.metrics ?? {}
    if (minDurationMs === null || maxDurationMs === null) return '–'
    return `${this.formats.duration(minDurationMs)} – ${this.formats.duration(maxDurationMs)}`
  }

  /** A click shows one status alone, or everything again; with a modifier it adds or takes away. */
  #choose(status: TaskStatus, event: MouseEvent): void {
    const has = this.statuses.includes(status)
    const isAdding = event.ctrlKey || event.metaKey || event.shiftKey
    const others = isAdding ? this.statuses.filter((other) => other !== status) : []
    const isOnly = has && this.statuses.length === 1
    request(this, 'request-view', {
      tab: 'view',
      statuses: isAdding ? (has ? others : [...others, status]) : isOnly ? [] : [status],
    })
  }
}

/** Numbers large, units small. */
function figure(text: string) {
  return text
    .split(/([^\d.,–-]+)/)
    .map((piece, index) => (index % 2 === 1 ? html`<small>${piece}</small>` : piece || nothing))
}
