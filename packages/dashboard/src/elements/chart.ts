import type { TimeRange } from '@taskloom/client'
import type { Timeline, TimelineBucket } from '@taskloom/protocol'
import { css, html, LitElement, nothing, svg } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import { request } from '../events.ts'
import type { Formats } from '../format.ts'
import { base } from '../styles/controls.ts'

const plotHeight = 64

/** A run of buckets, both ends included. */
interface Span {
  readonly first: number
  readonly last: number
}

/**
 * The filter's tasks over time: grey bars, failures red at their foot. Dragging, or Shift with the arrow keys and Enter,
 * sets the time range; Escape takes a selection back.
 */
export class Chart extends LitElement {
  @property({ attribute: false }) timeline: Timeline | null = null
  @property({ attribute: false }) range: TimeRange = { kind: 'all' }
  @property({ attribute: false }) formats!: Formats
  @state() private at: number | null = null
  @state() private span: Span | null = null
  @query('.plot') private readonly plot!: HTMLElement
  #anchor: number | null = null

  static override styles = [
    base,
    css`
      :host {
        container-type: inline-size;
        padding: 12px 14px 8px;
        border-block-start: 1px solid var(--td-line-2);
      }
      .plot {
        position: relative;
        direction: ltr;
        border-radius: 3px;
        cursor: crosshair;
        touch-action: pan-y;
        user-select: none;
      }
      svg {
        display: block;
        inline-size: 100%;
        block-size: 64px;
        stroke: none;
        overflow: visible;
      }
      .bar {
        fill: var(--td-bar);
      }
      .bar.at {
        fill: color-mix(in srgb, var(--td-bar) 70%, var(--td-text-2));
      }
      .fail {
        fill: var(--td-failed);
      }
      .brush {
        fill: color-mix(in srgb, var(--td-focus) 9%, transparent);
        stroke: color-mix(in srgb, var(--td-focus) 55%, transparent);
        stroke-width: 1;
      }
      .axis {
        display: flex;
        justify-content: space-between;
        direction: ltr;
        padding-block-start: 4px;
        font-size: 11px;
        line-height: 16px;
        color: var(--td-text-3);
      }
      .readout {
        position: absolute;
        inset-block-start: -4px;
        inset-inline-end: 0;
        padding: 0 6px;
        border-radius: 4px;
        background: var(--td-surface);
        font-size: 11px;
        line-height: 18px;
        color: var(--td-text-2);
        white-space: nowrap;
        pointer-events: none;
      }
      .readout.start {
        inset-inline: 0 auto;
      }
      .readout.brushing {
        color: var(--td-focus);
        font-weight: 500;
      }
      @container (max-width: 700px) {
        .axis .mid {
          display: none;
        }
      }
      @media (forced-colors: active) {
        .bar {
          fill: CanvasText;
        }
        .fail {
          fill: Mark;
        }
      }
    `,
  ]

  override willUpdate(changed: Map<PropertyKey, unknown>) {
    if (!changed.has('timeline')) return
    const count = this.#buckets.length
    if (this.at !== null && this.at >= count) this.at = null
    if (this.span && this.span.last >= count) this.span = null
  }

  override render() {
    const buckets = this.#buckets
    const words = this.#readout()
    return html`
      <div
        class="plot"
        part="chart"
        role="slider"
        tabindex="0"
        aria-label="Tasks over time. Shift and arrow keys select, Enter shows only that time."
        aria-valuemin="0"
        aria-valuemax=${Math.max(0, buckets.length - 1)}
        aria-valuenow=${this.at ?? Math.max(0, buckets.length - 1)}
        aria-valuetext=${words ?? 'Nothing selected'}
        @pointerdown=${this.#onDown}
        @pointermove=${this.#onMove}
        @pointerup=${this.#onUp}
        @pointercancel=${this.#forget}
        @pointerleave=${this.#onLeave}
        @keydown=${this.#onKey}
        @blur=${this.#forget}
      >
        <svg height=${plotHeight} aria-hidden="true">${this.#bars(buckets)}${this.#brush(buckets.length)}</svg>
        ${words === null ? nothing : html`<span class="readout ${this.#readoutSide()}">${words}</span>`}
      </div>
      ${this.#axis()}
    `
  }

  get #buckets(): readonly TimelineBucket[] {
    return this.timeline?.buckets ?? []
  }

  #bars(buckets: readonly TimelineBucket[]) {
    const step = 100 / Math.max(1, buckets.length)
    const most = Math.max(1, ...buckets.map(({ total }) => total))
    return buckets.map((bucket, index) => {
      const failed = bucket.counts['failed'] ?? 0
      const height = bucket.total === 0 ? 1 : Math.max(2, (bucket.total / most) * plotHeight)
      const foot = failed === 0 ? 0 : Math.min(height, Math.max(3, (failed / most) * plotHeight))
      const body = height - foot - (foot > 0 ? 1.5 : 0)
      const x = `${(index * step).toFixed(3)}%`
      const width = `${(step * 0.76).toFixed(3)}%`
      return svg`
        ${
          body > 0
            ? svg`<rect class=${index === this.at ? 'bar at' : 'bar'} x=${x} y=${(plotHeight - height).toFixed(1)} width=${width} height=${body.toFixed(1)} rx="1.5"/>`
            : nothing
        }
        ${
          foot > 0
            ? svg`<rect class="fail" x=${x} y=${(plotHeight - foot).toFixed(1)} width=${width} height=${foot.toFixed(1)} rx="1.5"/>`
            : nothing
        }`
    })
  }

  #brush(count: number) {
    if (!this.span || count === 0) return nothing
    const step = 100 / count
    const x = this.span.first * step - step * 0.12
    const width = (this.span.last - this.span.first + 1) * step
    return svg`<rect class="brush" x="${x.toFixed(3)}%" y="-6" width="${width.toFixed(3)}%" height=${plotHeight + 7} rx="3"/>`
  }

  #axis() {
    const { timeline } = this
    if (!timeline) return html`<div class="axis"><span> </span></div>`
    const { since, until } = timeline
    const label = (share: number) => this.formats.axis(since + (until - since) * share, until - since)
    const isNow = this.range.kind !== 'between' || this.range.until === null
    return html`
      <div class="axis" aria-hidden="true">
        <span>${label(0)}</span><span class="mid">${label(0.25)}</span><span class="mid">${label(0.5)}</span
        ><span class="mid">${label(0.75)}</span><span>${isNow ? 'now' : label(1)}</span>
      </div>
    `
  }

  #readout(): string | null {
    const span = this.span ?? (this.at === null ? null : { first: this.at, last: this.at })
    const { timeline } = this
    if (!span || !timeline) return null
    const chosen = timeline.buckets.slice(span.first, span.last + 1)
    const since = chosen[0]?.at
    const last = chosen.at(-1)?.at
    if (since === undefined || last === undefined) return null
    const length = timeline.until - timeline.since
    const total = chosen.reduce((sum, bucket) => sum + bucket.total, 0)
    const failed = chosen.reduce((sum, bucket) => sum + (bucket.counts['failed'] ?? 0), 0)
    const when = `${this.formats.axis(since, length)} – ${this.formats.axis(last + timeline.bucketMs, length)}`
    const tasks = `${this.formats.count(total)} ${total === 1 ? 'task' : 'tasks'}`
    return `${when} · ${tasks}${failed > 0 ? ` · ${this.formats.count(failed)} failed` : ''}`
  }

  /** Never on top of what is being pointed at. */
  #readoutSide(): string {
    const middle = this.#buckets.length / 2
    const place = this.span ? (this.span.first + this.span.last) / 2 : (this.at ?? 0)
    return `${place > middle ? 'start' : ''} ${this.span ? 'brushing' : ''}`
  }

  #indexAt(event: PointerEvent): number {
    const { left, width } = this.plot.getBoundingClientRect()
    const share = width === 0 ? 0 : (event.clientX - left) / width
    return clamp(Math.floor(share * this.#buckets.length), this.#buckets.length)
  }

  readonly #onDown = (event: PointerEvent): void => {
    if (event.button !== 0 || this.#buckets.length === 0) return
    this.plot.setPointerCapture(event.pointerId)
    this.#anchor = this.#indexAt(event)
  }

  readonly #onMove = (event: PointerEvent): void => {
    if (this.#buckets.length === 0) return
    this.at = this.#indexAt(event)
    if (this.#anchor !== null && (this.span || this.at !== this.#anchor)) this.span = between(this.#anchor, this.at)
  }

  readonly #onUp = (): void => {
    this.#anchor = null
    this.#ask()
  }

  readonly #onLeave = (): void => {
    if (this.#anchor === null) this.at = null
  }

  readonly #forget = (): void => {
    this.#anchor = null
    this.at = null
    this.span = null
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const count = this.#buckets.length
    if (count === 0) return
    const moves: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, Home: -count, End: count }
    const move = moves[event.key]
    if (move !== undefined) {
      const from = this.at ?? count - 1
      this.at = this.at === null ? from : clamp(from + move, count)
      this.#anchor = event.shiftKey ? (this.#anchor ?? from) : null
      this.span = this.#anchor === null ? null : between(this.#anchor, this.at)
    } else if (event.key === 'Enter' && this.at !== null) {
      this.span ??= { first: this.at, last: this.at }
      this.#ask()
    } else if (event.key === 'Escape' && (this.span || this.at !== null)) {
      this.#forget()
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  /** Asks for the selected time and lets go of the selection: the chart that comes back shows it whole. */
  #ask(): void {
    const first = this.span && this.#buckets[this.span.first]
    const last = this.span && this.#buckets[this.span.last]
    if (!first || !last || !this.timeline) return
    const range: TimeRange = { kind: 'between', since: first.at, until: last.at + this.timeline.bucketMs }
    this.#forget()
    request(this, 'request-view', { range })
  }
}

function between(one: number, other: number): Span {
  return { first: Math.min(one, other), last: Math.max(one, other) }
}

function clamp(index: number, count: number): number {
  return Math.max(0, Math.min(count - 1, index))
}
