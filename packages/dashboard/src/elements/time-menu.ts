import type { TimeRange, WordTable } from '@taskloom/client'
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
] as const satisfies WordTable

const units = [
  ['m', 'minutes'],
  ['h', 'hours'],
  ['d', 'days'],
] as const satisfies WordTable

const spans = { m: 'Last {n} min', h: 'Last {n} h', d: 'Last {n} d' } satisfies WordTable

/** When the shown tasks were created: presets, a number and its unit, or from and to. */
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
    const { say } = this.formats
    const chosen = this.range.kind === 'window' ? this.range.window : this.range.kind
    return html`
      <task-menu label=${say('Time')} look="tall">
        <span slot="label" class="label">${icon('clock')}</span
        ><span slot="label" class="label" title=${this.#title()}>${this.#words()}</span>
        <div class="menu">
          <div role="radiogroup" aria-label=${say('Created')} @change=${this.#onPreset}>
            ${this.#item('all', say('Any time'), chosen)}
            ${presets.map(([value, word]) => this.#item(value, say(word), chosen))}
          </div>
          <hr />
          <h3 id="own">${say('Last …')}</h3>
          <form class="own" @submit=${this.#onOwn}>
            <input
              class="text"
              type="number"
              min="1"
              max="9999"
              step="1"
              required
              aria-label=${say('How many')}
              .valueAsNumber=${this.amount}
              @input=${(event: Event) => (this.amount = (event.target as HTMLInputElement).valueAsNumber)}
            />
            <select
              class="text"
              aria-label=${say('Unit')}
              @change=${(event: Event) => (this.unit = (event.target as HTMLSelectElement).value)}
            >
              ${units.map(([value, word]) => html`<option value=${value} ?selected=${value === this.unit}>${say(word)}</option>`)}
            </select>
            <button class="btn tall" type="submit">${say('Apply')}</button>
          </form>
          <hr />
          <button class="item" type="button" @click=${this.#onCustom}><span>${say('From … until …')}</span></button>
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
    const { range, formats } = this
    if (range.kind === 'all') return formats.say('Any time')
    if (range.kind === 'between') return formats.say('Custom')
    const [, amount, unit = ''] = /^(\d+)(\w)$/.exec(range.window) ?? []
    const span = Object.hasOwn(spans, unit) ? spans[unit as keyof typeof spans] : '{n}'
    return amount === undefined ? range.window : formats.say(span, { n: Number(amount) })
  }

  #title(): string {
    const { range, formats } = this
    if (range.kind !== 'between') return ''
    const until = range.until === null ? formats.say('now') : formats.instant(range.until)
    return formats.say('{since} – {until}', { since: formats.instant(range.since), until })
  }

  readonly #onCustom = (): void => {
    this.menu.close()
    request(this, 'request-dialog', { dialog: 'range', subject: this.range })
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
