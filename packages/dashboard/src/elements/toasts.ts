import type { Toast } from '@taskloom/client'
import { css, html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { request } from '../events.ts'
import { icon } from '../icons.ts'
import { base, buttons } from '../styles/controls.ts'

/** What became of the operator's last requests. */
export class Toasts extends LitElement {
  @property({ attribute: false }) toasts: readonly Toast[] = []

  static override styles = [
    base,
    buttons,
    css`
      :host {
        position: fixed;
        inset-block-end: 16px;
        inset-inline-end: 16px;
        z-index: 20;
        max-inline-size: min(420px, calc(100vw - 32px));
      }
      ul {
        display: grid;
        gap: 8px;
        justify-items: end;
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

  override render() {
    return html`
      <div role="status" aria-label="Messages">
        <ul>
          ${repeat(
            this.toasts,
            ({ id }) => id,
            ({ id, tone, text, taskId }) => html`
              <li class=${tone} part="toast">
                ${icon(tone === 'done' ? 'check' : 'alert')}
                <p>${text.slice(0, 500)}</p>
                ${
                  taskId === null
                    ? nothing
                    : html`<button class="btn" type="button" @click=${() => request(this, 'request-open', { taskId })}>
                        Open
                      </button>`
                }
                <button
                  class="btn ghost icon"
                  type="button"
                  aria-label="Dismiss"
                  @click=${() => request(this, 'request-dismiss-toast', { id })}
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
}
