import { css, html, LitElement } from 'lit'
import { query } from 'lit/decorators.js'
import { icon } from '../icons.ts'
import { base, buttons, dialogs } from '../styles/controls.ts'

const shortcuts: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['/'], 'Search'],
  [['j', 'k'], 'Next, previous row'],
  [['Enter'], 'Open the row'],
  [['Esc'], 'Close the panel'],
  [['x'], 'Select the row'],
  [['r'], 'Retry the row'],
  [['c'], 'Cancel the row'],
  [['p'], 'Pause or resume live updates'],
  [['g', 'v'], 'Go to View'],
  [['g', 'd'], 'Go to Dead letters'],
  [['g', 's'], 'Go to Schedules'],
  [['g', 't'], 'Go to Tasks'],
  [['?'], 'This help'],
]

/** The keys, in a dialog. */
export class HelpDialog extends LitElement {
  @query('dialog') private readonly dialog!: HTMLDialogElement

  static override styles = [
    base,
    buttons,
    dialogs,
    css`
      .head {
        display: flex;
        align-items: center;
        justify-content: space-between;
      }
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 7px 16px;
        padding-block-end: 18px;
      }
      dt {
        display: flex;
        gap: 4px;
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
    return html`
      <dialog aria-labelledby="heading">
        <div class="dialog-body">
          <div class="head">
            <h2 id="heading">Keyboard shortcuts</h2>
            <button class="btn ghost icon" type="button" aria-label="Close" @click=${() => this.dialog.close()}>
              ${icon('close')}
            </button>
          </div>
          <dl>
            ${shortcuts.map(
              ([keys, what]) =>
                html`<dt>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dt>
                  <dd>${what}</dd>`,
            )}
          </dl>
        </div>
      </dialog>
    `
  }
}
