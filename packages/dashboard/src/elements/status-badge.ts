import { css, html, LitElement } from 'lit'
import { property } from 'lit/decorators.js'
import { icon, type IconName } from '../icons.ts'
import { base } from '../styles/controls.ts'

const looks: Readonly<Record<string, { readonly icon: IconName; readonly word: string }>> = {
  pending: { icon: 'clock', word: 'Pending' },
  running: { icon: 'running', word: 'Running' },
  success: { icon: 'check', word: 'Success' },
  failed: { icon: 'alert', word: 'Failed' },
  interrupted: { icon: 'zap', word: 'Interrupted' },
  cancelled: { icon: 'ban', word: 'Cancelled' },
}

/** The word a reader sees for a status; one from a newer server is shown as it is. */
export function statusWord(status: string): string {
  return Object.hasOwn(looks, status) ? (looks[status]?.word ?? status) : status.slice(0, 40)
}

/**
 * `<task-status-badge status="failed">`: icon and word. Only what needs eyes (failed, running, interrupted) is tinted;
 * a status that is not known renders neutral, with its own name.
 */
export class StatusBadge extends LitElement {
  @property({ reflect: true }) status = ''

  static override styles = [
    base,
    css`
      :host {
        display: inline-flex;
        max-inline-size: 100%;
        vertical-align: middle;
        color: var(--td-pending);
      }
      span {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        min-inline-size: 0;
        block-size: 22px;
        border-radius: 5px;
        font-size: 12px;
        line-height: 20px;
        font-weight: 520;
        white-space: nowrap;
      }
      b {
        font-weight: inherit;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      svg {
        inline-size: 13px;
        block-size: 13px;
        stroke-width: 1.8;
      }
      :host([status='running']) span,
      :host([status='failed']) span,
      :host([status='interrupted']) span {
        padding-inline: 6px 8px;
      }
      :host([status='running']) {
        color: var(--td-running);
      }
      :host([status='running']) span {
        background: var(--td-running-bg);
      }
      :host([status='failed']) {
        color: var(--td-failed);
      }
      :host([status='failed']) span {
        background: var(--td-failed-bg);
      }
      :host([status='interrupted']) {
        color: var(--td-interrupted);
      }
      :host([status='interrupted']) span {
        background: var(--td-interrupted-bg);
      }
      :host([status='success']) {
        color: var(--td-success);
      }
      :host([status='cancelled']) {
        color: var(--td-cancelled);
      }
    `,
  ]

  override render() {
    const name = Object.hasOwn(looks, this.status) ? (looks[this.status]?.icon ?? 'unknown') : 'unknown'
    return html`<span>${icon(name)}<b>${statusWord(this.status)}</b></span>`
  }
}
