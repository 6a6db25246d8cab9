import { serverRoutes } from '@taskloom/protocol'
import { html } from 'lit'
import { query, state } from 'lit/decorators.js'
import { request, type DialogSubjects } from '../events.ts'
import { shortId } from '../format.ts'
import { PartElement, type DialogElement } from '../part-element.ts'
import { base, buttons, dialogs, inputs } from '../styles/controls.ts'

type Task = DialogSubjects['move']['task']

/** Gives a waiting task another place: the queue it waits in, and before which others it is taken there. */
export class MoveDialog extends PartElement implements DialogElement {
  @state() private task: Task | null = null
  @state() private queue = ''
  @state() private priority = ''
  @state() private reason = ''
  @query('dialog') private readonly dialog!: HTMLDialogElement

  static override styles = [base, buttons, dialogs, inputs]

  open(subject: unknown): void {
    const { task } = subject as DialogSubjects['move']
    this.task = task
    this.queue = task.queue
    this.priority = task.priority === null ? '' : String(task.priority)
    this.reason = ''
    if (!this.dialog.open) this.dialog.showModal()
  }

  override render() {
    const { say } = this.formats
    const { task } = this
    const words = { function: task?.funcName.slice(0, 80) ?? '', id: shortId(task?.taskId ?? '') }
    return html`
      <dialog aria-labelledby="heading">
        <form @submit=${this.#onSubmit}>
          <div class="dialog-body">
            <h2 id="heading">${say('Move {function} · {id}', words)}</h2>
            <p class="muted">${say('Of the tasks that wait, those with the highest priority start first.')}</p>
            <label class="field"
              ><span>${say('Queue')}</span
              ><input
                class="text queue"
                required
                maxlength="100"
                list="queues"
                autocomplete="off"
                .value=${this.queue}
                @input=${(event: Event) => (this.queue = valueOf(event))}
            /></label>
            <datalist id="queues">
              ${this.state.queues.map(({ queue }) => html`<option value=${queue}></option>`)}
            </datalist>
            <label class="field"
              ><span>${say('Priority (empty for none)')}</span
              ><input
                class="text priority"
                type="number"
                step="1"
                min="-1000000000"
                max="1000000000"
                .value=${this.priority}
                @input=${(event: Event) => (this.priority = valueOf(event))}
            /></label>
            <label class="field"
              ><span>${say('Reason (optional)')}</span
              ><input
                class="text reason"
                maxlength="300"
                autocomplete="off"
                .value=${this.reason}
                @input=${(event: Event) => (this.reason = valueOf(event))}
            /></label>
          </div>
          <div class="dialog-actions">
            <button class="btn" type="button" @click=${() => this.dialog.close()}>${say('Not now')}</button>
            <button class="btn ink" type="submit" ?disabled=${!this.#isOther}>${say('Move')}</button>
          </div>
        </form>
      </dialog>
    `
  }

  get #priority(): number | null {
    return this.priority === '' ? null : Number(this.priority)
  }

  get #isOther(): boolean {
    return this.queue !== this.task?.queue || this.#priority !== this.task.priority
  }

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault()
    const { task, queue, reason } = this
    if (!task) return
    const body = {
      ...(queue === task.queue ? {} : { queue }),
      ...(this.#priority === task.priority ? {} : { priority: this.#priority }),
      ...(reason.trim() ? { reason: reason.trim() } : {}),
    }
    const { taskId, funcName } = task
    const done = {
      text: '{function} · {id} is moved',
      values: { function: funcName.slice(0, 80), id: shortId(taskId) },
    }
    request(this, 'request-command', {
      command: {
        ...{ route: serverRoutes.move, action: 'move', key: `move:${taskId}` },
        ...{ at: { task_id: taskId }, body, taskIds: [taskId], done },
      },
    })
    this.dialog.close()
  }
}

function valueOf(event: Event): string {
  return (event.target as HTMLInputElement).value
}

export const elements = { 'task-move-dialog': MoveDialog }
