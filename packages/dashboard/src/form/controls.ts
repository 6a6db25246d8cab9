import { html, nothing, type TemplateResult } from 'lit'
import type { Formats } from '../format.ts'
import { writeControl } from './control.ts'
import { isSame, writeJson, type Value } from './json-text.ts'
import type { Shape } from './schema.ts'

/** What a control shows and whom it tells. */
export interface ControlView {
  readonly id: string
  /** The place in the value, as the protocol writes it. */
  readonly path: string
  readonly value: Value | undefined
  readonly isWrong: boolean
  readonly formats: Formats
}

/** A line or several for a text, a number, or JSON. `typed` is what stands in it and may be no value yet. */
export function textControl(
  { id, path, value, isWrong }: ControlView,
  shape: Shape,
  kind: Shape['kind'],
  typed: string | undefined,
  onInput: (text: string, isDone: boolean) => void,
): TemplateResult {
  const shown = typed ?? writeControl(kind, value)
  const tell = (event: Event) => onInput((event.target as HTMLInputElement).value, event.type === 'change')
  const isJson = kind === 'json'
  const isLong = isJson || (shape.kind === 'text' && (shape.isLong || shown.includes('\n') || shown.length > 120))
  if (isLong) {
    return html`<textarea
      class="text ${isJson ? 'code' : ''}"
      id=${id}
      data-path=${path}
      rows=${Math.min(12, Math.max(3, shown.split('\n').length))}
      spellcheck=${isJson ? 'false' : 'true'}
      dir=${isJson ? 'ltr' : 'auto'}
      aria-invalid=${String(isWrong)}
      aria-describedby="${id}-about ${id}-issue"
      .value=${shown}
      @input=${tell}
      @change=${tell}
    ></textarea>`
  }
  const { examples, format } = shape.kind === 'text' ? shape : { examples: [], format: null }
  return html`<input
      class="text"
      id=${id}
      data-path=${path}
      type="text"
      dir="auto"
      inputmode=${kind === 'number' ? 'decimal' : 'text'}
      autocomplete="off"
      list=${examples.length > 0 ? `${id}-list` : nothing}
      placeholder=${placeholders[format ?? ''] ?? ''}
      aria-invalid=${String(isWrong)}
      aria-describedby="${id}-about ${id}-issue"
      .value=${shown}
      @input=${tell}
      @change=${tell}
    />
    ${examples.length > 0 ? html`<datalist id="${id}-list">${examples.map((each) => html`<option value=${each}></option>`)}</datalist>` : nothing}`
}

/** A menu of values; one that is none of them is shown and cannot be chosen again. */
export function choiceControl(
  { id, path, value, isWrong, formats }: ControlView,
  values: readonly Value[],
  onChoose: (value: Value) => void,
): TemplateResult {
  const chosen = value === undefined ? -1 : values.findIndex((each) => isSame(each, value))
  const words = (each: Value) => (typeof each === 'string' && each !== '' ? each : writeJson(each)).slice(0, 200)
  const stray = value === undefined || value === null ? formats.say('Choose') : words(value)
  return html`<select
    class="text"
    id=${id}
    data-path=${path}
    aria-invalid=${String(isWrong)}
    aria-describedby="${id}-about ${id}-issue"
    @change=${(event: Event) => onChoose(values[Number((event.target as HTMLSelectElement).value)] ?? null)}
  >
    ${chosen < 0 ? html`<option value="" selected disabled>${stray}</option>` : nothing}
    ${values.map((each, index) => html`<option value=${index} ?selected=${index === chosen}>${words(each)}</option>`)}
  </select>`
}

/** Asks for the name of a member that the schema does not name. */
export function newNameControl(
  held: Readonly<Record<string, Value>>,
  { say }: Formats,
  onAdd: (name: string) => void,
): TemplateResult {
  const add = (event: Event): void => {
    const input = (event.currentTarget as HTMLElement).closest('.adds')?.querySelector('input')
    const name = input?.value ?? ''
    if (!input || name === '' || Object.hasOwn(held, name)) return
    onAdd(name)
    input.value = ''
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    add(event)
  }
  return html`<div class="adds">
    <input
      class="text"
      type="text"
      aria-label=${say('Name of what is added')}
      placeholder=${say('Name')}
      autocomplete="off"
      @keydown=${onKey}
    />
    <button class="btn" type="button" @click=${add}>${say('Add')}</button>
  </div>`
}

const placeholders: Readonly<Record<string, string>> = {
  date: '2026-03-31',
  'date-time': '2026-03-31T09:30:00Z',
  email: 'ann@example.com',
  uri: 'https://example.com',
}
