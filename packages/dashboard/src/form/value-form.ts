import type { Words } from '@taskloom/client'
import type { JsonSchema } from '@taskloom/protocol'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { property, state } from 'lit/decorators.js'
import type { Formats } from '../format.ts'
import { icon } from '../icons.ts'
import { base, buttons, inputs } from '../styles/controls.ts'
import { fits, type Issue } from './check.ts'
import { controlFor, readControl } from './control.ts'
import { choiceControl, newNameControl, textControl, type ControlView } from './controls.ts'
import { isHidden } from './hidden.ts'
import { isSame, writeJson, type Value } from './json-text.ts'
import { pathWords, valueAt, withValueAt } from './path.ts'
import { initialValue, readField, type Field, type Member, type Path, type Shape } from './schema.ts'
import { formStyles } from './styles.ts'
import { branchWords, kindWords } from './words.ts'

/** Detail of `change-value`. */
export interface ValueChange {
  readonly value: Value
  /** Controls whose text is no value yet; their places hold what they held before. */
  readonly faults: readonly Issue[]
}

/** How something in the form is called, and whether it may be taken away. */
interface Place {
  readonly path: Path
  readonly name: string
  /** Null where it must stay. */
  readonly remove: (() => void) | null
}

/**
 * A form for a value, made of the JSON Schema of it. It holds nothing of the value itself: the value comes as a property, and
 * each change goes out as an event.
 *
 * @fires change-value - {@link ValueChange}
 */
export class ValueForm extends LitElement {
  @property({ attribute: false }) schema: JsonSchema | null = null
  @property({ attribute: false }) value: Value = []
  /** Where the value was taken from: what is hidden there and was not touched is locked. */
  @property({ attribute: false }) original: Value | undefined = undefined
  @property({ attribute: false }) issues: readonly Issue[] = []
  @property({ attribute: false }) formats!: Formats
  /** What stands in controls as it was typed, by place; with a fault it is no value. */
  @state() private texts: ReadonlyMap<string, { readonly text: string; readonly fault: Words | null }> = new Map()
  /** Which of several forms the operator chose, by place. */
  @state() private choices: ReadonlyMap<string, number> = new Map()
  readonly #ids = new Map<string, string>()

  static override styles = [base, buttons, inputs, formStyles]

  /** Brings the first control at fault into view. */
  focusIssue(path: string): void {
    const places = [...this.renderRoot.querySelectorAll<HTMLElement>('[data-path]')]
    const control =
      places.find((each) => each.dataset['path'] === path) ??
      this.renderRoot.querySelector<HTMLElement>('[aria-invalid="true"]')
    control?.focus()
  }

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('input, textarea, select, button')?.focus()
  }

  /** Forgets texts that are no values: the value is another now. */
  forgetTexts(): void {
    this.texts = new Map()
    this.choices = new Map()
  }

  override render() {
    const field = readField(this.schema, this.schema)
    const { shape } = field
    if (shape.kind !== 'list' || controlFor(shape, this.value) !== 'list') {
      return html`<div class="fields">
        ${this.#renderEntry(field, { path: [], name: this.formats.say('Arguments'), remove: null })}
      </div>`
    }
    return html`<div class="fields">${this.#renderItems(shape, [], true)}</div>`
  }

  #renderEntry(field: Field, place: Place): TemplateResult {
    const value = valueAt(this.value, place.path)
    if (this.#isLocked(place.path, value)) return this.#renderLocked(field, place, value)
    const { shape } = field
    const kind = value === null && field.isNullable ? 'null' : controlFor(shape, value)
    const isGroup = kind === 'list' || kind === 'object' || kind === 'either'
    return html`<div
      class="entry"
      role=${isGroup ? 'group' : nothing}
      aria-labelledby=${isGroup ? `${this.#id(place.path)}-name` : nothing}
    >
      ${this.#renderHead(field, place, value, kind)}
      ${field.description ? html`<p class="about" id="${this.#id(place.path)}-about">${field.description}</p>` : nothing}
      ${this.#renderControl(field, place, value, kind)} ${this.#renderIssues(place.path)}
    </div>`
  }

  #renderHead(field: Field, { path, name, remove }: Place, value: Value | undefined, kind: Shape['kind'] | 'null') {
    const { say } = this.formats
    const id = this.#id(path)
    const word = field.title ?? name
    const isNamed = ['text', 'number', 'truth', 'choice', 'json'].includes(kind)
    return html`<div class="head">
      ${isNamed ? html`<label for=${id}>${word}</label>` : html`<span class="name" id="${id}-name">${word}</span>`}
      <span class="kind">${kindWords(field, kind, this.formats)}</span>
      <span class="spacer"></span>
      ${field.isNullable && value !== null ? this.#headButton(say('Null'), say('Set {name} to null', { name: word }), () => this.#set(path, null)) : nothing}
      ${
        remove
          ? html`<button
              class="btn ghost icon"
              type="button"
              aria-label=${say('Take {name} away', { name: word })}
              title=${say('Take away')}
              @click=${remove}
            >
              ${icon('close')}
            </button>`
          : nothing
      }
    </div>`
  }

  #headButton(word: string, label: string, act: () => void) {
    return html`<button class="btn ghost" type="button" aria-label=${label} @click=${act}>${word}</button>`
  }

  #renderControl(
    field: Field,
    place: Place,
    value: Value | undefined,
    kind: Shape['kind'] | 'null',
  ): TemplateResult | typeof nothing {
    const { shape } = field
    const { path } = place
    const set = (inner: Value) => this.#set(path, inner)
    const { say } = this.formats
    switch (kind) {
      case 'null':
        return html`<div class="locked">
          <span class="mono">null</span><span class="spacer"></span>
          ${this.#headButton(say('Write a value'), say('Write a value for {name}', { name: field.title ?? place.name }), () => this.#set(path, this.#beginning(shape, field)))}
        </div>`
      case 'list':
        return shape.kind === 'list' ? html`<div class="inner">${this.#renderItems(shape, path, false)}</div>` : nothing
      case 'object':
        return shape.kind === 'object'
          ? html`<div class="inner">${this.#renderMembers(shape, path, value)}</div>`
          : nothing
      case 'either':
        return shape.kind === 'either' ? this.#renderEither(shape.fields, place, value) : nothing
      case 'fixed':
        return shape.kind === 'fixed' ? this.#renderFixed(shape.value, path, value) : nothing
      case 'choice':
        return shape.kind === 'choice' ? choiceControl(this.#view(path, value), shape.values, set) : nothing
      case 'truth':
        return choiceControl(this.#view(path, value), [true, false], set)
      default:
        return textControl(
          this.#view(path, value),
          shape,
          kind,
          this.texts.get(pathWords(path))?.text,
          (text, isDone) => this.#type(kind, path, text, isDone),
        )
    }
  }

  #renderFixed(fixed: Value, path: Path, value: Value | undefined) {
    const isSet = value !== undefined && isSame(value, fixed)
    return html`<div class="locked">
      <span class="mono">${writeJson(isSet || value === undefined ? fixed : value).slice(0, 300)}</span
      ><span class="spacer"></span>
      ${isSet ? nothing : this.#headButton(this.formats.say('Use this value'), this.formats.say('Use this value'), () => this.#set(path, fixed))}
    </div>`
  }

  #renderEither(fields: readonly Field[], place: Place, value: Value | undefined): TemplateResult {
    const { path } = place
    const { say } = this.formats
    const fitting = fields.findIndex(({ schema }) => value !== undefined && fits(value, schema, this.schema))
    const chosen = this.choices.get(pathWords(path)) ?? Math.max(0, fitting)
    const field = fields[chosen]
    const id = this.#id(path)
    return html`<select
        class="text"
        data-choice=${pathWords(path)}
        aria-label=${say('Kind of {name}', { name: place.name })}
        @change=${(event: Event) => this.#choose(path, fields, Number((event.target as HTMLSelectElement).value))}
      >
        ${fields.map((each, index) => html`<option value=${index} ?selected=${index === chosen}>${branchWords(each, index, this.formats)}</option>`)}
      </select>
      ${field ? html`<div class="inner" id=${id}>${this.#renderBranch(field, place, value)}</div>` : nothing}`
  }

  /** The branch itself, without a second head. */
  #renderBranch(field: Field, place: Place, value: Value | undefined): TemplateResult {
    const kind = value === null && field.isNullable ? 'null' : controlFor(field.shape, value)
    const isNamed = ['text', 'number', 'truth', 'choice', 'json'].includes(kind)
    return html`${field.description ? html`<p class="about">${field.description}</p>` : nothing}
    ${isNamed ? html`<label class="unseen" for=${this.#id(place.path)}>${place.name}</label>` : nothing}
    ${this.#renderControl(field, place, value, kind)}`
  }

  #renderItems(shape: Extract<Shape, { kind: 'list' }>, path: Path, isRoot: boolean): TemplateResult {
    const value = valueAt(this.value, path)
    const items = Array.isArray(value) ? (value as readonly Value[]) : []
    const { first, rest, least, most } = shape
    const shown = Math.max(items.length, first.filter(({ isRequired }) => isRequired).length)
    const { say, count } = this.formats
    const next = first[shown]?.field ?? (shown < most ? rest?.() : undefined)
    return html`${Array.from({ length: shown }, (_, index) => {
      const field = first[index]?.field ?? rest?.() ?? readField(null, null)
      const number = { n: count(index + 1) }
      const name = isRoot ? say('Argument {n}', number) : say('Item {n}', number)
      const isLast = index === items.length - 1
      // What has a place of its own would take that of another if it went from the middle.
      const mayGo = index >= least && (index >= first.length || isLast)
      return this.#renderEntry(field, {
        path: [...path, index],
        name,
        remove: mayGo ? () => this.#removeItem(path, index) : null,
      })
    })}
    ${
      next
        ? html`<div class="adds">
            <button
              class="btn"
              type="button"
              data-add=${pathWords(path)}
              @click=${() => this.#set([...path, shown], this.#beginning(next.shape, next))}
            >
              ${isRoot ? say('Add {name}', { name: next.title ?? say('Argument {n}', { n: count(shown + 1) }) }) : say('Add item')}
            </button>
          </div>`
        : nothing
    }`
  }

  #renderMembers({ members, others }: Extract<Shape, { kind: 'object' }>, path: Path, value: Value | undefined) {
    const held = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, Value>>
    const isSet = ({ name }: Member) => Object.hasOwn(held, name)
    const known = new Set(members.map(({ name }) => name))
    const { say } = this.formats
    const unset = members.filter((member) => !member.isRequired && !isSet(member))
    const further = Object.keys(held).filter((name) => !known.has(name))
    const remove = (name: string) => () => this.#set([...path, name], undefined)
    return html`${members
      .filter((member) => member.isRequired || isSet(member))
      .map(({ name, isRequired, field }) =>
        this.#renderEntry(field, { path: [...path, name], name, remove: isRequired ? null : remove(name) }),
      )}
    ${further.map((name) => this.#renderEntry(others?.() ?? readField(null, null), { path: [...path, name], name, remove: remove(name) }))}
    ${
      unset.length > 0
        ? html`<div class="adds">
            <span>${say('Optional')}</span>
            ${unset.map(
              ({ name, field }) =>
                html`<button
                  class="btn"
                  type="button"
                  title=${field.description ?? nothing}
                  @click=${() => this.#set([...path, name], this.#beginning(field.shape, field))}
                >
                  ${field.title ?? name}
                </button>`,
            )}
          </div>`
        : nothing
    }
    ${
      others
        ? newNameControl(held, this.formats, (name) => {
            const field = others()
            this.#set([...path, name], this.#beginning(field.shape, field))
          })
        : nothing
    }`
  }

  #renderLocked(field: Field, place: Place, value: Value | undefined) {
    const { say } = this.formats
    const word = field.title ?? place.name
    return html`<div class="entry">
      <div class="head"><span class="name">${word}</span></div>
      <div class="locked">
        ${icon('lock')}<span>${say('hidden, kept as it is')}</span>
        <span class="mono">${typeof value === 'string' ? value.slice(0, 60) : nothing}</span
        ><span class="spacer"></span>
        ${this.#headButton(say('Replace'), say('Replace {name}', { name: word }), () => this.#set(place.path, this.#beginning(field.shape, field)))}
      </div>
      ${this.#renderIssues(place.path)}
    </div>`
  }

  #renderIssues(path: Path) {
    const mine = this.#issuesAt(path)
    return html`<div id="${this.#id(path)}-issue" class=${mine.length > 0 ? 'issue' : ''}>
      ${mine.map(({ words }) => html`<p>${this.formats.tell(words)}</p>`)}
    </div>`
  }

  #issuesAt(path: Path): readonly Issue[] {
    const words = pathWords(path)
    const typed = this.texts.get(words)
    return typed?.fault ? [{ path: words, words: typed.fault }] : this.issues.filter((issue) => issue.path === words)
  }

  #view(path: Path, value: Value | undefined): ControlView {
    const isWrong = this.#issuesAt(path).length > 0
    return { id: this.#id(path), path: pathWords(path), value, isWrong, formats: this.formats }
  }

  #isLocked(path: Path, value: Value | undefined): boolean {
    if (this.original === undefined || !isHidden(value)) return false
    return isSame(value, valueAt(this.original, path))
  }

  /** What a control begins with that is asked for. */
  #beginning(shape: Shape, field: Field): Value {
    const initial = initialValue({ ...field, isNullable: false, shape })
    if (initial !== undefined) return initial
    if (shape.kind === 'text') return ''
    if (shape.kind === 'truth') return false
    return shape.kind === 'choice' ? (shape.values[0] ?? null) : null
  }

  /** What is typed stays as it is until it is done: `1.0` is on the way to `1.05`. */
  #type(kind: Shape['kind'], path: Path, text: string, isDone: boolean): void {
    const reading = readControl(kind, text)
    const words = pathWords(path)
    const texts = new Map(this.texts)
    if (isDone && 'value' in reading && kind !== 'json') texts.delete(words)
    else texts.set(words, { text, fault: 'words' in reading ? reading.words : null })
    this.texts = texts
    if ('words' in reading) this.#tell(this.value)
    else if (!isSame(valueAt(this.value, path), reading.value)) this.#set(path, reading.value, true)
    else this.#tell(this.value)
  }

  #choose(path: Path, fields: readonly Field[], index: number): void {
    const field = fields[index]
    this.choices = new Map([...this.choices, [pathWords(path), index]])
    if (field) this.#set(path, this.#beginning(field.shape, field))
  }

  #removeItem(path: Path, index: number): void {
    const items = valueAt(this.value, path)
    if (Array.isArray(items))
      this.#set(
        path,
        (items as readonly Value[]).filter((_, at) => at !== index),
      )
  }

  #set(path: Path, value: Value | undefined, isTyped = false): void {
    const within = pathWords(path)
    if (!isTyped) {
      // What lay inside is another now.
      const isOutside = (place: string) => !place.startsWith(within)
      this.texts = new Map([...this.texts].filter(([place]) => isOutside(place)))
      this.choices = new Map([...this.choices].filter(([place]) => place === within || isOutside(place)))
    }
    this.#tell(withValueAt(this.value, path, value) ?? null)
  }

  #tell(value: Value): void {
    this.value = value
    const faults = [...this.texts].flatMap(([path, { fault }]) => (fault ? [{ path, words: fault }] : []))
    const detail: ValueChange = { value, faults }
    this.dispatchEvent(new CustomEvent<ValueChange>('change-value', { detail }))
  }

  #id(path: Path): string {
    const words = pathWords(path)
    const known = this.#ids.get(words)
    if (known !== undefined) return known
    const id = `f${this.#ids.size}`
    this.#ids.set(words, id)
    return id
  }
}
