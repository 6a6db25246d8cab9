import { Task } from '@lit/task'
import type { DashboardState } from '@taskloom/client'
import { taskSources, type Suggestion } from '@taskloom/protocol'
import { css, html, nothing, type PropertyValues } from 'lit'
import { property, state } from 'lit/decorators.js'
import { PartElement } from '../part-element.ts'
import {
  complete,
  placeAt,
  qualifierField,
  qualifierOptions,
  valueOptions,
  type Option,
  type Place,
} from './completing.ts'
import { suggest } from './suggestions.ts'

const mostOptions = 12
const settleMs = 120

/**
 * The list below a search box: what can be written next, by keys, mouse and touch. It stands in the tree of the box, so that the box can
 * name the option that is chosen (`aria-activedescendant`).
 */
export class Completion extends PartElement {
  /** The field that is completed; set once. */
  @property({ attribute: false }) input!: HTMLInputElement
  @state() private place: Place | null = null
  @state() private isOpen = false
  @state() private active = -1
  #timer: ReturnType<typeof setTimeout> | undefined
  #abort = new AbortController()

  readonly #values = new Task(this, {
    task: async ([field, prefix], { signal }) => {
      const isKnown = field === null || field === 'source' || (field === qualifierField && prefix === '')
      if (isKnown) return { field: null, values: [] }
      const asked = field === qualifierField ? 'func' : field
      await settle(signal)
      return { field: asked, values: await suggest(this.context.client, asked, prefix, signal) }
    },
    args: () => [this.isOpen ? (this.place?.field ?? null) : null, this.place?.prefix ?? ''] as const,
  })

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  override connectedCallback() {
    super.connectedCallback()
    adopt(this.getRootNode())
    this.#abort = new AbortController()
    const { signal } = this.#abort
    this.input.setAttribute('role', 'combobox')
    this.input.setAttribute('aria-autocomplete', 'list')
    this.input.setAttribute('aria-controls', 'completions')
    this.input.addEventListener('keydown', this.#onKey, { capture: true, signal })
    this.input.addEventListener('input', this.#look, { signal })
    this.input.addEventListener('click', this.#look, { signal })
    this.input.addEventListener('focus', this.#look, { signal })
    this.input.addEventListener('blur', this.#close, { signal })
    window.addEventListener('scroll', this.#move, { capture: true, passive: true, signal })
    window.addEventListener('resize', this.#move, { passive: true, signal })
    if (this.input.matches(':focus')) this.#look()
  }

  override disconnectedCallback() {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
    this.#abort.abort()
  }

  override render() {
    const options = this.#options
    const { say, count } = this.formats
    return html`
      <div class="completions" popover="manual">
        <div id="completions" role="listbox" aria-label=${say('Completions')} @mousedown=${keepFocus}>
          ${options.map(
            (option, index) => html`
              <div
                id="completion-${index}"
                class="option"
                role="option"
                aria-selected=${index === this.active ? 'true' : 'false'}
                @click=${() => this.#choose(option)}
                @pointermove=${() => (this.active = index)}
              >
                <span class="mono">${option.word}</span>
                ${option.note ? html`<span class="note">${say(option.note)}</span>` : nothing}
                ${option.count === null ? nothing : html`<span class="note">${count(option.count)}</span>`}
              </div>
            `,
          )}
        </div>
        ${
          this.#isEmpty
            ? html`<p class="help">
                ${say('Words find ids and functions. A minus before a term leaves out what matches it.')}
              </p>`
            : nothing
        }
      </div>
    `
  }

  override updated(changed: PropertyValues) {
    const isShown = this.isOpen && (this.#options.length > 0 || this.#isEmpty)
    const { input } = this
    input.setAttribute('aria-expanded', String(isShown))
    const chosen = this.querySelector(`#completion-${this.active}`)
    if (isShown && chosen) input.setAttribute('aria-activedescendant', chosen.id)
    else input.removeAttribute('aria-activedescendant')
    const list = this.querySelector<HTMLElement>('.completions')
    if (!list) return
    if (isShown !== list.matches(':popover-open')) list.togglePopover(isShown)
    if (isShown) this.#move()
    if (changed.has('active')) chosen?.scrollIntoView({ block: 'nearest' })
  }

  get #isEmpty(): boolean {
    return this.input.value === ''
  }

  /** What the server found; until it has answered, what is on the screen. */
  get #options(): readonly Option[] {
    const { place } = this
    if (!place) return []
    const isName = place.field === qualifierField
    const field = isName ? 'func' : place.field
    const answer = this.#values.value
    const isAnswered = answer?.field === field && answer.values !== null
    const wanted = place.prefix.toLowerCase()
    const found = (isAnswered ? answer.values : onScreen(this.state, field)).filter(({ text }) =>
      text.toLowerCase().includes(wanted),
    )
    const values = isName && place.prefix === '' ? [] : valueOptions({ ...place, field }, found)
    return [...(isName ? qualifierOptions(place) : []), ...values]
      .filter(({ text }) => text.trim() !== this.input.value.slice(place.start, place.end))
      .slice(0, mostOptions)
  }

  readonly #look = (): void => {
    const { value, selectionStart } = this.input
    this.place = placeAt(value, selectionStart ?? value.length)
    this.active = -1
    this.isOpen = this.place !== null
  }

  readonly #close = (): void => {
    this.isOpen = false
    this.active = -1
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return
    const options = this.#options
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const chosen = this.isOpen ? options[this.active] : undefined
    if (step !== undefined && options.length > 0) {
      const from = this.active < 0 && step < 0 ? 0 : this.active
      this.active = this.isOpen ? (from + step + options.length) % options.length : 0
      this.isOpen = true
    } else if ((event.key === 'Enter' || (event.key === 'Tab' && !event.shiftKey)) && chosen) this.#choose(chosen)
    else if (event.key === 'Escape' && this.isOpen && options.length > 0) this.#close()
    else {
      if (event.key === 'Enter') this.#close()
      return
    }
    event.preventDefault()
    event.stopImmediatePropagation()
  }

  #choose(option: Option): void {
    const { input, place } = this
    if (!place) return
    const next = complete(input.value, place, option)
    input.value = next.search
    input.setSelectionRange(next.caret, next.caret)
    input.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }))
  }

  /** Below the box, as wide as it needs to be. */
  readonly #move = (): void => {
    const list = this.querySelector<HTMLElement>('.completions:popover-open')
    const around = this.input.parentElement
    const box = around?.getBoundingClientRect()
    if (!list || !around || !box) return
    const width = Math.min(Math.max(280, Math.min(box.width, 520)), window.innerWidth - 16)
    // The box's own: that of the input is the direction of what is typed.
    const start = getComputedStyle(around).direction === 'rtl' && box.right > width ? box.right - width : box.left
    list.style.inlineSize = `${width}px`
    list.style.left = `${Math.max(8, Math.min(start, window.innerWidth - width - 8))}px`
    list.style.top = `${box.bottom + 4}px`
  }
}

/** Names that the page knows already. */
function onScreen({ types, queues, list }: DashboardState, field: string): readonly Suggestion[] {
  if (field === 'func') return types.map(({ funcName, runs }) => ({ text: funcName, count: runs }))
  if (field === 'queue') return queues.map(({ queue, total }) => ({ text: queue, count: total }))
  if (field === 'source') return taskSources.map((text) => ({ text, count: null }))
  if (field === 'worker') return distinct(list.tasks.flatMap(({ workerId }) => workerId ?? []))
  if (field === 'user') return distinct(list.tasks.flatMap(({ userLabel }) => userLabel ?? []))
  const tags = list.tasks.map((task) => task.tags)
  if (field === 'tag') return distinct(tags.flatMap((each) => Object.keys(each)))
  if (field.startsWith('tag.')) return distinct(tags.flatMap((each) => each[field.slice(4)] ?? []))
  return []
}

function distinct(texts: readonly string[]): readonly Suggestion[] {
  return [...new Set(texts)].sort().map((text) => ({ text, count: null }))
}

/** Who types on asks for something else in a moment. */
function settle(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, settleMs)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    })
  })
}

function keepFocus(event: Event): void {
  event.preventDefault()
}

const sheet = css`
  .completions {
    position: fixed;
    inset: auto;
    margin: 0;
    padding: 4px;
    max-block-size: min(380px, 60vh);
    overflow: auto;
    border: 1px solid var(--td-line);
    border-radius: var(--td-radius);
    background: var(--td-raised);
    color: var(--td-text);
    font: inherit;
    box-shadow: 0 8px 28px rgb(0 0 0 / 0.14);
  }
  .option {
    display: flex;
    align-items: baseline;
    gap: 12px;
    min-block-size: 30px;
    padding: 5px 8px;
    border-radius: 5px;
    cursor: pointer;
  }
  .option[aria-selected='true'] {
    background: var(--td-hover);
  }
  .option .mono {
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    unicode-bidi: isolate;
  }
  .option .note {
    flex: none;
    margin-inline-start: auto;
    font-size: 12px;
    color: var(--td-text-2);
  }
  .help {
    margin: 4px 0 0;
    padding: 7px 8px 5px;
    border-block-start: 1px solid var(--td-line-2);
    font-size: 12px;
    line-height: 17px;
    color: var(--td-text-2);
  }
  @media (forced-colors: active) {
    .option[aria-selected='true'] {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
  }
`

function adopt(root: Node): void {
  const style = sheet.styleSheet
  if (!(root instanceof ShadowRoot) || !style || root.adoptedStyleSheets.includes(style)) return
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, style]
}

export const elements = { 'task-completion': Completion }
