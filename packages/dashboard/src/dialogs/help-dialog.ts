import { canDo } from '@taskloom/client'
import { css, html } from 'lit'
import { query } from 'lit/decorators.js'
import { shortcuts, type Shortcut } from '../host/keys.ts'
import { hasScreen } from '../host/tabs.ts'
import { icon } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { base, buttons, dialogs } from '../styles/controls.ts'

/** The keys, in a dialog: what `keys.ts` says. */
export class HelpDialog extends PartElement {
  @query('dialog') private readonly dialog!: HTMLDialogElement

  static override styles = [
    base,
    buttons,
    dialogs,
    css`
      dialog {
        inline-size: min(680px, calc(100vw - 24px));
        container-type: inline-size;
      }
      .head {
        display: flex;
        align-items: center;
        justify-content: space-between;
      }
      .lists {
        display: grid;
        grid-template-columns: minmax(0, 1.7fr) minmax(0, 1fr);
        gap: 8px 32px;
        align-items: start;
        padding-block-end: 18px;
      }
      dl {
        display: grid;
        gap: 8px;
      }
      dl div {
        display: grid;
        grid-template-columns: var(--keys, 92px) minmax(0, 1fr);
        gap: 12px;
        align-items: baseline;
      }
      dl + dl {
        --keys: 40px;
      }
      @container (max-width: 520px) {
        .lists {
          grid-template-columns: minmax(0, 1fr);
        }
        dl + dl {
          --keys: 92px;
          padding-block-start: 12px;
          border-block-start: 1px solid var(--td-line-2);
        }
      }
      dt {
        display: flex;
        gap: 4px;
        white-space: nowrap;
      }
      dd {
        margin: 0;
        color: var(--td-text-2);
      }
    `,
  ]

  open(): void {
    if (!this.dialog.open) this.dialog.showModal()
  }

  override render() {
    const { say } = this.formats
    const { capabilities } = this.state
    const acts = shortcuts.filter(({ tab, action }) => !tab && (!action || canDo(capabilities, action)))
    const leads = shortcuts.filter(({ tab }) => tab && hasScreen(tab))
    return html`
      <dialog aria-labelledby="heading">
        <div class="dialog-body">
          <div class="head">
            <h2 id="heading">${say('Keyboard shortcuts')}</h2>
            <button class="btn ghost icon" type="button" aria-label=${say('Close')} @click=${() => this.dialog.close()}>
              ${icon('close')}
            </button>
          </div>
          <div class="lists">${this.#renderKeys(acts)} ${this.#renderKeys(leads)}</div>
        </div>
      </dialog>
    `
  }

  #renderKeys(shown: readonly Shortcut[]) {
    return html`<dl>
      ${shown.map(
        ({ keys, words }) =>
          html`<div>
            <dt>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dt>
            <dd>${this.formats.say(words)}</dd>
          </div>`,
      )}
    </dl>`
  }
}

export const elements = { 'task-help-dialog': HelpDialog }
