import { css, html, LitElement, nothing, svg, type SVGTemplateResult } from 'lit'
import { property, state } from 'lit/decorators.js'
import type { Formats } from '../format.ts'
import { base, tables } from '../styles/controls.ts'
import { plotStyles } from './plot-styles.ts'
import { roundTop, roundWords } from './scale.ts'

/** Something that is drawn, place by place. */
export interface Series {
  readonly name: string
  /** `main` and `far` for lines, `failed` for bars: how it is told from the others beside its colour. */
  readonly look: 'plain' | 'main' | 'far' | 'failed'
  /** One for each place; null where there is nothing to say. */
  readonly values: readonly (number | null)[]
}

/** A word below the foot of a plot. */
export interface Tick {
  readonly word: string
  /** 0 where the first place begins, 1 where the last one ends. */
  readonly at: number
}

/** What a plot shows. */
export interface PlotData {
  readonly kind: 'lines' | 'bars'
  readonly title: string
  /** Bars of several series stand on one another, the first at the foot. */
  readonly series: readonly Series[]
  /** What each place is called, in the readout and in the table. */
  readonly places: readonly string[]
  /** The head of that column in the table. */
  readonly placeWord: string
  /** Words along the foot. */
  readonly ticks: readonly Tick[]
  readonly scale: 'count' | 'duration'
  readonly format: (value: number) => string
}

/** Detail of `plot-cursor`. */
export interface PlotCursor {
  /** Which place is looked at; null for none. */
  readonly at: number | null
}

/**
 * Lines or bars over a row of places, with a cursor for pointer and arrow keys, and all numbers as a table.
 *
 * @fires plot-cursor - {@link PlotCursor}
 */
export class Plot extends LitElement {
  @property({ attribute: false }) plot!: PlotData
  @property({ attribute: false }) formats!: Formats
  /** The place that is looked at, here or in a plot beside it. */
  @property({ attribute: false }) at: number | null = null
  @state() private isOpen = false

  static override styles = [
    base,
    tables,
    plotStyles,
    css`
      :host {
        container-type: inline-size;
      }
    `,
  ]

  override render() {
    const { title } = this.plot
    return html`<figure>
      <figcaption><strong>${title}</strong>${this.#renderKeys()}</figcaption>
      ${this.#isEmpty ? html`<p class="none">${this.formats.say('Nothing was measured in this time')}</p>` : this.#renderPlot()}
    </figure>`
  }

  get #isEmpty(): boolean {
    return !this.plot.series.some(({ values }) => values.some((value) => value !== null && value > 0))
  }

  /** At the cursor, if there is one; else the names alone. */
  get #at(): number | null {
    return this.at !== null && this.at < this.plot.places.length ? this.at : null
  }

  #renderKeys() {
    const at = this.#at
    const { series, kind, places } = this.plot
    if (this.#isEmpty) return nothing
    const keys = series.map(({ name, look, values }) => {
      const value = at === null ? null : this.#word(values[at])
      const mark =
        kind === 'lines'
          ? svg`<path class="line ${look}" d="M0 4h14"/>`
          : svg`<rect class="bar ${look}" width="14" height="8" rx="1.5"/>`
      return html`<span class="key"
        ><svg viewBox="0 0 14 8" aria-hidden="true">${mark}</svg
        >${name}${value === null ? nothing : html` <b>${value}</b>`}</span
      >`
    })
    return html`${keys}<span class="when">${at === null ? nothing : places[at]}</span>`
  }

  #renderPlot() {
    const { series, kind, places, ticks, scale, format, title } = this.plot
    const sums = places.map((_, at) => series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0))
    const values = kind === 'bars' ? sums : series.flatMap((one) => one.values.map((value) => value ?? 0))
    const top = roundTop(Math.max(...values), scale)
    const at = this.#at
    return html`
      <div
        class="plot"
        role="slider"
        tabindex="0"
        aria-label=${this.formats.say('{title}. Arrow keys read it.', { title })}
        aria-valuemin="0"
        aria-valuemax=${Math.max(0, places.length - 1)}
        aria-valuenow=${at ?? Math.max(0, places.length - 1)}
        aria-valuetext=${this.#valueText(at ?? places.length - 1)}
        @pointermove=${this.#onMove}
        @pointerleave=${() => this.#fire(null)}
        @blur=${() => this.#fire(null)}
        @keydown=${this.#onKey}
      >
        <span class="level top" aria-hidden="true">${roundWords(format(top))}</span>
        <span class="level middle" aria-hidden="true">${roundWords(format(top / 2))}</span>
        <span class="level foot" aria-hidden="true">0</span>
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
          ${[0, 50, 100].map((y) => svg`<path class="grid" d="M0 ${y}H100"/>`)}
          ${kind === 'lines' ? lines(series, top) : bars(series, top, at)}
          ${at === null || kind === 'bars' ? nothing : svg`<path class="cursor" d="M${(((at + 0.5) / places.length) * 100).toFixed(2)} 0V100"/>`}
        </svg>
      </div>
      <div class="ticks" aria-hidden="true">
        ${ticks.map(
          ({ word, at: share }, index) =>
            html`<span
              class="${share < 0.04 ? 'first' : share > 0.96 ? 'last' : ''} ${index % 2 === 1 ? 'less' : ''}"
              .style=${`inset-inline-start:${(share * 100).toFixed(2)}%`}
              >${word}</span
            >`,
        )}
      </div>
      <details @toggle=${(event: Event) => (this.isOpen = (event.target as HTMLDetailsElement).open)}>
        <summary>${this.formats.say('Numbers')}</summary>
        ${this.isOpen ? this.#renderNumbers() : nothing}
      </details>
    `
  }

  #renderNumbers() {
    const { series, places, placeWord, title } = this.plot
    return html`<div class="numbers" tabindex="0" role="region" aria-label=${title}>
      <table aria-label=${title}>
        <thead>
          <tr>
            <th scope="col">${placeWord}</th>
            ${series.map(({ name }) => html`<th scope="col" class="num">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${places.map(
            (place, at) =>
              html`<tr>
                <td>${place}</td>
                ${series.map(({ values }) => html`<td class="num">${this.#word(values[at])}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`
  }

  #word(value: number | null | undefined): string {
    return value === null || value === undefined ? '–' : this.plot.format(value)
  }

  #valueText(at: number): string {
    const numbers = this.plot.series.map(({ name, values }) => `${name} ${this.#word(values[at])}`)
    return [this.plot.places[at] ?? '', ...numbers].join(' · ')
  }

  readonly #onMove = (event: PointerEvent): void => {
    const { left, width } = (event.currentTarget as HTMLElement).getBoundingClientRect()
    const count = this.plot.places.length
    const at = width === 0 ? 0 : Math.floor(((event.clientX - left) / width) * count)
    this.#fire(Math.max(0, Math.min(count - 1, at)))
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const count = this.plot.places.length
    const moves: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, Home: -count, End: count }
    const move = moves[event.key]
    if (move !== undefined) {
      const from = this.#at
      this.#fire(from === null ? count - 1 : Math.max(0, Math.min(count - 1, from + move)))
    } else if (event.key === 'Escape' && this.#at !== null) this.#fire(null)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  #fire(at: number | null): void {
    if (at === this.at) return
    this.at = at
    this.dispatchEvent(new CustomEvent<PlotCursor>('plot-cursor', { detail: { at } }))
  }
}

/** A line breaks where nothing was measured; what stands alone is a dot. */
function lines(series: readonly Series[], top: number): readonly SVGTemplateResult[] {
  return series.map(({ look, values }) => {
    const step = 100 / Math.max(1, values.length)
    let path = ''
    let isDown = false
    for (const [index, value] of values.entries()) {
      if (value === null) {
        isDown = false
        continue
      }
      const x = ((index + 0.5) * step).toFixed(2)
      const y = (100 - (Math.min(value, top) / top) * 100).toFixed(2)
      path += isDown ? `L${x} ${y}` : `M${x} ${y}h0.01`
      isDown = true
    }
    return svg`<path class="line ${look}" d=${path}/>`
  })
}

function bars(series: readonly Series[], top: number, at: number | null): readonly SVGTemplateResult[] {
  const count = Math.max(1, series[0]?.values.length ?? 1)
  const step = 100 / count
  const width = (step * 0.76).toFixed(3)
  return Array.from({ length: count }, (_, index) => {
    let foot = 100
    return series.map(({ look, values }) => {
      const value = values[index] ?? 0
      if (value <= 0) return svg``
      const height = Math.max(1.5, (value / top) * 100)
      foot -= height
      const place = index === at ? 'at' : ''
      return svg`<rect class="bar ${look} ${place}" x=${(index * step + step * 0.12).toFixed(3)} y=${Math.max(0, foot).toFixed(2)} width=${width} height=${height.toFixed(2)}/>`
    })
  }).flat()
}

declare global {
  interface HTMLElementTagNameMap {
    'task-plot': Plot
  }
}
