import type { FilterChip, TypedTerm, WordTable } from '@taskloom/client'
import type { Problem } from '@taskloom/protocol'
import { html, LitElement, nothing } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import { request } from '../events.ts'
import { icon } from '../icons.ts'
import type { PartContext } from '../part-element.ts'
import { loadPart } from '../parts.ts'
import { negatedTerm, searchProblem, typedTerms } from '../search/terms.ts'
import { base, buttons, chips } from '../styles/controls.ts'
import { searchStyles } from './search-styles.ts'

const settleMs = 250

/** The element that completes what is typed; it comes when the box is first used. */
interface Completion extends HTMLElement {
  input: HTMLInputElement
  context: PartContext
}

/**
 * The search with the chips of all that is filtered, and what is wrong with it, at its place. Each term of the search is a
 * chip as soon as it is followed by a space; chips and text are one search.
 */
export class SearchBox extends LitElement {
  @property({ attribute: false }) context!: PartContext
  @property() search = ''
  @property({ attribute: false }) problem: Problem | null = null
  @property({ attribute: false }) chips: readonly FilterChip[] = []
  @state() private typed = ''
  @state() private terms: readonly TypedTerm[] = []
  @state() private completion: Completion | null = null
  @query('input') private readonly input!: HTMLInputElement
  #timer: ReturnType<typeof setTimeout> | undefined
  #asked: string | null = null

  static override styles = [base, buttons, chips, searchStyles]

  override disconnectedCallback() {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  override willUpdate(changed: Map<PropertyKey, unknown>) {
    // What was asked here comes back while more is typed.
    if (!changed.has('search') || this.search === this.#asked) return
    const isUnderstood = searchProblem(this.search) === null
    this.terms = isUnderstood ? typedTerms(this.search) : []
    this.typed = isUnderstood ? '' : this.search
    this.#asked = null
  }

  focusInput(): void {
    this.input.focus()
    this.input.select()
  }

  override render() {
    const { say } = this.context.formats
    if (this.completion) this.completion.context = this.context
    return html`
      <div class="box ${this.problem ? 'wrong' : ''}" part="search" @click=${() => this.input.focus()}>
        ${icon('search')} ${this.chips.map((chip) => this.#renderChip(chip))}
        ${this.terms.map((term, index) => this.#renderTerm(term, index))}
        <input
          type="search"
          part="search-input"
          aria-label=${say('Search tasks')}
          aria-invalid=${this.problem ? 'true' : 'false'}
          aria-describedby="problem"
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          maxlength="500"
          dir="auto"
          placeholder=${say('ID, function, error:…, args.order:88121')}
          .value=${this.typed}
          @focus=${() => void this.#complete()}
          @input=${this.#onInput}
          @keydown=${this.#onKey}
        />
        <kbd class="hint" aria-hidden="true">/</kbd>
      </div>
      ${this.completion ?? nothing}
      <div id="problem" class=${this.problem ? 'problem' : ''} role="status">${this.#renderProblem()}</div>
    `
  }

  #renderChip({ field, value, without }: FilterChip) {
    const { say } = this.context.formats
    const word = field === 'time' ? '' : say(fieldWords[field])
    return html`
      <span class="chip" part="chip" @click=${stop}>
        <span><em>${word}</em> ${value}</span>
        ${closeButton(say('Remove filter {field} {value}', { field, value }), () => request(this, 'request-view', without))}
      </span>
    `
  }

  #renderTerm(term: TypedTerm, index: number) {
    const { say } = this.context.formats
    const { text, negated, qualifier, value } = term
    const others = this.terms.filter((_, other) => other !== index)
    return html`
      <span class="chip term" part="chip" @click=${stop} data-term=${text}>
        <button
          class="words"
          type="button"
          title=${say('Edit {term}', { term: text })}
          @click=${() => this.#edit(term, others)}
        >
          ${negated ? html`<b>${say('not')}</b> ` : nothing}${qualifier ? html`<em>${qualifier}</em> ` : nothing}${value}
        </button>
        <button
          type="button"
          class="not"
          aria-label=${say('Leave out {term}', { term: value })}
          title=${say('Leave out {term}', { term: value })}
          aria-pressed=${negated ? 'true' : 'false'}
          @click=${() => this.#negate(index)}
        >
          ${icon('ban')}
        </button>
        ${closeButton(say('Remove {term}', { term: text }), () => this.#take(others))}
      </span>
    `
  }

  #renderProblem() {
    if (!this.problem) return nothing
    const { position, detail, title } = this.problem
    const rest = position === undefined ? '' : this.search.slice(position, position + 24)
    return html`${detail ?? title}${rest ? html`: <mark>${rest}</mark>` : nothing}`
  }

  #edit(term: TypedTerm, others: readonly TypedTerm[]): void {
    this.terms = [...others, ...typedTerms(this.typed)]
    this.typed = term.text
    void this.updateComplete.then(() => this.input.focus())
  }

  #negate(index: number): void {
    const terms = this.terms.map((term, at) => (at === index ? negatedTerm(term.text) : term.text))
    this.#take(typedTerms(terms.join(' ')), false)
  }

  #take(terms: readonly TypedTerm[], focuses = true): void {
    this.terms = terms
    if (focuses) this.input.focus()
    this.#ask()
  }

  /** Terms that are whole become chips; what is still being written stays as text. */
  #commit(isWhole: boolean): void {
    const found = typedTerms(this.typed)
    const open = isWhole ? -1 : found.length - 1
    const isKept = ({ text }: TypedTerm, index: number) => index === open || searchProblem(text) !== null
    const kept = found.filter(isKept)
    if (kept.length === found.length) return
    this.terms = [...this.terms, ...found.filter((term, index) => !isKept(term, index))]
    this.typed = kept.map(({ text }) => text).join(' ')
    this.input.value = this.typed
  }

  readonly #onInput = (event: Event): void => {
    this.typed = this.input.value
    if (!(event as InputEvent).isComposing && /\s\S*$/.test(this.typed)) this.#commit(/\s$/.test(this.typed))
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#ask(), settleMs)
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return
    if (event.key === 'Enter') {
      this.#commit(true)
      this.#ask()
    } else if (event.key === 'Escape' && this.input.value !== '') {
      this.typed = ''
      this.#ask()
      event.stopPropagation()
    } else if (event.key === 'Backspace' && this.input.value === '') {
      const term = this.terms.at(-1)
      const chip = this.chips.at(-1)
      if (term) this.#edit(term, this.terms.slice(0, -1))
      else if (chip) request(this, 'request-view', chip.without)
      else return
      event.preventDefault()
    }
  }

  #ask(): void {
    clearTimeout(this.#timer)
    const search = [...this.terms.map(({ text }) => text), this.typed.trim()].filter((text) => text !== '').join(' ')
    if (search === this.search) return
    this.#asked = search
    request(this, 'request-view', { search })
  }

  /** Without its file the box is a box. */
  async #complete(): Promise<void> {
    if (this.completion) return
    try {
      await loadPart('task-completion')
    } catch {
      return
    }
    this.completion ??= Object.assign(document.createElement('task-completion'), { input: this.input }) as Completion
  }
}

const fieldWords = {
  status: 'status',
  function: 'function',
  queue: 'queue',
  time: 'time',
  search: 'search',
} satisfies WordTable

function closeButton(label: string, act: () => void) {
  return html`<button type="button" aria-label=${label} @click=${act}>${icon('close')}</button>`
}

function stop(event: Event): void {
  event.stopPropagation()
}
