import { Task, TaskStatus } from '@lit/task'
import { toProblem, type TaskVerb } from '@taskloom/client'
import { serverRoutes, type BulkBegun, type TaskSummary } from '@taskloom/protocol'
import { html, nothing } from 'lit'
import { query, state } from 'lit/decorators.js'
import { request, type DialogSubjects } from '../events.ts'
import { problemWords, shortId } from '../format.ts'
import { icon } from '../icons.ts'
import { verbOf } from '../operations/words.ts'
import { PartElement } from '../part-element.ts'
import { bulkDialogStyles } from './bulk-dialog-styles.ts'
import { explanations, headings, warningOf } from './bulk-words.ts'

/** Above this many, a deletion is to be typed. */
const typedAbove = 1_000
const mostPerSecond = 1_000
const sampleMost = 5

/** Says, before it begins, to how many tasks something will be done, to which, and what is left out. */
export class BulkDialog extends PartElement {
  @state() private subject: DialogSubjects['bulk'] | null = null
  @state() private reason = ''
  @state() private typed = ''
  @state() private isSlow = false
  @state() private perSecond = 10
  @query('dialog') private readonly dialog!: HTMLDialogElement

  readonly #count = new Task(this, {
    args: () => [this.subject] as const,
    task: async ([subject], { signal }): Promise<BulkBegun | null> => {
      if (!subject) return null
      const { action, target } = subject
      const whom = 'taskIds' in target ? { task_ids: target.taskIds } : { filter: target.filter }
      return this.context.client.ask(serverRoutes.bulk, { body: { action, ...whom, dry_run: true }, signal })
    },
  })

  static override styles = bulkDialogStyles

  open(subject: unknown): void {
    this.subject = subject as DialogSubjects['bulk']
    this.reason = ''
    this.typed = ''
    this.isSlow = false
    // Its buttons are to be there when the focus looks for one.
    void this.updateComplete.then(() => this.dialog.open || this.dialog.showModal())
  }

  override render() {
    return html`<dialog aria-labelledby="heading" @close=${this.#onClose}>
      ${this.subject ? this.#renderQuestion(this.subject.action) : nothing}
    </dialog>`
  }

  #renderQuestion(action: TaskVerb) {
    const { say } = this.formats
    const isKnown = this.#found !== null
    return html`
      <form @submit=${this.#onSubmit}>
        <div class="dialog-body">
          <h2 id="heading">${this.#heading(action)}</h2>
          <div class="answer" aria-live="polite">
            ${this.#count.render({
              pending: () => html`<p class="muted">${say('Counting')}</p>`,
              complete: (found) => (found ? this.#renderFound(action, found) : nothing),
              error: (error) =>
                html`<p class="error">${icon('alert')}<span>${problemWords(toProblem(error))}</span></p>`,
            })}
          </div>
          ${isKnown && this.#n > 0 ? this.#renderFields(action) : nothing}
        </div>
        <div class="dialog-actions">
          <button class="btn" type="button" autofocus @click=${() => this.dialog.close()}>${say('Not now')}</button>
          ${
            this.#count.status === TaskStatus.ERROR
              ? html`<button class="btn" type="button" @click=${() => void this.#count.run()}>
                  ${say('Try again')}
                </button>`
              : html`<button
                  class="btn ${action === 'delete' || action === 'cancel' ? 'danger' : 'ink'}"
                  type="submit"
                  ?disabled=${!this.#isReady(action)}
                >
                  ${verbOf(action, this.formats)}
                </button>`
          }
        </div>
      </form>
    `
  }

  #heading(action: TaskVerb): string {
    const { say, sayCount } = this.formats
    const words = headings[action]
    if (!this.#found) return say(words[2])
    if (this.#found.countIsCapped) return say(words[3], { n: this.#n })
    return sayCount(this.#n, words[0], words[1])
  }

  #renderFound(action: TaskVerb, { sample = [], countIsCapped }: BulkBegun) {
    const { say, sayCount } = this.formats
    const warning = warningOf(action, sample, this.#n)
    const leftOut = this.#leftOut
    if (this.#n === 0) {
      return html`<p class="muted">${say('None of them is in a status that allows it. Nothing would be done.')}</p>`
    }
    return html`
      <p class="muted">${say(explanations[action])}</p>
      ${
        countIsCapped
          ? html`<p class="muted">${say('There are more than were counted; all of them are meant.')}</p>`
          : nothing
      }
      ${
        leftOut > 0
          ? html`<p class="muted">
              ${sayCount(
                leftOut,
                '{n} of those chosen is left out: it is gone, or in a status that does not allow it.',
                '{n} of those chosen are left out: they are gone, or in a status that does not allow it.',
              )}
            </p>`
          : nothing
      }
      ${warning === null ? nothing : html`<p class="warn">${icon('alert')}<span>${say(warning)}</span></p>`}
      <ul class="sample" aria-label=${say('The newest of them')}>
        ${sample.slice(0, sampleMost).map((task) => this.#renderSample(task))}
        ${
          this.#n > sampleMost
            ? html`<li class="faint">${sayCount(this.#n - sampleMost, 'and {n} more', 'and {n} more')}</li>`
            : nothing
        }
      </ul>
    `
  }

  #renderSample({ funcName, taskId, error, userLabel, retryCount }: TaskSummary) {
    return html`<li>
      <span class="name">${funcName.slice(0, 120)}</span>
      <span class="mono faint">${shortId(taskId)}</span>
      ${retryCount > 0 ? html`<span class="tag">${this.formats.say('already retried')}</span>` : nothing}
      <span class="note">${(error ?? userLabel ?? '').slice(0, 200)}</span>
    </li>`
  }

  #renderFields(action: TaskVerb) {
    const { say, count } = this.formats
    return html`
      ${
        action === 'retry'
          ? html`<div class="slow">
              <label
                ><input
                  type="checkbox"
                  .checked=${this.isSlow}
                  @change=${(event: Event) => (this.isSlow = (event.target as HTMLInputElement).checked)}
                /><span>${say('Hold back: tasks per second, at most')}</span></label
              ><input
                class="text"
                type="number"
                min="1"
                max=${mostPerSecond}
                step="1"
                required
                aria-label=${say('Tasks per second')}
                ?disabled=${!this.isSlow}
                .valueAsNumber=${this.perSecond}
                @input=${(event: Event) => (this.perSecond = (event.target as HTMLInputElement).valueAsNumber)}
              />
            </div>`
          : nothing
      }
      <label class="field"
        ><span>${say('Reason (optional)')}</span
        ><input
          class="text"
          maxlength="300"
          autocomplete="off"
          .value=${this.reason}
          @input=${(event: Event) => (this.reason = (event.target as HTMLInputElement).value)}
      /></label>
      ${
        this.#mustType(action)
          ? html`<label class="field"
              ><span>${say('Type {n} to go on', { n: count(this.#n) })}</span
              ><input
                class="text"
                name="typed"
                inputmode="numeric"
                autocomplete="off"
                .value=${this.typed}
                @input=${(event: Event) => (this.typed = (event.target as HTMLInputElement).value)}
            /></label>`
          : nothing
      }
    `
  }

  get #found(): BulkBegun | null {
    return this.#count.status === TaskStatus.COMPLETE ? (this.#count.value ?? null) : null
  }

  get #n(): number {
    return this.#found?.count ?? 0
  }

  get #leftOut(): number {
    const { target } = this.subject ?? {}
    return target && 'taskIds' in target ? Math.max(0, target.taskIds.length - this.#n) : 0
  }

  #mustType(action: TaskVerb): boolean {
    return action === 'delete' && this.#n > typedAbove
  }

  #isReady(action: TaskVerb): boolean {
    if (this.#n === 0) return false
    if (this.isSlow && !(this.perSecond >= 1 && this.perSecond <= mostPerSecond)) return false
    return !this.#mustType(action) || this.typed.replace(/\D/g, '') === String(this.#n)
  }

  /** The event comes late: by then it may be open again with another question. */
  readonly #onClose = (): void => {
    if (!this.dialog.open) this.subject = null
  }

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault()
    const { subject } = this
    if (!subject || !this.#isReady(subject.action)) return
    const perSecond = subject.action === 'retry' && this.isSlow ? Math.floor(this.perSecond) : null
    request(this, 'request-bulk', { ...subject, reason: this.reason.trim(), perSecond })
    request(this, 'request-clear-selection')
    this.dialog.close()
  }
}

export const elements = { 'task-bulk-dialog': BulkDialog }
