import { css, html, LitElement } from 'lit'
import { property, state } from 'lit/decorators.js'
import { icon, type IconName } from '../icons.ts'
import { base } from '../styles/controls.ts'
import { WordsController } from '../words-controller.ts'

const shownMs = 1_200

/** `<task-copy-button text="…" label="Copy id">`: copies, and says so for a moment. */
export class CopyButton extends LitElement {
  @property() text = ''
  /** What it is called, in the reader's language; `Copy` by default. */
  @property() label = ''
  /** What it shows until it is done. */
  @property() icon: IconName = 'copy'
  @state() private isDone = false
  readonly #words = new WordsController(this)
  #timer: ReturnType<typeof setTimeout> | undefined

  static override styles = [
    base,
    css`
      :host {
        display: inline-flex;
        vertical-align: middle;
      }
      button {
        display: inline-flex;
        align-items: center;
        justify-content: center;
        inline-size: 24px;
        block-size: 24px;
        padding: 0;
        border: 0;
        border-radius: 4px;
        background: none;
        color: var(--td-text-3);
        cursor: pointer;
      }
      button:hover {
        background: color-mix(in srgb, var(--td-text) 8%, transparent);
        color: var(--td-text);
      }
      svg {
        inline-size: 13px;
        block-size: 13px;
      }
    `,
  ]

  override disconnectedCallback() {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  override render() {
    const { say } = this.#words.formats
    const label = this.label || say('Copy')
    return html`
      <button type="button" aria-label=${label} title=${label} @click=${this.#copy}>
        ${icon(this.isDone ? 'check' : this.icon)}
      </button>
      <span class="unseen" role="status">${this.isDone ? say('Copied') : ''}</span>
    `
  }

  readonly #copy = async (event: Event): Promise<void> => {
    event.stopPropagation()
    this.isDone = await writeText(this.text, this.renderRoot)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => (this.isDone = false), shownMs)
  }
}

/** The clipboard exists on secure pages only; a selection that is copied works on the others. */
export async function writeText(text: string, root: ParentNode): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copySelection(text, root)
  }
}

function copySelection(text: string, root: ParentNode): boolean {
  const area = document.createElement('textarea')
  area.className = 'unseen'
  area.value = text
  root.append(area)
  area.select()
  const copied = document.execCommand('copy')
  area.remove()
  return copied
}
