import type { TimeRange } from '@taskloom/client'
import { css, html, LitElement } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import { request } from '../events.ts'
import type { Formats } from '../format.ts'
import { icon } from '../icons.ts'
import { base, buttons, inputs, menus } from '../styles/controls.ts'
import type { Menu } from './menu.ts'

const presets = [
  ['15m', 'Last 15 minutes'],
  ['1h', 'Last hour'],
  ['6h', 'Last 6 hours'],
  ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days'],
  ['30d', 'Last 30 days'],
] as const

const units = [
  ['m', 'minutes'],
  ['h', 'hours'],
  ['d', 'days'],
] as const

const unitWords: Readonly<Record<string, string>> = { m: 'min', h: 'h', d: 'd' }

/** When the shown tasks were created: presets, or a number and its unit. */
export class TimeMenu extends LitElement {
  @property({ attribute: false }) range: TimeRange = { kind: 'all' }
  @property({ attribute: false }) formats!: Formats
  @state() private amount = 2
  @state() private unit = 'h'
  @query('task-menu') private readonly menu!: Menu

  static override styles = [
    base,
    buttons,
    inputs,
    menus,
    css`
      :host {
        flex: none;
      }
      .own {
        display: flex;
        gap: 6px;
        padding: 4px 8px 8px;
      }
      input.text {
        inline-size: 68px;
      }
    `,
  ]

  override render() {
    const chosen = this.range.kind === 'window' ? this.range.window : this.range.kind
    return html`
      <task-menu label="Time" look="tall">
        <span slot="label" class="label">${icon('clock')}</span><span slot="label">${this.#words()}</span>
        <div class="menu">
          <div role="radiogroup" aria-label="Created" @change=${this.#onPreset}>
            ${this.#item('all', 'Any time', chosen)} ${presets.map(([value, word]) => this.#item(value, word, chosen))}
          </div>
          <hr />
          <h3 id="own">Last …</h3>
          <form class="own" @submit=${this.#onOwn}>
            <input
              class="text"
              type="number"
              min="1"
              max="9999"
              step="1"
              required
              aria-label="How many"
              .valueAsNumber=${this.amount}
              @input=${(event: Event) => (this.amount = (event.target as HTMLInputElement).valueAsNumber)}
            />
            <select
              class="text"
              aria-label="Unit"
              @change=${(event: Event) => (this.unit = (event.target as HTMLSelectElement).value)}
            >
              ${units.map(([value, word]) => html`<option value=${value} ?selected=${value === this.unit}>${word}</option>`)}
            </select>
            <button class="btn tall" type="submit">Apply</button>
          </form>
        </div>
      </task-menu>
    `
  }

  #item(value: string, word: string, chosen: string) {
    return html`<label class="item">
      <input type="radio" name="time" .value=${value} .checked=${value === chosen} /><span>${word}</span>
    </label>`
  }

  #words(): string {
    const { range } = this
    if (range.kind === 'all') return 'Any time'
    if (range.kind === 'between') return 'Custom'
    const match = /^(\d+)(\w)$/.exec(range.window)
    return match ? `Last ${match[1]} ${unitWords[match[2] ?? ''] ?? ''}` : range.window
  }

  readonly #onPreset = (event: Event): void => {
    const { value } = event.target as HTMLInputElement
    this.#ask(value === 'all' ? { kind: 'all' } : { kind: 'window', window: value })
  }

  readonly #onOwn = (event: Event): void => {
    event.preventDefault()
    if (!Number.isInteger(this.amount) || this.amount < 1) return
    this.#ask({ kind: 'window', window: `${this.amount}${this.unit}` })
    this.menu.close()
  }

  #ask(range: TimeRange): void {
    request(this, 'request-view', { range })
  }
}
