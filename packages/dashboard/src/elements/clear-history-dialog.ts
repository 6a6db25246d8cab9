import { css, html, LitElement } from 'lit'
import { query, state } from 'lit/decorators.js'
import { request } from '../events.ts'
import { icon } from '../icons.ts'
import { base, buttons, dialogs, inputs } from '../styles/controls.ts'

type Unit = 'min' | 'hour' | 'day'
const units: readonly (readonly [Unit, string])[] = [
  ['min', 'minutes'],
  ['hour', 'hours'],
  ['day', 'days'],
]

/** Asks how old the finished tasks must be that are deleted for good. */
export class ClearHistoryDialog extends LitElement {
  @state() private value = 30
  @state() private unit: Unit = 'day'
  @query('dialog') private readonly dialog!: HTMLDialogElement

  static override styles = [
    base,
    buttons,
    dialogs,
    inputs,
    css`
      .age {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      input {
        inline-size: 90px;
      }
    `,
  ]

  open(): void {
    if (!this.dialog.open) this.dialog.showModal()
  }

  override render() {
    return html`
      <dialog aria-labelledby="heading">
        <form @submit=${this.#onSubmit}>
          <div class="dialog-body">
            <h2 id="heading">Clear history</h2>
            <p class="muted">
              Deletes successful, failed and cancelled tasks with their logs. Interrupted, pending and running tasks
              stay.
            </p>
            <div class="age">
              <span>Older than</span>
              <input
                class="text"
                type="number"
                min="1"
                max="99999"
                step="1"
                required
                aria-label="How many"
                .valueAsNumber=${this.value}
                @input=${(event: Event) => (this.value = (event.target as HTMLInputElement).valueAsNumber)}
              />
              <select
                class="text"
                aria-label="Unit"
                @change=${(event: Event) => (this.unit = (event.target as HTMLSelectElement).value as Unit)}
              >
                ${units.map(([unit, word]) => html`<option value=${unit} ?selected=${unit === this.unit}>${word}</option>`)}
              </select>
            </div>
            <p class="warn">${icon('alert')}<span>This cannot be undone.</span></p>
          </div>
          <div class="dialog-actions">
            <button class="btn" type="button" @click=${() => this.dialog.close()}>Keep them</button>
            <button class="btn danger" type="submit">${icon('trash')}Clear history</button>
          </div>
        </form>
      </dialog>
    `
  }

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault()
    if (!Number.isInteger(this.value) || this.value < 1) return
    request(this, 'request-clear-history', { value: this.value, unit: this.unit })
    this.dialog.close()
  }
}
