import type { Toast } from '@taskloom/client'
import { css, html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { request } from '../events.ts'
import type { Formats } from '../format.ts'
import { icon } from '../icons.ts'
import { base, buttons } from '../styles/controls.ts'

const staysMs = 8_000

/**
 * What became of the operator's last requests. Failures stay until they are dismissed, all else leaves by itself, but never from
 * under the pointer or the focus.
 *
 * @slot - what goes on in the background, above the messages
 */
export class Toasts extends LitElement {
  @property({ attribute: false }) toasts: readonly Toast[] = []
  @property({ attribute: false }) formats!: Formats
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>()

  static override styles = [
    base,
    buttons,
    css`
      :host {
        position: fixed;
        inset-block-end: 16px;
        inset-inline-end: 16px;
        z-index: 20;
        display: grid;
        gap: 8px;
        inline-size: min(420px, calc(100vw - 32px));
        pointer-events: none;
      }
      ul {
        display: grid;
        gap: 8px;
        justify-items: end;
      }
      li,
      ::slotted(*) {
        pointer-events: auto;
      }
      li {
        display: flex;
        align-items: center;
        gap: 8px;
        max-inline-size: 100%;
        padding: 7px 6px 7px 12px;
        border: 1px solid var(--td-line);
        border-radius: var(--td-radius);
        background: var(--td-raised);
        box-shadow: 0 8px 28px rgb(0 0 0 / 0.16);
      }
      li > svg {
        color: var(--td-success);
      }
      li.failed > svg {
        color: var(--td-failed);
      }
      li.warning > svg {
        color: var(--td-interrupted);
      }
      p {
        min-inline-size: 0;
        overflow-wrap: anywhere;
      }
    `,
  ]

  override disconnectedCallback() {
    super.disconnectedCallback()
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }

  override updated() {
    for (const { id, tone } of this.toasts) if (tone !== 'failed' && !this.#timers.has(id)) this.#leaveLater(id)
  }

  override render() {
    const { say } = this.formats
    return html`
      <slot></slot>
      <div role="status" aria-label=${say('Messages')}>
        <ul>
          ${repeat(
            this.toasts,
            ({ id }) => id,
            ({ id, tone, taskId, ...words }) => html`
              <li class=${tone} part="toast">
                ${icon(tone === 'done' ? 'check' : 'alert')}
                <p>${this.formats.tell(words).slice(0, 500)}</p>
                ${
                  taskId === null
                    ? nothing
                    : html`<button class="btn" type="button" @click=${() => request(this, 'request-open', { taskId })}>
                        ${say('Open')}
                      </button>`
                }
                <button
                  class="btn ghost icon"
                  type="button"
                  aria-label=${say('Dismiss')}
                  @click=${() => this.#dismiss(id)}
                >
                  ${icon('close')}
                </button>
              </li>
            `,
          )}
        </ul>
      </div>
    `
  }

  #leaveLater(id: number): void {
    const leave = (): void => {
      if (this.renderRoot.querySelector('li:hover, li:focus-within')) this.#leaveLater(id)
      else this.#dismiss(id)
    }
    this.#timers.set(id, setTimeout(leave, staysMs))
  }

  #dismiss(id: number): void {
    clearTimeout(this.#timers.get(id))
    request(this, 'request-dismiss-toast', { id })
  }
}
