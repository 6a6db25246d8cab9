import type { Revealed } from '@taskloom/protocol'
import { serverRoutes } from '@taskloom/protocol'
import { html, LitElement } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import { request } from '../events.ts'
import type { Formats } from '../format.ts'
import { icon } from '../icons.ts'
import { base, buttons, inputs } from '../styles/controls.ts'
import { detailStyles } from './styles.ts'

/**
 * Asks why, and then shows arguments and result as they are, which the server writes down.
 *
 * @fires task-revealed - what is seen now; detail {@link Revealed}, or null when it is hidden again
 */
export class RevealBar extends LitElement {
  @property() taskId = ''
  @property({ type: Boolean }) isRevealed = false
  @property({ attribute: false }) formats!: Formats
  @state() private isAsking = false
  @state() private isBusy = false
  @query('input') private readonly reason!: HTMLInputElement | null

  static override styles = [base, buttons, inputs, detailStyles]

  override willUpdate(changed: Map<PropertyKey, unknown>) {
    if (changed.has('taskId')) this.isAsking = this.isBusy = false
  }

  override render() {
    const { say } = this.formats
    if (this.isRevealed) {
      return html`<p class="reveal">
        <span class="muted">${say('You see it as it is; that was written into the audit log.')}</span>
        <button class="btn" type="button" @click=${() => this.#tell(null)}>${say('Hide again')}</button>
      </p>`
    }
    if (!this.isAsking) {
      return html`<p class="reveal">
        <button class="btn" type="button" @click=${this.#ask}>${icon('lock')}${say('Reveal…')}</button>
        <span class="faint">${say('Shows what is masked or cut.')}</span>
      </p>`
    }
    return html`<form class="reveal-form" @submit=${this.#onSubmit} @keydown=${this.#onKey}>
      <label class="field">
        <span>${say('Why do you want to see it? This is written into the audit log.')}</span>
        <input class="text" required maxlength="300" autocomplete="off" />
      </label>
      <div class="reveal">
        <button class="btn ink" type="submit" ?disabled=${this.isBusy}>${say('Reveal')}</button>
        <button class="btn" type="button" @click=${() => (this.isAsking = false)}>${say('Not now')}</button>
      </div>
    </form>`
  }

  readonly #ask = async (): Promise<void> => {
    this.isAsking = true
    await this.updateComplete
    this.reason?.focus()
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    this.isAsking = false
  }

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault()
    const reason = this.reason?.value.trim() ?? ''
    if (reason === '' || this.isBusy) return
    this.isBusy = true
    const { taskId } = this
    request(this, 'request-command', {
      command: {
        route: serverRoutes.reveal,
        action: 'reveal',
        at: { task_id: taskId },
        body: { reason },
        key: `reveal:${taskId}`,
        done: null,
        hints: ['audit'],
        taskIds: [taskId],
      },
      settle: (answer) => {
        this.isBusy = false
        if (answer === null || this.taskId !== taskId) return
        this.isAsking = false
        this.#tell(answer as Revealed)
      },
    })
  }

  #tell(detail: Revealed | null): void {
    this.dispatchEvent(new CustomEvent('task-revealed', { detail, bubbles: true, composed: true }))
  }
}
