import { css, html, LitElement, nothing } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import type { FunctionView } from '@taskloom/protocol'
import type { Formats } from '../format.ts'
import { base, buttons, chips, inputs } from '../styles/controls.ts'

const shownMost = 50

/**
 * Asks which function; long lists are searched.
 *
 * @fires choose-function - a string, its name
 */
export class FunctionChooser extends LitElement {
  @property({ attribute: false }) functions: readonly FunctionView[] = []
  @property({ attribute: false }) formats!: Formats
  @state() private find = ''
  @query('input') private readonly input!: HTMLInputElement

  static override styles = [
    base,
    buttons,
    chips,
    inputs,
    css`
      :host {
        display: grid;
        gap: 8px;
      }
      .text {
        inline-size: 100%;
      }
      ul {
        display: grid;
        max-block-size: 46vh;
        overflow: auto;
        border: 1px solid var(--td-line);
        border-radius: var(--td-radius-control);
      }
      li + li {
        border-block-start: 1px solid var(--td-line-2);
      }
      li button {
        display: flex;
        align-items: center;
        gap: 8px;
        inline-size: 100%;
        min-block-size: 36px;
        padding: 6px 10px;
        border: 0;
        background: none;
        text-align: start;
        cursor: pointer;
      }
      li button:hover {
        background: var(--td-hover);
      }
      li button:focus-visible {
        outline-offset: -2px;
      }
      li button > span:first-child {
        min-inline-size: 0;
        overflow-wrap: anywhere;
        font-weight: 540;
        margin-inline-end: auto;
      }
      .tag {
        max-inline-size: 40%;
        flex: none;
      }
      .none {
        padding: 14px 12px;
        color: var(--td-text-2);
      }
    `,
  ]

  override focus(): void {
    this.input.focus()
  }

  override render() {
    const { say, sayCount } = this.formats
    const wanted = this.find.trim().toLowerCase()
    const found = this.functions.filter(({ funcName, queue }) => `${funcName} ${queue}`.toLowerCase().includes(wanted))
    const rest = found.length - shownMost
    return html`<input
        class="text"
        type="search"
        aria-label=${say('Find a function')}
        placeholder=${say('Find a function')}
        autocomplete="off"
        .value=${this.find}
        @input=${() => (this.find = this.input.value)}
        @keydown=${this.#onKey}
      />
      <ul aria-label=${say('Functions')} @keydown=${this.#onKey}>
        ${found.slice(0, shownMost).map(
          ({ funcName, queue }) =>
            html`<li>
              <button type="button" data-function=${funcName} @click=${() => this.#choose(funcName)}>
                <span>${funcName}</span><span class="tag">${queue}</span>
              </button>
            </li>`,
        )}
        ${found.length === 0 ? html`<li class="none">${say('No function is called so')}</li>` : nothing}
        ${rest > 0 ? html`<li class="none">${sayCount(rest, '{n} more: search for it', '{n} more: search for them')}</li>` : nothing}
      </ul>`
  }

  #choose(name: string): void {
    this.dispatchEvent(new CustomEvent<string>('choose-function', { detail: name }))
  }

  /** Up and down go from the search through the list; Enter in the search takes the first. */
  readonly #onKey = (event: KeyboardEvent): void => {
    const buttons = [...this.renderRoot.querySelectorAll<HTMLElement>('li button')]
    const at = buttons.indexOf((this.renderRoot as ShadowRoot).activeElement as HTMLElement)
    if (event.key === 'Enter' && at < 0) buttons[0]?.click()
    else if (event.key === 'ArrowDown') buttons[Math.min(at + 1, buttons.length - 1)]?.focus()
    else if (event.key === 'ArrowUp' && at >= 0) (buttons[at - 1] ?? this.input).focus()
    else return
    event.preventDefault()
  }
}
