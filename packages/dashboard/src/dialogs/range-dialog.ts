import type { TimeRange } from '@taskloom/client'
import { css, html, nothing } from 'lit'
import { query, state } from 'lit/decorators.js'
import { request } from '../events.ts'
import { PartElement, type DialogElement } from '../part-element.ts'
import { base, buttons, dialogs, inputs } from '../styles/controls.ts'
import { fromWallClock, toWallClock } from '../zone.ts'

const dayMs = 86_400_000

/** Asks from when to when the shown tasks were created, in the operator's time zone. */
export class RangeDialog extends PartElement implements DialogElement {
  @state() private since = ''
  @state() private until = ''
  @query('dialog') private readonly dialog!: HTMLDialogElement

  static override styles = [
    base,
    buttons,
    dialogs,
    inputs,
    css`
      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(180px, 1fr));
        gap: 12px;
      }
      [role='status']:not(:has(p)) {
        position: absolute;
      }
    `,
  ]

  open(subject: unknown): void {
    const range = subject as TimeRange
    const now = Date.now()
    const zone = this.formats.timeZone
    this.since = toWallClock(range.kind === 'between' ? range.since : now - dayMs, zone)
    this.until =
      range.kind === 'between' && range.until === null
        ? ''
        : toWallClock(range.kind === 'between' ? (range.until ?? now) : now, zone)
    if (!this.dialog.open) this.dialog.showModal()
  }

  override render() {
    const { say, timeZone } = this.formats
    const isBackward = this.until !== '' && this.since !== '' && this.until <= this.since
    return html`
      <dialog aria-labelledby="heading">
        <form @submit=${this.#onSubmit}>
          <div class="dialog-body">
            <h2 id="heading">${say('Created between')}</h2>
            <p class="muted">${say('In the time zone {zone}.', { zone: timeZone })}</p>
            <div class="fields">
              <label class="field"
                ><span>${say('From')}</span
                ><input
                  class="text since"
                  type="datetime-local"
                  required
                  .value=${this.since}
                  @input=${(event: Event) => (this.since = (event.target as HTMLInputElement).value)}
              /></label>
              <label class="field"
                ><span>${say('Until (empty: now)')}</span
                ><input
                  class="text until"
                  type="datetime-local"
                  .value=${this.until}
                  @input=${(event: Event) => (this.until = (event.target as HTMLInputElement).value)}
              /></label>
            </div>
            <div role="status">
              ${isBackward ? html`<p class="error">${say('It ends before it begins.')}</p>` : nothing}
            </div>
          </div>
          <div class="dialog-actions">
            <button class="btn" type="button" @click=${() => this.dialog.close()}>${say('Cancel')}</button>
            <button class="btn ink" type="submit" ?disabled=${isBackward}>${say('Show')}</button>
          </div>
        </form>
      </dialog>
    `
  }

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault()
    const { timeZone } = this.formats
    const since = fromWallClock(this.since, timeZone)
    const until = this.until === '' ? null : fromWallClock(this.until, timeZone)
    if (since === null || (until !== null && until <= since)) return
    request(this, 'request-view', { range: { kind: 'between', since, until } })
    this.dialog.close()
  }
}

export const elements = { 'task-range-dialog': RangeDialog }
