import { css, html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import type { Issue } from '../form/check.ts'
import { formStyles } from '../form/styles.ts'
import type { Formats } from '../format.ts'
import { icon } from '../icons.ts'
import { base, buttons, inputs } from '../styles/controls.ts'
import { dueAt, type OptionsDraft, type Unit } from './enqueue-dialog-draft.ts'

/**
 * When a task runs and what else can be said of it beside its arguments.
 *
 * @fires change-options - {@link OptionsDraft}
 */
export class EnqueueOptions extends LitElement {
  @property({ attribute: false }) options!: OptionsDraft
  @property({ attribute: false }) issues: readonly Issue[] = []
  /** Names of queues that there are. */
  @property({ attribute: false }) queues: readonly string[] = []
  /** Where it waits, and how urgent it is, when nothing is said. */
  @property() queue = ''
  @property({ attribute: false }) priority: number | null = null
  @property({ attribute: false }) formats!: Formats

  static override styles = [
    base,
    buttons,
    inputs,
    formStyles,
    css`
      :host {
        display: grid;
        gap: 14px;
      }
      fieldset {
        display: grid;
        gap: 8px;
        min-inline-size: 0;
        margin: 0;
        padding: 0;
        border: 0;
      }
      fieldset > [id$='-issue']:not(.issue) {
        position: absolute;
      }
      legend {
        padding: 0;
        margin-block-end: 6px;
        font-weight: 540;
      }
      .ways,
      .row {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px 16px;
      }
      .row {
        gap: 8px;
      }
      .ways label {
        display: flex;
        align-items: center;
        gap: 6px;
        cursor: pointer;
      }
      .row .text {
        inline-size: auto;
      }
      .row .amount {
        inline-size: 84px;
      }
      .pair {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(220px, 100%), 1fr));
        gap: 14px;
      }
      .tag-row {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(0, 1.6fr) auto;
        gap: 6px;
      }
      .tag-row .btn {
        inline-size: 32px;
        min-block-size: 32px;
        padding: 0;
      }
      details {
        border-block-start: 1px solid var(--td-line-2);
        padding-block-start: 10px;
      }
      summary {
        cursor: pointer;
        font-weight: 540;
        inline-size: fit-content;
      }
      summary .muted {
        font-weight: 400;
      }
      .more {
        display: grid;
        gap: 14px;
        padding-block-start: 12px;
      }
    `,
  ]

  override render() {
    const { say } = this.formats
    const { queue, priority, tags, idempotencyKey } = this.options
    const isWrong = this.issues.some(({ path }) => !/^options\.(delay|run_at)$/.test(path))
    const said = [queue, priority, tags.length > 0 ? say('tags') : '', idempotencyKey && say('key')].filter(Boolean)
    return html`${this.#renderWhen()}
      <details ?open=${isWrong || said.length > 0}>
        <summary>${say('Queue, priority, tags, key')}</summary>
        <div class="more">
          <div class="pair">
            ${this.#renderLine('queue', say('Queue'), queue, this.queue, 'queues')}
            ${this.#renderLine('priority', say('Priority'), priority, String(this.priority ?? 0))}
          </div>
          <datalist id="queues">${this.queues.map((name) => html`<option value=${name}></option>`)}</datalist>
          ${this.#renderTags()}
          ${this.#renderLine('idempotencyKey', say('Idempotency key'), idempotencyKey, '', null, say('While a task with this key waits, runs or has succeeded, that task is given instead of a new one.'))}
        </div>
      </details>
      ${this.#renderLine('reason', say('Reason'), this.options.reason, '', null, say('For the audit log; optional.'))}`
  }

  #renderWhen() {
    const { say, instant, timeZone } = this.formats
    const { when, amount, unit, clock } = this.options
    const now = Date.now()
    const at = dueAt(this.options, timeZone, now)
    const ways = [
      ['now', say('Now')],
      ['after', say('After')],
      ['at', say('At')],
    ] as const
    const units = {
      second: say('seconds'),
      minute: say('minutes'),
      hour: say('hours'),
      day: say('days'),
    } satisfies Record<Unit, string>
    return html`<fieldset>
      <legend>${say('When')}</legend>
      <div class="ways">
        ${ways.map(
          ([way, word]) =>
            html`<label
              ><input
                type="radio"
                name="when"
                value=${way}
                .checked=${way === when}
                @change=${() => this.#tell({ when: way })}
              />${word}</label
            >`,
        )}
      </div>
      ${
        when === 'after'
          ? html`<div class="row">
              <input
                class="text amount"
                inputmode="decimal"
                data-path="options.delay"
                aria-label=${say('How long from now')}
                aria-invalid=${this.#isWrong('delay')}
                aria-describedby="delay-issue"
                .value=${amount}
                @input=${(event: Event) => this.#tell({ amount: valueOf(event) })}
              />
              <select
                class="text"
                aria-label=${say('Unit')}
                @change=${(event: Event) => this.#tell({ unit: valueOf(event) as Unit })}
              >
                ${Object.entries(units).map(([name, word]) => html`<option value=${name} ?selected=${name === unit}>${word}</option>`)}
              </select>
              <span class="muted">${at ? instant(at) : nothing}</span>
            </div>`
          : nothing
      }
      ${
        when === 'at'
          ? html`<div class="row">
              <input
                class="text"
                type="datetime-local"
                step="1"
                data-path="options.run_at"
                aria-label=${say('Date and time in {zone}', { zone: timeZone })}
                aria-invalid=${this.#isWrong('run_at')}
                aria-describedby="run_at-issue"
                .value=${clock}
                @input=${(event: Event) => this.#tell({ clock: valueOf(event) })}
              />
              <span class="muted">${timeZone}${at ? ` · ${this.formats.relative(at, now)}` : ''}</span>
            </div>`
          : nothing
      }
      ${this.#renderIssues('delay')} ${this.#renderIssues('run_at')}
    </fieldset>`
  }

  #renderLine(
    name: 'queue' | 'priority' | 'idempotencyKey' | 'reason',
    word: string,
    value: string,
    placeholder: string,
    list: string | null = null,
    about = '',
  ) {
    const wire = name === 'idempotencyKey' ? 'idempotency_key' : name
    return html`<div class="entry">
      <div class="head"><label for=${name}>${word}</label></div>
      ${about ? html`<p class="about" id="${name}-about">${about}</p>` : nothing}
      <input
        class="text"
        id=${name}
        data-path="options.${wire}"
        maxlength=${name === 'reason' ? 300 : 200}
        inputmode=${name === 'priority' ? 'numeric' : 'text'}
        autocomplete="off"
        dir="auto"
        list=${list ?? nothing}
        placeholder=${placeholder}
        aria-invalid=${this.#isWrong(wire)}
        aria-describedby="${name}-about ${wire}-issue"
        .value=${value}
        @input=${(event: Event) => this.#tell({ [name]: valueOf(event) })}
      />
      ${this.#renderIssues(wire)}
    </div>`
  }

  #renderTags() {
    const { say, count } = this.formats
    const { tags } = this.options
    const change = (at: number, tag: readonly [string, string] | null) =>
      this.#tell({ tags: tags.flatMap((each, index) => (index === at ? (tag ? [tag] : []) : [each])) })
    return html`<div class="entry" role="group" aria-labelledby="tags-name">
      <div class="head"><span class="name" id="tags-name">${say('Tags')}</span></div>
      ${tags.map(
        ([name, value], index) =>
          html`<div class="tag-row">
            <input
              class="text"
              aria-label=${say('Name of tag {n}', { n: count(index + 1) })}
              maxlength="100"
              autocomplete="off"
              .value=${name}
              @input=${(event: Event) => change(index, [valueOf(event), value])}
            />
            <input
              class="text"
              aria-label=${say('Value of tag {n}', { n: count(index + 1) })}
              maxlength="300"
              autocomplete="off"
              .value=${value}
              @input=${(event: Event) => change(index, [name, valueOf(event)])}
            />
            <button
              class="btn ghost"
              type="button"
              aria-label=${say('Take tag {n} away', { n: count(index + 1) })}
              @click=${() => change(index, null)}
            >
              ${icon('close')}
            </button>
          </div>`,
      )}
      ${
        tags.length < 32
          ? html`<div class="adds">
              <button
                class="btn"
                type="button"
                data-path="options.tags"
                @click=${() => this.#tell({ tags: [...tags, ['', '']] })}
              >
                ${say('Add tag')}
              </button>
            </div>`
          : nothing
      }
      ${this.#renderIssues('tags')}
    </div>`
  }

  #renderIssues(name: string) {
    const mine = this.issues.filter(({ path }) => path === `options.${name}`)
    return html`<div id="${name}-issue" class=${mine.length > 0 ? 'issue' : ''}>
      ${mine.map(({ words }) => html`<p>${this.formats.tell(words)}</p>`)}
    </div>`
  }

  #isWrong(name: string): 'true' | 'false' {
    return this.issues.some(({ path }) => path === `options.${name}`) ? 'true' : 'false'
  }

  #tell(changes: Partial<OptionsDraft>): void {
    const detail: OptionsDraft = { ...this.options, ...changes }
    this.dispatchEvent(new CustomEvent<OptionsDraft>('change-options', { detail }))
  }
}

function valueOf(event: Event): string {
  return (event.target as HTMLInputElement).value
}
