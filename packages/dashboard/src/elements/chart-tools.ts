import type { ChartSeries, TimeRange, WordTable } from '@taskloom/client'
import type { Timeline } from '@taskloom/protocol'
import { css, html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { request } from '../events.ts'
import type { Formats } from '../format.ts'
import { base, buttons, inputs, menus } from '../styles/controls.ts'
import { groupTones } from './chart-styles.ts'

const seriesWords = {
  status: 'By status',
  function: 'By function',
  queue: 'By queue',
  p95: 'P95 duration',
} satisfies WordTable

/** What the chart shows, what its tones mean, and the way back from a time that was chosen on it. */
export class ChartTools extends LitElement {
  @property({ attribute: false }) range: TimeRange = { kind: 'all' }
  @property() series: ChartSeries = 'status'
  @property({ attribute: false }) timeline: Timeline | null = null
  /** The names that have a tone of their own. */
  @property({ attribute: false }) groups: readonly string[] = []
  @property({ attribute: false }) formats!: Formats

  static override styles = [
    base,
    buttons,
    inputs,
    menus,
    groupTones,
    css`
      .tools {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        /* The axis runs from left to right in every language; its last word has room beside them. */
        justify-content: right;
        padding-right: 64px;
        min-block-size: 28px;
        pointer-events: none;
      }
      .tools > * {
        pointer-events: auto;
      }
      .tools.zoomed {
        padding-right: 104px;
      }
      .btn,
      [slot='label'] {
        font-size: 11.5px;
      }
      .legend {
        display: flex;
        flex: 1 0 100%;
        flex-wrap: wrap;
        gap: 0 12px;
        block-size: 20px;
        overflow: hidden;
        font-size: 11px;
        color: var(--td-text-2);
      }
      .legend span {
        max-inline-size: 180px;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      @container (max-width: 560px) {
        .tools.zoomed {
          padding: 24px 0 0;
        }
      }
      .legend i {
        display: inline-block;
        inline-size: 8px;
        block-size: 8px;
        margin-inline-end: 5px;
        border-radius: 2px;
      }
    `,
  ]

  override render() {
    const { range } = this
    const isZoomed = range.kind === 'between' && range.until !== null
    return html`<div class="tools ${isZoomed ? 'zoomed' : ''}">
      ${this.#zoom()} ${this.#picker()} ${this.#legend()}
    </div>`
  }

  #legend() {
    const { groups } = this
    return groups.length === 0
      ? nothing
      : html`<span class="legend"
          >${groups.map((name, index) => html`<span title=${name}><i class="group-${index}"></i>${name}</span>`)}</span
        >`
  }

  /** Three times as long, around what is shown. */
  #zoom() {
    const { range, timeline } = this
    if (range.kind !== 'between' || !timeline) return nothing
    const until = range.until ?? timeline.until
    const margin = until - range.since
    const wider: TimeRange = {
      kind: 'between',
      since: range.since - margin,
      until: range.until === null ? null : until + margin,
    }
    return html`<button class="btn ghost" type="button" @click=${() => request(this, 'request-view', { range: wider })}>
      ${this.formats.say('Zoom out')}
    </button>`
  }

  #picker() {
    const { say } = this.formats
    return html`<task-menu label=${say('Chart')} look="ghost">
      <span slot="label">${say(seriesWords[this.series])}</span>
      <div
        class="menu"
        role="radiogroup"
        aria-label=${say('Chart')}
        @change=${(event: Event) =>
          request(this, 'request-view', { series: (event.target as HTMLInputElement).value as ChartSeries })}
      >
        ${Object.entries(seriesWords).map(
          ([value, word]) =>
            html`<label class="item"
              ><input type="radio" name="series" .value=${value} .checked=${value === this.series} /><span
                >${say(word)}</span
              ></label
            >`,
        )}
      </div>
    </task-menu>`
  }
}

export const elements = { 'task-chart-tools': ChartTools }
