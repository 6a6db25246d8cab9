import { css, html, LitElement, nothing } from 'lit'
import { property, query } from 'lit/decorators.js'
import type { Formats } from '../format.ts'
import { base, buttons, inputs } from '../styles/controls.ts'
import { readJson, writeJson } from './json-text.ts'

/**
 * Text of JSON with the place of what is wrong in it.
 *
 * @fires change-text - a string, the text as it is now
 */
export class JsonEditor extends LitElement {
  @property() text = ''
  @property() label = ''
  @property({ attribute: false }) formats!: Formats
  @query('textarea') private readonly area!: HTMLTextAreaElement

  static override styles = [
    base,
    buttons,
    inputs,
    css`
      textarea.text {
        inline-size: 100%;
        min-block-size: 140px;
        max-block-size: 60vh;
        resize: vertical;
        font: 12px/19px var(--td-mono);
        tab-size: 2;
        white-space: pre;
        overflow: auto;
      }
      textarea[aria-invalid='true'] {
        border-color: var(--td-failed);
      }
      .below {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 8px;
        min-block-size: 32px;
        padding-block-start: 4px;
        font-size: 12px;
        line-height: 17px;
      }
      .bad {
        overflow-wrap: anywhere;
      }
    `,
  ]

  override focus(): void {
    this.area.focus()
  }

  override render() {
    const { say } = this.formats
    const reading = readJson(this.text)
    const fault = 'fault' in reading ? reading.fault : null
    const lines = this.text.split('\n').length
    return html`<textarea
        class="text"
        dir="ltr"
        aria-label=${this.label}
        aria-invalid=${String(fault !== null)}
        aria-describedby="fault"
        rows=${Math.min(18, Math.max(7, lines + 1))}
        spellcheck="false"
        autocapitalize="off"
        autocomplete="off"
        wrap="off"
        .value=${this.text}
        @input=${() => this.#tell(this.area.value)}
      ></textarea>
      <div class="below">
        <span id="fault" class="bad" role="status"
          >${
            fault
              ? `${say('Line {line}, column {column}', { line: fault.line, column: fault.column })}: ${say(fault.words)}`
              : nothing
          }</span
        >
        <span class="spacer"></span>
        ${
          fault
            ? html`<button class="btn" type="button" @click=${() => this.#goTo(fault.offset)}>
                ${say('Go there')}
              </button>`
            : html`<button class="btn" type="button" @click=${this.#format}>${say('Format')}</button>`
        }
      </div>`
  }

  readonly #format = (): void => {
    const reading = readJson(this.text)
    if ('value' in reading) this.#tell(writeJson(reading.value, 2))
  }

  #goTo(offset: number): void {
    this.area.focus()
    this.area.setSelectionRange(offset, Math.min(this.text.length, offset + 1))
  }

  #tell(text: string): void {
    this.text = text
    this.dispatchEvent(new CustomEvent<string>('change-text', { detail: text }))
  }
}
