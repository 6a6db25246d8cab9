import { css, html, nothing } from 'lit'
import { query, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { shortcuts } from '../host/keys.ts'
import { icon } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { base, buttons, dialogs } from '../styles/controls.ts'
import { foundCommands, paletteCommands, rankCommands, type PaletteCommand } from './palette-commands.ts'

const mostShown = 60
const mostRecent = 8
const keyed: Readonly<Record<string, string>> = {
  'task:retry': 'r',
  'task:cancel': 'c',
  'task:close': 'Esc',
  enqueue: 'e',
  pause: 'p',
  help: '?',
}

/** Everything that can be done, by its name: type a part of it, and Enter does it. What was done last comes first. */
export class PaletteDialog extends PartElement {
  @state() private typed = ''
  @state() private at = 0
  @query('dialog') private readonly dialog!: HTMLDialogElement
  @query('input') private readonly field!: HTMLInputElement
  #recent: readonly string[] = []
  #shown: readonly PaletteCommand[] = []

  static override styles = [
    base,
    buttons,
    dialogs,
    css`
      dialog {
        inline-size: min(560px, calc(100vw - 24px));
        margin-block-start: min(12vh, 120px);
        overflow: hidden;
        container-type: inline-size;
      }
      .field {
        display: flex;
        align-items: center;
        gap: 10px;
        padding: 4px 14px;
        border-block-end: 1px solid var(--td-line);
        color: var(--td-text-3);
      }
      input {
        flex: 1;
        min-inline-size: 0;
        block-size: 40px;
        border: 0;
        background: none;
        color: var(--td-text);
        font-size: 15px;
      }
      /* The line below the whole field says that it has the focus, as it always has. */
      input:focus-visible {
        outline: none;
      }
      .field:focus-within {
        border-color: var(--td-focus);
      }
      ul {
        padding: 5px;
        max-block-size: min(380px, 60vh);
        overflow: auto;
      }
      li {
        display: flex;
        align-items: center;
        gap: 10px;
        min-block-size: 34px;
        padding: 0 9px;
        border-radius: 5px;
        cursor: pointer;
      }
      li svg {
        color: var(--td-text-2);
      }
      li[aria-selected='true'] {
        background: var(--td-selected);
      }
      .words {
        min-inline-size: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .group {
        margin-inline-start: auto;
        padding-inline-start: 12px;
        flex: none;
        font-size: 12px;
        color: var(--td-text-2);
      }
      /* An arrow that goes on, not down. */
      li[data-command^='go:'] svg {
        rotate: -90deg;
      }
      :host(:dir(rtl)) li[data-command^='go:'] svg {
        rotate: 90deg;
      }
      .keys {
        display: flex;
        justify-content: flex-end;
        gap: 3px;
        flex: none;
        inline-size: 36px;
      }
      @container (max-width: 420px) {
        .keys {
          display: none;
        }
      }
      .none {
        padding: 20px 14px 22px;
        color: var(--td-text-2);
        text-align: center;
      }
      @media (forced-colors: active) {
        li[aria-selected='true'] {
          forced-color-adjust: none;
          background: Highlight;
          color: HighlightText;
        }
        li[aria-selected='true'] :is(svg, .group) {
          color: inherit;
        }
      }
    `,
  ]

  open(): void {
    if (this.dialog.open) {
      this.dialog.close()
      return
    }
    this.typed = ''
    this.at = 0
    this.dialog.showModal()
    this.requestUpdate()
  }

  override willUpdate() {
    if (!this.hasUpdated || !this.dialog.open) return
    this.#shown = this.#find()
    this.at = Math.max(0, Math.min(this.at, this.#shown.length - 1))
  }

  override updated(changed: Map<PropertyKey, unknown>) {
    if (changed.has('at') || changed.has('typed')) {
      this.renderRoot.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
    }
  }

  override render() {
    const { say, sayCount } = this.formats
    const isOpen = this.hasUpdated && this.dialog.open
    const count = this.#shown.length
    return html`
      <dialog aria-label=${say('Commands')} @close=${() => this.requestUpdate()}>
        <div class="field">
          ${icon('search')}
          <input
            type="text"
            role="combobox"
            aria-label=${say('What do you want to do?')}
            aria-expanded=${count > 0 ? 'true' : 'false'}
            aria-controls="commands"
            aria-autocomplete="list"
            aria-activedescendant=${isOpen && count > 0 ? `command-${this.at}` : nothing}
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            maxlength="200"
            placeholder=${say('A command, function, queue or task id')}
            .value=${this.typed}
            @input=${this.#onInput}
            @keydown=${this.#onKey}
          />
          <kbd>Esc</kbd>
        </div>
        <ul id="commands" role="listbox" aria-label=${say('Commands')} ?hidden=${count === 0}>
          ${isOpen ? repeat(this.#shown, ({ id }) => id, this.#renderCommand) : nothing}
        </ul>
        ${isOpen && count === 0 ? html`<p class="none">${say('There is nothing of that name.')}</p>` : nothing}
        <span class="unseen" role="status">${isOpen ? sayCount(count, '{n} command', '{n} commands') : ''}</span>
      </dialog>
    `
  }

  readonly #renderCommand = (command: PaletteCommand, index: number) => {
    return html`<li
      id="command-${index}"
      role="option"
      aria-selected=${index === this.at ? 'true' : 'false'}
      data-command=${command.id}
      @pointermove=${() => (this.at = index)}
      @click=${() => void this.#run(command)}
    >
      ${icon(command.icon)}<span class="words">${command.words}</span><span class="group">${command.group}</span
      ><span class="keys" aria-hidden="true">${keysOf(command).map((key) => html`<kbd>${key}</kbd>`)}</span>
    </li>`
  }

  #find(): readonly PaletteCommand[] {
    const commands = rankCommands(paletteCommands(this.context), this.typed, this.#recent)
    const found = foundCommands(this.typed, this.state, this.formats)
    const [tasks, search] = [found.slice(0, -1), found.slice(-1)]
    return [...tasks, ...commands.slice(0, mostShown), ...search]
  }

  readonly #onInput = (): void => {
    this.typed = this.field.value
    this.at = 0
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.isComposing) return
    const last = this.#shown.length - 1
    const to = {
      ArrowDown: this.at >= last ? 0 : this.at + 1,
      ArrowUp: this.at <= 0 ? last : this.at - 1,
      PageDown: Math.min(last, this.at + 8),
      PageUp: Math.max(0, this.at - 8),
    }[event.key]
    const isAgain = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k'
    const command = this.#shown[this.at]
    if (to !== undefined) this.at = Math.max(0, to)
    else if (isAgain) this.dialog.close()
    else if (event.key === 'Enter' && command) void this.#run(command)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  /** Closes first: the focus is then where it came from, and what opens next opens over the page. */
  async #run(command: PaletteCommand): Promise<void> {
    this.#recent = [command.id, ...this.#recent.filter((id) => id !== command.id)].slice(0, mostRecent)
    this.dialog.close()
    await this.updateComplete
    command.run(this)
  }
}

/** The keys that do the same, so that they are learned on the way. */
function keysOf({ id }: PaletteCommand): readonly string[] {
  const found = shortcuts.find(({ keys, tab }) => (tab ? `go:${tab}` === id : keyed[id] === keys[0]))
  return found?.keys ?? []
}

export const elements = { 'task-palette-dialog': PaletteDialog }
