import type { WordTable } from '@taskloom/client'
import { css, html, LitElement } from 'lit'
import { property } from 'lit/decorators.js'
import { icon, type IconName } from '../icons.ts'
import { base } from '../styles/base.ts'
import { WordsController } from '../words-controller.ts'

const icons: Readonly<Record<string, IconName>> = {
  pending: 'clock',
  running: 'running',
  success: 'check',
  failed: 'alert',
  interrupted: 'zap',
  cancelled: 'ban',
}
const words = {
  pending: 'Pending',
  running: 'Running',
  success: 'Success',
  failed: 'Failed',
  interrupted: 'Interrupted',
  cancelled: 'Cancelled',
} satisfies WordTable

/** The English word for a status, to be said in the reader's language; one from a newer server is shown as it is. */
export function statusWord(status: string): string {
  return Object.hasOwn(words, status) ? words[status as keyof typeof words] : status.slice(0, 40)
}

/**
 * `<task-status-badge status="failed">`: icon and word. Only what needs eyes (failed, running, interrupted) is tinted;
 * a status that is not known renders neutral, with its own name.
 */
export class StatusBadge extends LitElement {
  @property({ reflect: true }) status = ''
  readonly #words = new WordsController(this)

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
    const name = (Object.hasOwn(icons, this.status) && icons[this.status]) || 'unknown'
    return html`<span>${icon(name)}<b>${this.#words.formats.say(statusWord(this.status))}</b></span>`
  }
}
