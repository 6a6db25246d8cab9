import type { ChartSeries, TimeRange } from '@taskloom/client'
import type { Timeline, TimelineBucket } from '@taskloom/protocol'
import { html, LitElement, nothing, svg } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import { request } from '../events.ts'
import type { Formats } from '../format.ts'
import { loadPart } from '../parts.ts'
import { base } from '../styles/controls.ts'
import { chartStyles, groupTones } from './chart-styles.ts'

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
  @property() series: ChartSeries = 'status'
  @property({ attribute: false }) formats!: Formats
  @state() private tools: HTMLElement | null = null
  @state() private at: number | null = null
  @state() private span: Span | null = null
  @query('.plot') private readonly plot!: HTMLElement
  #anchor: number | null = null

  static override styles = [base, chartStyles, groupTones]

  override willUpdate(changed: Map<PropertyKey, unknown>) {
    if (!changed.has('timeline')) return
    if (!this.tools) void this.#loadTools()
    const count = this.#buckets.length
    if (this.at !== null && this.at >= count) this.at = null
    if (this.span && this.span.last >= count) this.span = null
  }

  override render() {
    const buckets = this.#buckets
    const words = this.#readout()
    const { say } = this.formats
    const isEmpty = this.timeline !== null && buckets.every(({ total }) => total === 0)
    return html`
      <div
        class="plot"
        part="chart"
        role="slider"
        tabindex="0"
        aria-label=${say('Tasks over time. Shift and arrow keys select, Enter shows only that time.')}
        aria-valuemin="0"
        aria-valuemax=${Math.max(0, buckets.length - 1)}
        aria-valuenow=${this.at ?? Math.max(0, buckets.length - 1)}
        aria-valuetext=${words ?? say('Nothing selected')}
        @pointerdown=${this.#onDown}
        @pointermove=${this.#onMove}
        @pointerup=${this.#onUp}
        @pointercancel=${this.#forget}
        @pointerleave=${this.#onLeave}
        @keydown=${this.#onKey}
        @blur=${this.#forget}
      >
        <svg height=${plotHeight} aria-hidden="true">${this.#bars(buckets)}${this.#brush(buckets.length)}</svg>
        ${isEmpty && words === null ? html`<span class="none">${say('No tasks in this time')}</span>` : nothing}
        ${words === null ? nothing : html`<span class="readout ${this.#readoutSide()}">${words}</span>`}
      </div>
      ${this.#axis()} ${this.#renderTools()}
    `
  }

  get #buckets(): readonly TimelineBucket[] {
    return this.timeline?.buckets ?? []
  }

  #bars(buckets: readonly TimelineBucket[]) {
    const step = 100 / Math.max(1, buckets.length)
    const heights = buckets.map((bucket) => (this.series === 'p95' ? (bucket.p95DurationMs ?? 0) : bucket.total))
    const most = Math.max(1, ...heights)
    return buckets.map((bucket, index) => {
      const value = heights[index] ?? 0
      const height = value === 0 ? 1 : Math.max(2, (value / most) * plotHeight)
      let foot = plotHeight
      return this.#pieces(bucket, value).map(([look, share]) => {
        const isFail = look === 'fail'
        const length =
          value === 0 ? height : Math.min(foot - plotHeight + height, Math.max(isFail ? 3 : 0, share * height))
        foot -= length
        // A hairline between the pieces.
        const shown = length - (foot > plotHeight - height + 0.1 ? 1.5 : 0)
        return shown > 0
          ? svg`<rect class=${index === this.at && !isFail ? `${look} at` : look} x="${(index * step).toFixed(3)}%" y=${(foot + length - shown).toFixed(1)} width="${(step * 0.76).toFixed(3)}%" height=${shown.toFixed(1)} rx="1.5"/>`
          : nothing
      })
    })
  }

  /** The pieces of a bar from its foot up, each with its share. */
  #pieces({ counts, total }: TimelineBucket, value: number): readonly (readonly [look: string, share: number])[] {
    if (value === 0 || this.series === 'p95') return [['bar', 1]]
    if (this.series === 'status') {
      const failed = (counts['failed'] ?? 0) / total
      return failed > 0
        ? [
            ['fail', failed],
            ['bar', 1 - failed],
          ]
        : [['bar', 1]]
    }
    const named = this.#groups.map((name, index) => [`bar group-${index}`, (counts[name] ?? 0) / total] as const)
    return [...named, ['bar', 1 - named.reduce((sum, [, share]) => sum + share, 0)] as const].filter(
      ([, share]) => share > 0.001,
    )
  }

  /** The most frequent functions or queues; the others are one. */
  get #groups(): readonly string[] {
    if (this.series === 'status' || this.series === 'p95') return []
    const sums = new Map<string, number>()
    for (const { counts } of this.#buckets) {
      for (const [name, count] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + count)
    }
    return [...sums]
      .sort(([one, a], [other, b]) => b - a || one.localeCompare(other))
      .slice(0, 4)
      .map(([name]) => name)
  }

  #brush(count: number) {
    if (!this.span || count === 0) return nothing
    const step = 100 / count
    const x = this.span.first * step - step * 0.12
    const width = (this.span.last - this.span.first + 1) * step
    return svg`<rect class="brush" x="${x.toFixed(3)}%" y="-6" width="${width.toFixed(3)}%" height=${plotHeight + 7} rx="3"/>`
  }

  /** They come when there is something to be drawn. */
  #renderTools() {
    const { tools, range, series, timeline, formats } = this
    if (!tools) return html`<div class="tools"></div>`
    return html`${Object.assign(tools, { range, series, timeline, formats, groups: this.#groups })}`
  }

  async #loadTools(): Promise<void> {
    try {
      await loadPart('task-chart-tools')
      this.tools ??= document.createElement('task-chart-tools')
    } catch {
      // The chart is a chart without them.
    }
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
        ><span class="mid">${label(0.75)}</span><span>${isNow ? this.formats.say('now') : label(1)}</span>
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
    const { say, sayCount, axis, duration } = this.formats
    const length = timeline.until - timeline.since
    const total = chosen.reduce((sum, bucket) => sum + bucket.total, 0)
    const failed = chosen.reduce((sum, bucket) => sum + (bucket.counts['failed'] ?? 0), 0)
    const longest = Math.max(...chosen.map(({ p95DurationMs }) => p95DurationMs ?? -1))
    return [
      say('{since} – {until}', { since: axis(since, length), until: axis(last + timeline.bucketMs, length) }),
      sayCount(total, '{n} task', '{n} tasks'),
      ...(failed > 0 ? [say('{n} failed', { n: failed })] : []),
      ...(this.series === 'p95' && longest >= 0 ? [say('p95 {time}', { time: duration(longest) })] : []),
    ].join(' · ')
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
