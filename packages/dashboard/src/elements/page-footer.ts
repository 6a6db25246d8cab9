import type { ListState } from '@taskloom/client'
import { css, html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { request } from '../events.ts'
import type { Formats } from '../format.ts'
import { icon } from '../icons.ts'
import { base, buttons } from '../styles/controls.ts'

/** Where in the list the page is, how to leave it, and what may be done with the rows that are selected. */
export class PageFooter extends LitElement {
  @property({ attribute: false }) list!: ListState
  /** `1–30 of 128,401` */
  @property() words = ''
  @property({ type: Boolean }) isNewestFirst = true
  @property({ type: Boolean }) isFirstPage = true
  @property({ type: Number, reflect: true, attribute: 'selected-count' }) selectedCount = 0
  @property({ type: Boolean }) isRetrying = false
  @property({ attribute: false }) formats!: Formats

  static override styles = [
    base,
    buttons,
    css`
      :host([selected-count]:not([selected-count='0'])) {
        position: sticky;
        inset-block-end: 8px;
        z-index: 1;
      }
      .foot {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 10px;
        min-block-size: 48px;
        padding: 9px 2px;
        color: var(--td-text-2);
      }
      .bulk {
        margin-block-start: 8px;
        padding-inline: 12px 8px;
        background: var(--td-raised);
        border: 1px solid var(--td-line);
        border-radius: var(--td-radius);
        color: var(--td-text);
      }
      b {
        font-weight: 560;
      }
    `,
  ]

  override render() {
    return this.selectedCount > 0 ? this.#renderBulk() : this.#renderPaging()
  }

  #renderBulk() {
    return html`
      <div class="foot bulk" part="bulk" role="group" aria-label="Selected tasks">
        <b role="status">${this.formats.count(this.selectedCount)} selected</b>
        <button
          class="btn ink"
          type="button"
          ?disabled=${this.isRetrying}
          @click=${() => request(this, 'request-retry-selected', {})}
        >
          ${icon('retry')}Retry selected
        </button>
        <span class="spacer"></span>
        <button class="btn ghost" type="button" @click=${() => request(this, 'request-clear-selection')}>
          Clear selection
        </button>
      </div>
    `
  }

  #renderPaging() {
    const { nextCursor, waitingCount } = this.list
    const [first, previous, next] = this.isNewestFirst ? ['Newest', 'Newer', 'Older'] : ['First', 'Previous', 'Next']
    return html`
      <div class="foot" part="footer">
        <span>${this.words}</span>
        ${
          waitingCount > 0
            ? html`<button class="btn" type="button" @click=${() => request(this, 'request-hold', { isHeld: false })}>
                Show ${this.formats.count(waitingCount)} ${waitingCount === 1 ? 'change' : 'changes'}
              </button>`
            : nothing
        }
        <span class="spacer"></span>
        <button class="btn ghost" type="button" ?disabled=${this.isFirstPage} @click=${() => this.#go('first')}>
          ${first}
        </button>
        <button class="btn" type="button" ?disabled=${this.isFirstPage} @click=${() => this.#go('prev')}>
          ${previous}
        </button>
        <button class="btn" type="button" ?disabled=${nextCursor === null} @click=${() => this.#go('next')}>
          ${next}
        </button>
      </div>
    `
  }

  #go(to: 'first' | 'prev' | 'next'): void {
    request(this, 'request-page', { to })
  }
}
