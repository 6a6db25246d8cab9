import { html } from 'lit'
import { state } from 'lit/decorators.js'
import { questionOf } from '../detail/action-words.ts'
import { ConfirmDialog, type ConfirmQuestion, type ConfirmResult } from '../elements/confirm-dialog.ts'
import { request, type DialogSubjects } from '../events.ts'
import { PartElement } from '../part-element.ts'

type Subject = DialogSubjects['ask']

/** Asks before something that cannot be taken back is done to a task, and has it done after a yes. */
export class AskDialog extends PartElement {
  @state() private question: ConfirmQuestion | null = null
  #subject: Subject | null = null

  open(subject: Subject): void {
    this.#subject = subject
    this.question = questionOf(subject.offered, subject.task, this.formats)
  }

  override render() {
    return html`<task-confirm-dialog
      .question=${this.question}
      @confirm-result=${this.#onAnswer}
    ></task-confirm-dialog>`
  }

  readonly #onAnswer = (event: CustomEvent<ConfirmResult>): void => {
    event.stopPropagation()
    const { isConfirmed, reason } = event.detail
    this.question = null
    if (!isConfirmed || !this.#subject) return
    const { offered, task } = this.#subject
    request(this, 'request-action', { verb: offered.action, taskId: task.taskId, ...(reason ? { reason } : {}) })
  }
}

export const elements = { 'task-confirm-dialog': ConfirmDialog, 'task-ask-dialog': AskDialog }
