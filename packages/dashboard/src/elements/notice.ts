import { css, html, LitElement } from 'lit'
import { property } from 'lit/decorators.js'
import { icon, type IconName } from '../icons.ts'
import { base } from '../styles/controls.ts'

/** A state that fills the place of rows: an icon, a sentence, an explanation, and what to do (slotted). */
export class Notice extends LitElement {
  @property() icon: IconName = 'inbox'
  @property() heading = ''
  @property() text = ''
  /** `bad` when something is wrong. */
  @property({ reflect: true }) tone = ''

  static override styles = [
    base,
    css`
      .notice {
        display: grid;
        justify-items: center;
        gap: 6px;
        padding: 56px 20px 60px;
        text-align: center;
      }
      .notice > svg {
        inline-size: 22px;
        block-size: 22px;
        stroke-width: 1.2;
        color: var(--td-text-3);
        margin-block-end: 4px;
      }
      :host([tone='bad']) .notice > svg {
        color: var(--td-failed);
      }
      strong {
        font-weight: 580;
      }
      p {
        max-inline-size: 56ch;
        color: var(--td-text-2);
        overflow-wrap: anywhere;
      }
      ::slotted(*) {
        margin-block-start: 10px;
      }
    `,
  ]

  override render() {
    return html`
      <div class="notice" part="notice">
        ${icon(this.icon)}<strong>${this.heading}</strong>
        <p>${this.text.slice(0, 600)}</p>
        <slot></slot>
      </div>
    `
  }
}
