import { css, html, LitElement } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import { base, buttons } from '../styles/controls.ts'
import { icon } from '../icons.ts'

/**
 * A button with a popover below it: `<task-menu label="Status"><span slot="label">Status</span>…items…</task-menu>`.
 * Fires `menu-open`. The browser gives it light dismissal, Escape and the top layer; what is in it belongs to whoever wrote it.
 */
export class Menu extends LitElement {
  /** What the button is called; also names the popover. */
  @property() label = ''
  @property({ type: Boolean, attribute: 'icon-only' }) isIconOnly = false
  /** `tall` in filter rows, `ghost` in headers. */
  @property() look = ''
  @state() private isOpen = false
  @query('button') private readonly button!: HTMLButtonElement
  @query('[popover]') private readonly panel!: HTMLElement

  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: inline-block;
        flex: none;
      }
      .caret,
      ::slotted([slot='label']) {
        display: flex;
        align-items: center;
      }
      [popover] {
        position: fixed;
        inset: auto;
        margin: 0;
        padding: 0;
        border: 1px solid var(--td-line);
        border-radius: var(--td-radius);
        background: var(--td-raised);
        color: var(--td-text);
        font: inherit;
        box-shadow: 0 8px 28px rgb(0 0 0 / 0.14);
        overflow: visible;
      }
    `,
  ]

  readonly #resizes = new ResizeObserver(() => this.#place())

  override disconnectedCallback() {
    super.disconnectedCallback()
    this.#stopFollowing()
  }

  close(): void {
    if (this.isOpen) this.panel.hidePopover()
  }

  override render() {
    return html`
      <button
        class="btn ${this.look} ${this.isIconOnly ? 'icon' : ''}"
        type="button"
        part="menu-button"
        aria-label=${this.isIconOnly ? this.label : ''}
        title=${this.isIconOnly ? this.label : ''}
        aria-haspopup="dialog"
        aria-expanded=${this.isOpen ? 'true' : 'false'}
        @click=${() => this.panel.togglePopover()}
      >
        <slot name="label"></slot>
        ${this.isIconOnly ? '' : html`<span class="caret">${icon('down')}</span>`}
      </button>
      <div popover="auto" role="dialog" aria-label=${this.label} @toggle=${this.#onToggle}><slot></slot></div>
    `
  }

  readonly #onToggle = (event: ToggleEvent): void => {
    this.isOpen = event.newState === 'open'
    if (!this.isOpen) return this.#stopFollowing()
    this.dispatchEvent(new CustomEvent('menu-open'))
    this.#place()
    // What is in it may come later.
    this.#resizes.observe(this.panel)
    window.addEventListener('scroll', this.#place, { capture: true, passive: true })
    window.addEventListener('resize', this.#place, { passive: true })
    this.#focusFirst()
  }

  /** Below the button, at whichever of its edges there is room; over the button where there is none below or above. */
  readonly #place = (): void => {
    const anchor = this.button.getBoundingClientRect()
    const panel = this.panel.getBoundingClientRect()
    const isRightToLeft = getComputedStyle(this).direction === 'rtl'
    const [most, lowest] = [window.innerWidth - panel.width - 8, window.innerHeight - panel.height - 8]
    const toEnd = anchor.right - panel.width
    const left = isRightToLeft || anchor.left > most ? toEnd : anchor.left
    const [below, above] = [anchor.bottom + 4, anchor.top - panel.height - 4]
    this.panel.style.left = `${Math.max(8, Math.min(left, most))}px`
    this.panel.style.top = `${below > lowest && above > 8 ? above : Math.min(below, lowest)}px`
  }

  #focusFirst(): void {
    const first = this.querySelector<HTMLElement>(
      'input:not([type=radio]:not(:checked)), button, select, [tabindex="0"]',
    )
    first?.focus({ preventScroll: true })
  }

  #stopFollowing(): void {
    this.#resizes.disconnect()
    window.removeEventListener('scroll', this.#place, { capture: true })
    window.removeEventListener('resize', this.#place)
  }
}
