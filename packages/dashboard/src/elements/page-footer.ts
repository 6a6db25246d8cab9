import type { ListState } from '@taskloom/client'
import { css, html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { request } from '../events.ts'
import type { Formats } from '../format.ts'
import { base, buttons } from '../styles/controls.ts'

/** Where in the list the page is, and how to leave it. */
export class PageFooter extends LitElement {
  @property({ attribute: false }) list!: ListState
  /** `1–30 of 128,401` */
  @property() words = ''
  @property({ type: Boolean }) isNewestFirst = true
  @property({ type: Boolean }) isFirstPage = true
  @property({ attribute: false }) formats!: Formats

  static override styles = [
    base,
    buttons,
    css`
      .foot {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 10px;
        min-block-size: 48px;
        padding: 9px 2px;
        color: var(--td-text-2);
      }
    `,
  ]

  override render() {
    const { nextCursor, waitingCount } = this.list
    const { say } = this.formats
    const [first, previous, next] = this.isNewestFirst
      ? [say('Newest'), say('Newer'), say('Older')]
      : [say('First'), say('Previous'), say('Next')]
    return html`
      <div class="foot" part="footer">
        <span>${this.words}</span>
        ${
          waitingCount > 0
            ? html`<button class="btn" type="button" @click=${() => request(this, 'request-hold', { isHeld: false })}>
                ${this.formats.sayCount(waitingCount, 'Show {n} change', 'Show {n} changes')}
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
