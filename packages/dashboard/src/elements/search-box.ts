import type { FilterChip } from '@taskloom/client'
import type { Problem } from '@taskloom/protocol'
import { css, html, LitElement, nothing } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import { request } from '../events.ts'
import { icon } from '../icons.ts'
import { base, buttons, chips } from '../styles/controls.ts'

const settleMs = 250

/** The search with the chips of all that is filtered, and what is wrong with it, at its place. */
export class SearchBox extends LitElement {
  @property() search = ''
  @property({ attribute: false }) problem: Problem | null = null
  @property({ attribute: false }) chips: readonly FilterChip[] = []
  @state() private typed: string | null = null
  @query('input') private readonly input!: HTMLInputElement
  #timer: ReturnType<typeof setTimeout> | undefined

  static override styles = [
    base,
    buttons,
    chips,
    css`
      .box {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 6px;
        min-block-size: 32px;
        padding: 3px 8px;
        border: 1px solid var(--td-line);
        border-radius: var(--td-radius-control);
        background: var(--td-surface);
        cursor: text;
      }
      .box:focus-within {
        outline: 2px solid var(--td-focus);
        outline-offset: -1px;
      }
      .box.wrong {
        border-color: var(--td-failed);
      }
      .box:has(.chip button:focus-visible) {
        outline: 0;
      }
      input {
        flex: 1 1 120px;
        min-inline-size: 60px;
        block-size: 24px;
        padding: 0;
        border: 0;
        background: none;
        text-overflow: ellipsis;
      }
      input:focus-visible {
        outline: 0;
      }
      input::-webkit-search-cancel-button {
        display: none;
      }
      .hint {
        pointer-events: none;
      }
      .box:focus-within .hint {
        visibility: hidden;
      }
      .problem {
        padding: 4px 8px 0;
        font-size: 12px;
        line-height: 16px;
        color: var(--td-failed);
        overflow-wrap: anywhere;
      }
      mark {
        background: var(--td-failed-bg);
        color: inherit;
        text-decoration: underline wavy;
        text-underline-offset: 2px;
        white-space: pre;
      }
      @container (max-width: 700px) {
        .hint {
          display: none;
        }
      }
    `,
  ]

  override disconnectedCallback() {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  override willUpdate(changed: Map<PropertyKey, unknown>) {
    if (changed.has('search') && this.typed === this.search) this.typed = null
  }

  focusInput(): void {
    this.input.focus()
    this.input.select()
  }

  override render() {
    const shown = this.typed ?? this.search
    return html`
      <div class="box ${this.problem ? 'wrong' : ''}" part="search" @click=${() => this.input.focus()}>
        ${icon('search')} ${this.chips.map((chip) => this.#renderChip(chip))}
        <input
          type="search"
          part="search-input"
          aria-label="Search tasks"
          aria-invalid=${this.problem ? 'true' : 'false'}
          aria-describedby="problem"
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          maxlength="500"
          placeholder="ID, function, error:…, args.order:88121"
          .value=${shown}
          @input=${this.#onInput}
          @keydown=${this.#onKey}
        />
        <kbd class="hint" aria-hidden="true">/</kbd>
      </div>
      <div id="problem" class=${this.problem ? 'problem' : ''} role="status">${this.#renderProblem(shown)}</div>
    `
  }

  #renderChip({ field, value, without }: FilterChip) {
    return html`
      <span class="chip" part="chip" @click=${stop}>
        <span><em>${field === 'time' ? '' : `${field} `}</em>${value}</span>
        <button
          type="button"
          aria-label="Remove filter ${field} ${value}"
          @click=${() => request(this, 'request-view', without)}
        >
          ${icon('close')}
        </button>
      </span>
    `
  }

  #renderProblem(shown: string) {
    if (!this.problem) return nothing
    const { position, detail, title } = this.problem
    const rest = position === undefined ? '' : shown.slice(position, position + 24)
    return html`${detail ?? title}${rest ? html`: <mark>${rest}</mark>` : nothing}`
  }

  readonly #onInput = (): void => {
    this.typed = this.input.value
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#ask(), settleMs)
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') this.#ask()
    else if (event.key === 'Escape' && this.input.value !== '') {
      this.typed = ''
      this.#ask()
      event.stopPropagation()
    } else if (event.key === 'Backspace' && this.input.value === '') {
      const last = this.chips.at(-1)
      if (last) request(this, 'request-view', last.without)
    }
  }

  #ask(): void {
    clearTimeout(this.#timer)
    if (this.typed === null || this.typed === this.search) return
    request(this, 'request-view', { search: this.typed })
  }
}

function stop(event: Event): void {
  event.stopPropagation()
}
