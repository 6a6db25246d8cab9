import { css, html, nothing } from 'lit'
import { directionOf } from '../host/language.ts'
import { Sibling } from './sibling.ts'
import { TaskElement } from './task-element.ts'

/**
 * `<task-status src="/tasks" task-id="…">`: the status of one task, as a word with an icon, in a line of text.
 *
 * @fires {CustomEvent} task-change - something new is known of the task
 * @fires {CustomEvent} task-end - the task has ended
 * @fires {CustomEvent} task-error - the server refuses, does not know the task, or is not there
 * @slot pending - shown beside the status while the task waits
 * @slot running - shown while it runs
 * @slot success - shown once it has succeeded
 * @slot failed - shown once it has failed
 * @slot interrupted - shown once it was interrupted
 * @slot cancelled - shown once it was called off
 * @slot unknown - shown in a status that this version does not know
 * @slot problem - shown when there is nothing to show of the task
 * @csspart root - everything
 * @csspart status - the status
 * @csspart problem - the words when there is nothing to show of the task
 * @csspart stale - the mark that what is shown may be old
 */
export class TaskStatusElement extends TaskElement {
  static override styles = [
    Sibling.styles,
    css`
      :host {
        display: inline-block;
        max-inline-size: 100%;
        vertical-align: middle;
      }
      .root {
        display: inline-flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 2px 8px;
        max-inline-size: 100%;
        min-block-size: 22px;
      }
      .words {
        display: inline-flex;
        align-items: center;
        gap: 8px;
        min-inline-size: 0;
      }
      .skeleton {
        inline-size: 72px;
        block-size: 14px;
      }
    `,
  ]

  override render() {
    const { task } = this.view
    const problem = this.renderProblem()
    const isLoading = !problem && !task
    const { language } = this.formats
    return html`<span class="root" part="root" lang=${language} dir=${directionOf(language)}
      ><span class="words" role="status" aria-busy=${isLoading ? 'true' : 'false'}
        >${problem ?? (task ? html`<task-status-badge part="status" status=${task.status}></task-status-badge>` : nothing)}${
          isLoading
            ? html`<i class="skeleton" aria-hidden="true"></i
                ><span class="unseen">${this.formats.say('Loading')}</span>`
            : nothing
        }</span
      >${this.renderStale()}${this.renderSlot()}</span
    >`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'task-status': TaskStatusElement
  }
}
