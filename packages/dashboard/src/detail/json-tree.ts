import type { Json } from '@taskloom/protocol'
import { html, LitElement, nothing } from 'lit'
import { property, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { writeText } from '../elements/copy-button.ts'
import type { Formats } from '../format.ts'
import { icon } from '../icons.ts'
import { base } from '../styles/controls.ts'
import { jsonRows, jsonText, membersAtOnce, openablePaths, type JsonRow, type TreeLook } from './json-rows.ts'
import { jsonTreeStyles } from './json-tree-styles.ts'

/** Of a text so much is shown at first. */
const shortText = 240
const mostText = 50_000

/**
 * A value as a tree that opens and closes. What the reader opened stays open when the value changes. Arrow keys walk it, Enter
 * opens, `c` copies the value and `p` its path.
 */
export class JsonTree extends LitElement {
  @property({ attribute: false }) value: Json = null
  /** What it is the value of, for who hears it. */
  @property() label = ''
  @property({ attribute: false }) formats!: Formats
  @state() private look: TreeLook = { opened: new Map(), shown: new Map() }
  @state() private current = '$'
  @state() private wholeTexts: ReadonlySet<string> = new Set()
  /** The path of what was just copied. */
  @state() private copied = ''
  #rows: readonly JsonRow[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  static override styles = [base, jsonTreeStyles]

  /** Opens everything, as far as 500 nodes, or closes everything below the value itself. */
  openAll(isOpen: boolean): void {
    const opened = openablePaths(this.value).map((path) => [path, isOpen || path === '$'] as const)
    this.look = { ...this.look, opened: new Map(opened) }
  }

  override disconnectedCallback() {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  override willUpdate() {
    this.#rows = jsonRows(this.value, this.look)
    if (!this.#rows.some(({ path }) => path === this.current)) this.current = '$'
  }

  override render() {
    return html`<div class="tree" role="tree" aria-label=${this.label} @keydown=${this.#onKey}>
        ${repeat(
          this.#rows,
          ({ path }) => path,
          (row) => this.#renderRow(row),
        )}
      </div>
      <span class="unseen" role="status">${this.copied === '' ? '' : this.formats.say('Copied')}</span>`
  }

  #renderRow(row: JsonRow) {
    const { path, level, key, size, isOpen } = row
    const isCurrent = path === this.current
    return html`<div
      class="row"
      role="treeitem"
      data-path=${path}
      aria-level=${level}
      aria-expanded=${size === null ? nothing : isOpen ? 'true' : 'false'}
      aria-selected=${isCurrent ? 'true' : 'false'}
      tabindex=${isCurrent ? 0 : -1}
      .style=${`--level:${Math.min(level, 16) - 1}`}
      @click=${() => this.#onClick(row)}
      @focus=${() => (this.current = path)}
    >
      <span class="caret ${size === null ? 'none' : ''} ${isOpen ? 'open' : ''}" aria-hidden="true"></span>
      <span class="words"
        >${key === null ? nothing : html`<span class="key">${key.slice(0, 200)}</span><span class="faint">: </span>`}${
          row.more ? this.#renderMore(row.more.left) : this.#renderValue(row)
        }</span
      >
      ${row.more ? nothing : this.#renderTools(row)}
    </div>`
  }

  #renderMore(left: number) {
    const { sayCount } = this.formats
    return html`<span class="more">${sayCount(left, '{n} more, show it', '{n} more, show them')}</span>`
  }

  #renderValue({ path, value, size, isOpen }: JsonRow) {
    if (typeof value === 'object' && value !== null) {
      const [first, last] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
      if (size === null) return html`<span class="faint">${first}${last}</span>`
      const count = this.formats.sayCount(size, '{n} item', '{n} items')
      const hint = isOpen ? '' : previewOf(value)
      return html`<span class="faint">${first}${hint}${last}</span> <small>${count}</small>`
    }
    if (typeof value !== 'string') return html`<span class=${typeof value}>${String(value)}</span>`
    return this.#renderText(path, value)
  }

  #renderText(path: string, text: string) {
    const isWhole = text.length <= shortText || this.wholeTexts.has(path)
    const shown = isWhole ? text.slice(0, mostText) : text.slice(0, shortText)
    return html`<span class="string">"<bdi>${shown}</bdi>${isWhole ? '' : '…'}"</span>${
        text.length <= shortText
          ? nothing
          : html` <button type="button" tabindex="-1" @click=${(event: Event) => this.#toggleText(event, path)}>
              ${
                isWhole
                  ? this.formats.say('Show less')
                  : this.formats.sayCount(text.length, 'Show all of it', 'Show all {n} characters')
              }
            </button>`
      }`
  }

  #renderTools({ path, value }: JsonRow) {
    const { say } = this.formats
    const copy = (event: Event, text: string) => {
      event.stopPropagation()
      void this.#copy(path, text)
    }
    const isDone = this.copied === path
    return html`<span class="tools"
      ><button
        type="button"
        tabindex="-1"
        title=${say('Copy the value')}
        aria-label=${say('Copy the value')}
        @click=${(event: Event) => copy(event, jsonText(value))}
      >
        ${icon(isDone ? 'check' : 'copy')}</button
      ><button
        type="button"
        tabindex="-1"
        title=${say('Copy the path')}
        aria-label=${say('Copy the path')}
        @click=${(event: Event) => copy(event, path)}
      >
        ${icon('link')}
      </button></span
    >`
  }

  #onClick(row: JsonRow): void {
    if (document.getSelection()?.type === 'Range') return
    this.current = row.path
    this.#toggle(row)
  }

  #toggle({ path, size, isOpen, more }: JsonRow): void {
    if (more) {
      const shown = new Map([...this.look.shown, [more.path, more.shown + membersAtOnce]])
      this.look = { ...this.look, shown }
    } else if (size !== null) {
      this.look = { ...this.look, opened: new Map([...this.look.opened, [path, !isOpen]]) }
    }
  }

  #toggleText(event: Event, path: string): void {
    event.stopPropagation()
    const isWhole = this.wholeTexts.has(path)
    this.wholeTexts = new Set(isWhole ? [...this.wholeTexts].filter((one) => one !== path) : [...this.wholeTexts, path])
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    const at = this.#rows.findIndex(({ path }) => path === this.current)
    const row = this.#rows[at]
    if (!row || !this.#answerKey(event.key, row, at)) return
    event.preventDefault()
    event.stopPropagation()
  }

  #answerKey(key: string, row: JsonRow, at: number): boolean {
    const parent = this.#rows.slice(0, at).findLastIndex(({ level }) => level < row.level)
    switch (key) {
      case 'ArrowDown':
        return this.#go(at + 1)
      case 'ArrowUp':
        return this.#go(at - 1)
      case 'Home':
        return this.#go(0)
      case 'End':
        return this.#go(this.#rows.length - 1)
      case 'ArrowRight':
        if (row.size !== null && !row.isOpen) this.#toggle(row)
        else if (row.isOpen) this.#go(at + 1)
        return true
      case 'ArrowLeft':
        if (row.isOpen) this.#toggle(row)
        else if (parent >= 0) this.#go(parent)
        return true
      case 'Enter':
      case ' ':
        if (typeof row.value === 'string' && row.value.length > shortText) this.#toggleText(new Event('key'), row.path)
        else this.#toggle(row)
        return true
      case 'c':
      case 'p':
        void this.#copy(row.path, key === 'c' ? jsonText(row.value) : row.path)
        return true
      default:
        return false
    }
  }

  #go(to: number): boolean {
    const row = this.#rows[Math.max(0, Math.min(this.#rows.length - 1, to))]
    if (row) this.#rowAt(row.path)?.focus()
    return true
  }

  async #copy(path: string, text: string): Promise<void> {
    this.copied = (await writeText(text, this.renderRoot)) ? path : ''
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => (this.copied = ''), 1_200)
  }

  #rowAt(path: string): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`)
  }
}

/** The beginning of what is closed: enough to know which it is. */
function previewOf(value: Json): string {
  const members = Object.entries(value as { readonly [name: string]: Json }).slice(0, 3)
  const isList = Array.isArray(value)
  const words = members.map(([name, member]) => (isList ? wordOf(member) : `${name}: ${wordOf(member)}`))
  return ` ${words.join(', ').slice(0, 60)}${Object.keys(value as object).length > 3 ? ', …' : ''} `
}

function wordOf(value: Json): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? '[…]' : '{…}'
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 24)) : String(value)
}

declare global {
  interface HTMLElementTagNameMap {
    'task-json-tree': JsonTree
  }
}
