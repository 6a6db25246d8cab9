import { css, html, LitElement, nothing } from 'lit'
import { property, state } from 'lit/decorators.js'
import type { Formats } from '../format.ts'
import { base, buttons, chips, inputs, menus } from '../styles/controls.ts'

export interface Choice {
  readonly value: string
  readonly word: string
  /** Already written for the reader; null shows none. */
  readonly count: string | null
}

const findFrom = 9
const shownMost = 200

/** A menu of checkboxes with counts; long ones can be searched. Fires `choose` with the chosen values. */
export class ChoiceMenu extends LitElement {
  @property() label = ''
  @property({ attribute: false }) choices: readonly Choice[] = []
  @property({ attribute: false }) chosen: readonly string[] = []
  @property({ attribute: false }) formats!: Formats
  @state() private find = ''

  static override styles = [
    base,
    buttons,
    chips,
    inputs,
    menus,
    css`
      :host {
        flex: none;
      }
      .find {
        margin: 4px;
      }
      .none {
        padding: 6px 8px;
        color: var(--td-text-2);
      }
    `,
  ]

  override render() {
    const { say, count } = this.formats
    const wanted = this.find.trim().toLowerCase()
    const found = this.choices.filter(({ word }) => word.toLowerCase().includes(wanted))
    return html`
      <task-menu label=${this.label} look="tall">
        <span slot="label">${this.label}</span>
        ${this.chosen.length > 0 ? html`<span slot="label" class="count">${count(this.chosen.length)}</span>` : nothing}
        <div class="menu">
          ${
            this.choices.length >= findFrom
              ? html`<input
                  class="text find"
                  type="search"
                  aria-label=${say('Find in {list}', { list: this.label })}
                  placeholder=${say('Find')}
                  .value=${this.find}
                  @input=${(event: Event) => (this.find = (event.target as HTMLInputElement).value)}
                />`
              : nothing
          }
          ${found
            .slice(0, shownMost)
            .map(
              ({ value, word, count: counted }) => html`
                <label class="item">
                  <input
                    type="checkbox"
                    .checked=${this.chosen.includes(value)}
                    @change=${(event: Event) => this.#choose(value, (event.target as HTMLInputElement).checked)}
                  /><span>${word}</span>${counted === null ? nothing : html`<span class="n">${counted}</span>`}
                </label>
              `,
            )}
          ${found.length === 0 ? html`<p class="none">${say('Nothing here')}</p>` : nothing}
          ${
            this.chosen.length > 0
              ? html`<hr />
                  <button class="item" type="button" @click=${() => this.#fire([])}>
                    <span>${say('Clear')}</span>
                  </button>`
              : nothing
          }
        </div>
      </task-menu>
    `
  }

  #choose(value: string, isChosen: boolean): void {
    const others = this.chosen.filter((other) => other !== value)
    this.#fire(isChosen ? [...others, value] : others)
  }

  #fire(values: readonly string[]): void {
    this.dispatchEvent(new CustomEvent<readonly string[]>('choose', { detail: values }))
  }
}
