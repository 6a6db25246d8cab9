import { Task, TaskStatus } from '@lit/task'
import { anyTask, terminalStatuses, type TaskStatus as Status } from '@taskloom/protocol'
import { css, html, nothing } from 'lit'
import { query, state } from 'lit/decorators.js'
import { request } from '../events.ts'
import { icon } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { base, buttons, dialogs, inputs } from '../styles/controls.ts'

const units = ['min', 'hour', 'day'] as const
type Unit = (typeof units)[number]
const unitMs: Readonly<Record<Unit, number>> = { min: 60_000, hour: 3_600_000, day: 86_400_000 }
/** Interrupted tasks may have half done what they were for: somebody should have looked at them. */
const usually: readonly Status[] = ['success', 'failed', 'cancelled']

/** Asks how old the finished tasks must be that are deleted for good, and which; says about how many there are. */
export class ClearHistoryDialog extends PartElement {
  @state() private isOpen = false
  @state() private value = 30
  @state() private unit: Unit = 'day'
  @state() private statuses: readonly Status[] = usually
  @state() private reason = ''
  @query('dialog') private readonly dialog!: HTMLDialogElement

  /** Counted by creation, as roll-ups are: those that ended just now are counted too, so it is at most so many. */
  readonly #count = new Task(this, {
    args: () => [this.isOpen, this.#ageMs, this.statuses] as const,
    task: async ([isOpen, ageMs, statuses], { signal }) => {
      if (!isOpen || ageMs === null || statuses.length === 0) return null
      const until = Math.floor((Date.now() - ageMs) / 60_000) * 60_000
      const filter = { ...anyTask, statuses, until: Math.max(0, until) }
      return (await this.context.client.metrics(filter, { signal })).total
    },
  })

  static override styles = [
    base,
    buttons,
    dialogs,
    inputs,
    css`
      .age,
      .statuses label {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      .statuses {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(126px, 1fr));
        gap: 6px 12px;
      }
      fieldset {
        min-inline-size: 0;
        margin: 0;
        padding: 0;
        border: 0;
      }
      legend {
        padding: 0 0 6px;
        font-size: 12px;
        line-height: 16px;
        color: var(--td-text-2);
      }
      b {
        font-weight: 600;
      }
      .age input {
        inline-size: 90px;
      }
    `,
  ]

  open(): void {
    if (this.dialog.open) return
    this.reason = ''
    this.isOpen = true
    this.dialog.showModal()
  }

  override render() {
    const { say } = this.formats
    return html`
      <dialog aria-labelledby="heading" @close=${() => (this.isOpen = this.dialog.open)}>
        <form @submit=${this.#onSubmit}>
          <div class="dialog-body">
            <h2 id="heading">${say('Clear history')}</h2>
            <p class="muted">${say('Deletes ended tasks with their logs. Those that wait or run stay.')}</p>
            ${this.#renderAge()} ${this.#renderStatuses()}
            <label class="field"
              ><span>${say('Reason (optional)')}</span
              ><input
                class="text"
                maxlength="300"
                autocomplete="off"
                .value=${this.reason}
                @input=${(event: Event) => (this.reason = (event.target as HTMLInputElement).value)}
            /></label>
            <p class="warn">
              ${icon('alert')}<span
                ><b role="status">${this.#countWords}</b>
                ${this.#n === 0 ? nothing : say('This cannot be undone.')}</span
              >
            </p>
          </div>
          <div class="dialog-actions">
            <button class="btn" type="button" autofocus @click=${() => this.dialog.close()}>${say('Keep them')}</button>
            <button class="btn danger" type="submit" ?disabled=${this.statuses.length === 0 || this.#ageMs === null}>
              ${icon('trash')}${say('Clear history')}
            </button>
          </div>
        </form>
      </dialog>
    `
  }

  get #ageMs(): number | null {
    return Number.isInteger(this.value) && this.value >= 1 ? this.value * unitMs[this.unit] : null
  }

  /** Null while it is not known. */
  get #n(): number | null {
    return this.#count.status === TaskStatus.COMPLETE ? (this.#count.value ?? null) : null
  }

  get #countWords(): string {
    const { say, sayCount } = this.formats
    if (this.statuses.length === 0) return say('No status is chosen.')
    if (this.#count.status === TaskStatus.PENDING) return say('Counting')
    const n = this.#n
    if (n === null) return ''
    return n === 0
      ? say('There are none that old.')
      : sayCount(n, 'At most {n} task is deleted.', 'At most {n} tasks are deleted.')
  }

  #renderAge() {
    const { say } = this.formats
    return html`<fieldset>
      <legend>${say('Ended longer ago than')}</legend>
      <div class="age">
        <input
          class="text"
          type="number"
          min="1"
          max="99999"
          step="1"
          required
          aria-label=${say('How many')}
          .valueAsNumber=${this.value}
          @input=${(event: Event) => (this.value = (event.target as HTMLInputElement).valueAsNumber)}
        />
        <select
          class="text"
          aria-label=${say('Unit')}
          @change=${(event: Event) => (this.unit = (event.target as HTMLSelectElement).value as Unit)}
        >
          ${units.map((unit) => html`<option value=${unit} ?selected=${unit === this.unit}>${this.#unitWord(unit)}</option>`)}
        </select>
      </div>
    </fieldset>`
  }

  #renderStatuses() {
    return html`<fieldset>
      <legend>${this.formats.say('In status')}</legend>
      <div class="statuses">
        ${terminalStatuses.map(
          (status) =>
            html`<label
              ><input
                type="checkbox"
                .checked=${this.statuses.includes(status)}
                @change=${(event: Event) => this.#include(status, (event.target as HTMLInputElement).checked)} /><task-status-badge
                status=${status}
              ></task-status-badge
            ></label>`,
        )}
      </div>
    </fieldset>`
  }

  #unitWord(unit: Unit): string {
    const { say } = this.formats
    return unit === 'min' ? say('minutes') : unit === 'hour' ? say('hours') : say('days')
  }

  #include(status: Status, isIncluded: boolean): void {
    const others = this.statuses.filter((other) => other !== status)
    this.statuses = isIncluded ? [...others, status] : others
  }

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault()
    const { value, unit, statuses } = this
    if (this.#ageMs === null || statuses.length === 0) return
    const reason = this.reason.trim()
    request(this, 'request-clear-history', { value, unit, statuses, ...(reason ? { reason } : {}) })
    this.dialog.close()
  }
}

export const elements = { 'task-clear-history-dialog': ClearHistoryDialog }
