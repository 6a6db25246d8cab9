import { css, html, LitElement, nothing } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import { icon } from '../icons.ts'
import { base, buttons, dialogs, inputs } from '../styles/controls.ts'
import { WordsController } from '../words-controller.ts'

/** What an operator is asked before something that cannot be taken back. */
export interface ConfirmQuestion {
  readonly heading: string
  /** Empty where the warning says all. */
  readonly text: string
  /** What to know before; null where nothing surprises. */
  readonly warning: string | null
  /** The word of the button that does it. */
  readonly word: string
  readonly isDanger: boolean
  /** Offers a line for why, which goes into the audit. */
  readonly asksReason: boolean
}

/** Detail of `confirm-result`. */
export interface ConfirmResult {
  readonly isConfirmed: boolean
  /** Empty when none was written. */
  readonly reason: string
}

/**
 * A native modal dialog that is open while it has a `question`. It answers once with `confirm-result`, after which its
 * owner takes the question away; focus goes back to where it came from.
 *
 * @fires confirm-result - {@link ConfirmResult}
 */
export class ConfirmDialog extends LitElement {
  @property({ attribute: false }) question: ConfirmQuestion | null = null
  @state() private reason = ''
  @query('dialog') private readonly dialog!: HTMLDialogElement
  readonly #words = new WordsController(this)
  #returnTo: HTMLElement | null = null

  static override styles = [
    base,
    buttons,
    dialogs,
    inputs,
    css`
      p {
        overflow-wrap: anywhere;
      }
    `,
  ]

  override updated(changed: Map<PropertyKey, unknown>) {
    if (!changed.has('question')) return
    if (this.question && !this.dialog.open) this.#show()
    if (!this.question && this.dialog.open) this.dialog.close()
  }

  override render() {
    const { question } = this
    return html`
      <dialog
        aria-labelledby="heading"
        aria-describedby="text warning"
        @cancel=${this.#onCancel}
        @close=${this.#onClose}
      >
        ${question ? this.#renderQuestion(question) : nothing}
      </dialog>
    `
  }

  #renderQuestion({ heading, text, warning, word, isDanger, asksReason }: ConfirmQuestion) {
    const { say } = this.#words.formats
    return html`
      <form @submit=${this.#onSubmit}>
        <div class="dialog-body">
          <h2 id="heading">${heading}</h2>
          ${text === '' ? nothing : html`<p id="text" class="muted">${text}</p>`}
          ${warning === null ? nothing : html`<p id="warning" class="warn">${icon('alert')}<span>${warning}</span></p>`}
          ${
            asksReason
              ? html`<label class="field"
                  ><span>${say('Reason (optional)')}</span
                  ><input
                    class="text"
                    maxlength="300"
                    autocomplete="off"
                    .value=${this.reason}
                    @input=${(event: Event) => (this.reason = (event.target as HTMLInputElement).value)}
                /></label>`
              : nothing
          }
        </div>
        <div class="dialog-actions">
          <button class="btn" type="button" autofocus @click=${() => this.#answer(false)}>${say('Not now')}</button>
          <button class="btn ${isDanger ? 'danger' : 'ink'}" type="submit">${word}</button>
        </div>
      </form>
    `
  }

  #show(): void {
    this.reason = ''
    this.#returnTo = deepActiveElement()
    this.dialog.showModal()
  }

  #answer(isConfirmed: boolean): void {
    if (!this.question) return
    const detail: ConfirmResult = { isConfirmed, reason: this.reason.trim() }
    this.dispatchEvent(new CustomEvent<ConfirmResult>('confirm-result', { detail, bubbles: true, composed: true }))
  }

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault()
    this.#answer(true)
  }

  /** Escape answers "no"; the owner closes. */
  readonly #onCancel = (event: Event): void => {
    event.preventDefault()
    this.#answer(false)
  }

  readonly #onClose = (): void => {
    if (this.#returnTo?.isConnected) this.#returnTo.focus()
    this.#returnTo = null
  }
}

function deepActiveElement(): HTMLElement | null {
  let active = document.activeElement
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
  return active instanceof HTMLElement ? active : null
}

declare global {
  interface HTMLElementTagNameMap {
    'task-confirm-dialog': ConfirmDialog
  }
}
