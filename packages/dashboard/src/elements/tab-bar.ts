import type { TabName } from '@taskloom/client'
import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import { property } from 'lit/decorators.js'
import { request } from '../events.ts'
import { base, chips, tabStyles } from '../styles/controls.ts'
import { WordsController } from '../words-controller.ts'

export interface TabEntry {
  readonly name: TabName
  readonly word: string
  /** Already written for the reader; null shows none. */
  readonly count: string | null
  readonly isBad: boolean
}

/** The screens. Arrow keys move along it; one of them is in the page's tab order. */
export class TabBar extends LitElement {
  @property({ attribute: false }) entries: readonly TabEntry[] = []
  @property() active: TabName = 'view'
  readonly #words = new WordsController(this)

  static override styles = [
    base,
    chips,
    tabStyles,
    css`
      :host {
        margin-block-start: 16px;
      }
    `,
  ]

  /** The screen that is open is in view where the bar is longer than the page is wide. */
  override updated(changed: PropertyValues<this>) {
    const known = changed.get('entries')
    if (!changed.has('active') && (!known || known.length === this.entries.length)) return
    const tab = this.renderRoot.querySelector<HTMLElement>('[tabindex="0"]')
    const bar = tab?.parentElement
    if (bar) bar.scrollLeft += middleOf(tab) - middleOf(bar)
  }

  override render() {
    return html`
      <div
        class="tabs"
        part="tabs"
        role="tablist"
        aria-label=${this.#words.formats.say('Screens')}
        @keydown=${this.#onKey}
      >
        ${this.entries.map(
          ({ name, word, count, isBad }) => html`
            <button
              class="tab"
              part="tab"
              type="button"
              role="tab"
              data-tab=${name}
              aria-selected=${name === this.active ? 'true' : 'false'}
              tabindex=${name === this.active ? 0 : -1}
              @click=${() => request(this, 'request-tab', { tab: name })}
            >
              ${word}${count === null ? nothing : html`<span class="count ${isBad ? 'bad' : ''}">${count}</span>`}
            </button>
          `,
        )}
      </div>
    `
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const tabs = [...this.renderRoot.querySelectorAll<HTMLElement>('[role="tab"]')]
    const now = tabs.indexOf(event.target as HTMLElement)
    const isRightToLeft = getComputedStyle(this).direction === 'rtl'
    const forward = isRightToLeft ? 'ArrowLeft' : 'ArrowRight'
    const back = isRightToLeft ? 'ArrowRight' : 'ArrowLeft'
    const next = { [forward]: now + 1, [back]: now - 1, Home: 0, End: tabs.length - 1 }[event.key]
    if (next === undefined) return
    event.preventDefault()
    const tab = tabs[(next + tabs.length) % tabs.length]
    tab?.focus()
    tab?.click()
  }
}

function middleOf(element: Element): number {
  const { left, right } = element.getBoundingClientRect()
  return (left + right) / 2
}
