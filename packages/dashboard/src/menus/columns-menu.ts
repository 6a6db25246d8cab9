import { css, html } from 'lit'
import { state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { allColumns, shownColumns, usualColumns, type Column } from '../elements/columns.ts'
import { request } from '../events.ts'
import { icon } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { base, inputs, menus } from '../styles/controls.ts'

/** Which columns the rows have, and in which order: by dragging, or by the arrow keys on a handle. */
export class ColumnsMenu extends PartElement {
  /** The name of the column that is dragged. */
  @state() private dragged: string | null = null
  @state() private said = ''

  static override styles = [
    base,
    inputs,
    menus,
    css`
      .item {
        cursor: default;
      }
      .item label {
        display: flex;
        flex: 1;
        align-items: center;
        gap: 8px;
        min-inline-size: 0;
        min-block-size: 30px;
        cursor: pointer;
      }
      .item label span {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .handle {
        display: grid;
        place-content: center;
        inline-size: 26px;
        block-size: 26px;
        margin-inline-end: -6px;
        padding: 0;
        border: 0;
        border-radius: 5px;
        background: none;
        color: var(--td-text-3);
        cursor: grab;
        touch-action: none;
      }
      .dragged {
        background: var(--td-selected);
      }
    `,
  ]

  override render() {
    const { say } = this.formats
    const shown = this.#shown
    const names = shown.map(({ name }) => name)
    const rest = allColumns(this.context.given.columns).filter(({ name }) => !names.includes(name))
    return html`
      <div class="menu">
        <h3>${say('Columns')}</h3>
        <ol aria-label=${say('Columns')}>
          ${repeat(
            [...shown, ...rest],
            ({ name }) => name,
            (column, index) => this.#renderColumn(column, index < shown.length, shown.length),
          )}
        </ol>
        <hr />
        <button
          class="item"
          type="button"
          ?disabled=${this.state.view.columns.length === 0}
          @click=${() => this.#ask([])}
        >
          ${icon('refresh')}<span>${say('The usual columns')}</span>
        </button>
        <span class="unseen" role="status">${this.said}</span>
      </div>
    `
  }

  #renderColumn(column: Column, isShown: boolean, shownCount: number) {
    const { say } = this.formats
    const { name } = column
    const word = this.#wordOf(column)
    return html`<li class="item ${name === this.dragged ? 'dragged' : ''}" data-name=${name}>
      <label>
        <input
          type="checkbox"
          .checked=${isShown}
          ?disabled=${isShown && shownCount === 1}
          @change=${() => this.#toggle(name, !isShown)}
        /><span>${word}</span>
      </label>
      ${
        isShown
          ? html`<button
              class="handle"
              type="button"
              aria-label=${say('Move {column}', { column: word })}
              title=${say('Drag, or press the arrow keys')}
              @keydown=${(event: KeyboardEvent) => this.#onKey(event, column)}
              @pointerdown=${(event: PointerEvent) => this.#onDown(event, name)}
              @pointermove=${this.#onMove}
              @pointerup=${() => (this.dragged = null)}
              @pointercancel=${() => (this.dragged = null)}
            >
              <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M4 6h8M4 10h8" /></svg>
            </button>`
          : ''
      }
    </li>`
  }

  get #shown(): readonly Column[] {
    return shownColumns(this.state.view.columns, this.context.given.columns)
  }

  #wordOf({ word, render }: Column): string {
    return render ? word : this.formats.say(word)
  }

  #toggle(name: string, isShown: boolean): void {
    const names = this.#shown.map((column) => column.name)
    this.#ask(isShown ? [...names, name] : names.filter((other) => other !== name))
  }

  #onKey(event: KeyboardEvent, column: Column): void {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const handle = event.currentTarget as HTMLElement
    const place = this.#move(column.name, this.#placeOf(column.name) + step)
    this.said = this.formats.say('{column} is in place {place}', { column: this.#wordOf(column), place: place + 1 })
    // Moving it in the page has taken the focus away.
    requestAnimationFrame(() => requestAnimationFrame(() => handle.focus()))
  }

  #onDown(event: PointerEvent, name: string): void {
    if (event.button !== 0) return
    event.preventDefault()
    ;(event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
    this.dragged = name
  }

  readonly #onMove = (event: PointerEvent): void => {
    if (this.dragged === null) return
    const rows = [...this.renderRoot.querySelectorAll<HTMLElement>('li')].slice(0, this.#shown.length)
    const over = rows.findIndex((row) => event.clientY < row.getBoundingClientRect().bottom)
    this.#move(this.dragged, over < 0 ? rows.length - 1 : over)
  }

  #placeOf(name: string): number {
    return this.#shown.findIndex((column) => column.name === name)
  }

  /** The place that it has then. */
  #move(name: string, place: number): number {
    const names = this.#shown.map((column) => column.name)
    const target = Math.max(0, Math.min(names.length - 1, place))
    if (names[target] === name) return target
    const others = names.filter((other) => other !== name)
    this.#ask([...others.slice(0, target), name, ...others.slice(target)])
    return target
  }

  #ask(columns: readonly string[]): void {
    const usual = usualColumns(this.context.given.columns).map(({ name }) => name)
    const isUsual = columns.join() === usual.join()
    request(this, 'request-view', { columns: isUsual ? [] : columns })
  }
}

export const elements = { 'task-columns-menu': ColumnsMenu }
