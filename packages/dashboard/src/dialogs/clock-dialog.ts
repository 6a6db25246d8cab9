import { css, html } from 'lit'
import { query, state } from 'lit/decorators.js'
import { request } from '../events.ts'
import type { Looks } from '../host/looks.ts'
import { PartElement, type DialogElement } from '../part-element.ts'
import { base, buttons, dialogs, inputs, menus } from '../styles/controls.ts'

const mostZones = 8

/** In which time zone instants are written, and how. */
export class ClockDialog extends PartElement implements DialogElement {
  @state() private find = ''
  @query('dialog') private readonly dialog!: HTMLDialogElement

  static override styles = [
    base,
    buttons,
    dialogs,
    inputs,
    menus,
    css`
      .now {
        font-weight: 540;
      }
      fieldset {
        display: grid;
        margin: 0;
        padding: 0;
        border: 0;
        min-inline-size: 0;
      }
      legend {
        padding: 0 8px 2px;
        font-size: 12px;
        color: var(--td-text-2);
      }
      .menu {
        max-block-size: none;
        max-inline-size: none;
        margin-inline: -8px;
        padding: 0;
        gap: 12px;
      }
      .text {
        margin: 4px 8px;
      }
    `,
  ]

  open(): void {
    this.find = ''
    if (!this.dialog.open) this.dialog.showModal()
  }

  override render() {
    const { say, instant } = this.formats
    const { looks } = this.context.given
    return html`
      <dialog aria-labelledby="heading">
        <div class="dialog-body">
          <h2 id="heading">${say('Time')}</h2>
          <p class="muted">${say('It is now')} <span class="now">${instant(Date.now())}</span></p>
          <div class="menu">
            ${this.#renderZones()}
            <fieldset>
              <legend>${say('In lists')}</legend>
              ${this.#choice('isAbsolute', say('How long ago'), !looks.isAbsolute, { isAbsolute: false })}
              ${this.#choice('isAbsolute', say('When'), looks.isAbsolute, { isAbsolute: true })}
            </fieldset>
            <fieldset>
              <legend>${say('Hours')}</legend>
              ${this.#choice('hours', say('As the language has it'), looks.hours === null, { hours: null })}
              ${this.#choice('hours', say('24 hours'), looks.hours === 24, { hours: 24 })}
              ${this.#choice('hours', say('12 hours'), looks.hours === 12, { hours: 12 })}
            </fieldset>
          </div>
        </div>
        <div class="dialog-actions">
          <button class="btn ink" type="button" @click=${() => this.dialog.close()}>${say('Done')}</button>
        </div>
      </dialog>
    `
  }

  #renderZones() {
    const { say } = this.formats
    const { timeZone } = this.context.given.looks
    const ofSchedules = this.state.schedules.map((schedule) => schedule.timezone)
    const near = [...new Set(['UTC', ...ofSchedules, ...(timeZone === null ? [] : [timeZone])])]
    const wanted = this.find.trim().toLowerCase().replace(/\s+/g, '_')
    const found = wanted === '' ? near : allZones().filter((zone) => zone.toLowerCase().includes(wanted))
    return html`<fieldset>
      <legend>${say('Time zone')}</legend>
      ${wanted === '' ? this.#choice('zone', say('As the page'), timeZone === null, { timeZone: null }) : ''}
      ${found
        .slice(0, mostZones)
        .map((zone) => this.#choice('zone', zone.replaceAll('_', ' '), zone === timeZone, { timeZone: zone }))}
      <div role="status">${found.length === 0 ? html`<p class="item">${say('No zone of that name')}</p>` : ''}</div>
      <input
        class="text"
        type="search"
        aria-label=${say('Find a time zone')}
        placeholder=${say('Find a time zone')}
        .value=${this.find}
        @input=${(event: Event) => (this.find = (event.target as HTMLInputElement).value)}
      />
    </fieldset>`
  }

  #choice(name: string, word: string, isChosen: boolean, looks: Partial<Looks>) {
    return html`<label class="item">
      <input type="radio" name=${name} .checked=${isChosen} @change=${() => request(this, 'request-looks', looks)} />
      <span>${word}</span>
    </label>`
  }
}

function allZones(): readonly string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]
}

export const elements = { 'task-clock-dialog': ClockDialog }
